// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** That the facade hands every operand and every field of the params to its place. */
class ConvTest {
  private static final long[] ONES = {1, 1, 1};
  private static final long[] ZEROS = {0, 0, 0};
  private final Device device = Device.cpu(1);
  private final List<DeviceBuffer> buffers = new ArrayList<>();

  @AfterEach
  void everythingIsFreed() {
    buffers.forEach(DeviceBuffer::close);
    assertEquals(0, device.memory().live());
    device.close();
  }

  private View floats(float... values) {
    DeviceBuffer buffer = device.allocate(4L * values.length);
    buffers.add(buffer);
    buffer.write(0, FloatBuffer.wrap(values));
    return new View(buffer, 0, values.length, Format.FLOAT32);
  }

  private View doubles(int count) {
    DeviceBuffer buffer = device.allocate(8L * count);
    buffers.add(buffer);
    return new View(buffer, 0, count, Format.FLOAT64);
  }

  private static float[] values(View view) {
    FloatBuffer values = FloatBuffer.allocate((int) view.count());
    view.buffer().read(4 * view.offset(), values);
    return values.array();
  }

  private static void refused(String part, Executable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static long[] along(long depth, long height, long width) {
    return new long[] {depth, height, width};
  }

  /** One channel along one axis. */
  private static Conv.Shape line(
      boolean transposed, long in, long kernel, long stride, long padding, long outputPadding) {
    return new Conv.Shape(
        transposed,
        1,
        1,
        1,
        1,
        along(1, 1, in),
        along(1, 1, kernel),
        along(1, 1, stride),
        along(0, 0, padding),
        ONES,
        along(0, 0, outputPadding),
        Activation.NONE,
        0,
        new long[4],
        0,
        false);
  }

  private static Conv.Shape with(Conv.Shape s, Activation f, double p, long taps) {
    return new Conv.Shape(
        s.transposed(),
        s.batch(),
        s.inChannels(),
        s.outChannels(),
        s.groups(),
        s.inSize(),
        s.kernel(),
        s.stride(),
        s.padding(),
        s.dilation(),
        s.outputPadding(),
        f,
        p,
        new long[] {taps, 0, 0, 0},
        0,
        false);
  }

  @Test
  void aConvolutionAndItsTranspose() {
    View w = floats(1, 2, 3);
    View y = floats(new float[3]);
    Conv.conv(device, line(false, 5, 3, 1, 0, 0), floats(1, 0, 0, 2, 1), w, null, null, y);
    assertArrayEquals(new float[] {1, 6, 7}, values(y));
    Conv.conv(
        device,
        with(line(false, 5, 3, 1, 0, 0), Activation.LEAKY_RELU, 0.5, 0),
        floats(1, 0, 0, 2, 1),
        w,
        floats(-5),
        null,
        y);
    assertArrayEquals(new float[] {-2, 1, 2}, values(y));
    Conv.Shape up = line(true, 2, 3, 2, 1, 1);
    assertArrayEquals(along(1, 1, 4), Conv.outSize(up));
    View four = floats(new float[4]);
    Conv.conv(device, up, floats(1, 10), w, null, null, four);
    assertArrayEquals(new float[] {2, 13, 20, 30}, values(four));
    Conv.conv(device, with(up, Activation.NONE, 0, 0b101), floats(1, 10), w, null, null, four);
    assertArrayEquals(new float[] {0, 13, 0, 30}, values(four));
  }

  @Test
  void everyFieldArrives() {
    // Two examples of two groups in three axes; what comes out is told apart by its shape alone.
    Conv.Shape s =
        new Conv.Shape(
            false,
            2,
            4,
            6,
            2,
            along(5, 9, 14),
            along(2, 3, 4),
            along(1, 2, 3),
            along(0, 1, 2),
            along(3, 2, 1),
            ZEROS,
            Activation.NONE,
            0,
            new long[4],
            0,
            false);
    assertArrayEquals(along(2, 4, 5), Conv.outSize(s));
    View x = floats(new float[2 * 4 * 5 * 9 * 14]);
    View w = floats(new float[6 * 2 * 24]);
    View b = floats(1, 2, 3, 4, 5, 6);
    View y = floats(new float[2 * 6 * 40]);
    Conv.conv(device, s, x, w, b, null, y);
    assertEquals(1, values(y)[0]);
    assertEquals(6, values(y)[2 * 6 * 40 - 1]);
    refused("expected x", () -> Conv.conv(device, s, b, w, b, null, y));
    refused("expected W", () -> Conv.conv(device, s, x, b, b, null, y));
    refused("expected b", () -> Conv.conv(device, s, x, w, floats(1), null, y));
    refused("expected y", () -> Conv.conv(device, s, x, w, b, null, b));
    refused("like the others", () -> Conv.conv(device, s, x, doubles(288), b, null, y));
    refused("W", () -> Conv.conv(device, s, x, null, b, null, y));
  }

  /** The tap in the middle of a 1 x 1 kernel, two colours of one channel. */
  @Test
  void colours() {
    for (boolean strict : new boolean[] {false, true}) {
      Conv.Shape s =
          new Conv.Shape(
              false,
              1,
              2,
              2,
              1,
              ONES,
              ONES,
              ONES,
              ZEROS,
              ONES,
              ZEROS,
              Activation.NONE,
              0,
              new long[4],
              2,
              strict);
      View y = floats(0, 0);
      Conv.conv(device, s, floats(1, 10), floats(1, 2, 3, 4), null, null, y);
      assertArrayEquals(strict ? new float[] {0, 3} : new float[] {1, 43}, values(y));
    }
  }

  @Test
  void gradients() {
    Conv.Shape s = line(false, 5, 3, 1, 0, 0);
    View x = floats(1, 2, 3, 4, 5);
    View dw = floats(0, 0, 0);
    Conv.weightGradient(device, s, x, floats(1, 0, 10), dw);
    assertArrayEquals(new float[] {31, 42, 53}, values(dw));
    refused("expected dz", () -> Conv.weightGradient(device, s, x, floats(1), dw));
    refused("expected dW", () -> Conv.weightGradient(device, s, x, dw, floats(1)));
    refused("expected x", () -> Conv.weightGradient(device, s, dw, dw, dw));

    Conv.Bias p = new Conv.Bias(2, 2, 2, Activation.LEAKY_RELU, 0.5);
    View y = floats(1, -1, 1, 1, 1, 1, -1, -1);
    View dy = floats(1, 2, 3, 4, 5, 6, 7, 8);
    View dz = floats(new float[8]);
    View db = floats(0, 0);
    Conv.biasGradient(device, p, dy, y, dz, db);
    assertArrayEquals(new float[] {1, 1, 3, 4, 5, 6, 3.5f, 4}, values(dz));
    assertArrayEquals(new float[] {13, 14.5f}, values(db));
    Conv.biasGradient(device, p, dy, y, dy, null);
    assertArrayEquals(values(dz), values(dy));
    refused("y", () -> Conv.biasGradient(device, p, dy, null, dz, db));
    refused("expected db", () -> Conv.biasGradient(device, p, dy, y, dz, floats(1)));
    refused("expected dz", () -> Conv.biasGradient(device, p, dy, y, db, null));
    refused("expected dy", () -> Conv.biasGradient(device, p, db, y, dz, null));
  }

  @Test
  void packedWeightsGiveTheSame() {
    Conv.Shape s = line(false, 5, 3, 1, 0, 0);
    View w = floats(1, 2, 3);
    View x = floats(1, 0, 0, 2, 1);
    View y = floats(0, 0, 0);
    assertEquals(0, Conv.packingOf(device, Format.FLOAT64, s).bytes());
    Conv.Packing packing = Conv.packingOf(device, Format.FLOAT32, s);
    assertEquals(packing, Conv.packingOf(device, Format.FLOAT32, line(false, 9, 3, 1, 0, 0)));
    View packed = floats(new float[Math.max(1, (int) (packing.bytes() / 4))]);
    Conv.pack(device, s, w, packed);
    Conv.conv(device, s, x, packing.bytes() == 0 ? w : null, null, packed, y);
    assertArrayEquals(new float[] {1, 6, 7}, values(y));
    refused("expected W", () -> Conv.pack(device, s, floats(1), packed));
    if (packing.bytes() > 0) {
      refused("expected packed", () -> Conv.conv(device, s, x, w, null, floats(1), y));
      refused("expected packed", () -> Conv.pack(device, s, w, floats(1)));
    }
  }

  @Test
  void refusesBadShapes() {
    refused("kernel", () -> Conv.outSize(line(false, 5, 0, 1, 0, 0)));
    refused("at least 1 pixel", () -> Conv.outSize(line(false, 2, 3, 1, 0, 0)));
    refused("output_padding", () -> Conv.outSize(line(true, 2, 3, 2, 0, 2)));
    refused(
        "live taps", () -> Conv.outSize(with(line(false, 5, 3, 1, 0, 0), Activation.NONE, 0, 8)));
    refused(
        "activation_p",
        () -> Conv.outSize(with(line(false, 5, 3, 1, 0, 0), Activation.ELU, -1, 0)));
    refused("kernel", () -> Conv.packingOf(device, Format.FLOAT32, line(false, 5, 0, 1, 0, 0)));
    refused(
        "3 axes",
        () ->
            new Conv.Shape(
                false,
                1,
                1,
                1,
                1,
                new long[2],
                ONES,
                ONES,
                ZEROS,
                ONES,
                ZEROS,
                Activation.NONE,
                0,
                new long[4],
                0,
                false));
    refused(
        "4 words",
        () ->
            new Conv.Shape(
                false,
                1,
                1,
                1,
                1,
                ONES,
                ONES,
                ONES,
                ZEROS,
                ONES,
                ZEROS,
                Activation.NONE,
                0,
                new long[1],
                0,
                false));
  }

  @Test
  void writesAreCounted() {
    View v = floats(1, 2);
    long before = v.buffer().version();
    v.buffer().write(0, new float[] {3}, 0, 1);
    long after = v.buffer().version();
    assertTrue(after > before);
    values(v);
    assertEquals(after, v.buffer().version());
    v.buffer().copyFrom(0, floats(5).buffer(), 0, 4);
    assertTrue(v.buffer().version() > after);
  }
}
