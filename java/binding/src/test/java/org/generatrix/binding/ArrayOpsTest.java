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

class ArrayOpsTest {
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

  private static long[] longs(long... values) {
    return values;
  }

  private static void refused(String part, Executable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void copiesAlongStrides() {
    View x = floats(1, 2, 3, 4, 5, 6);
    View y = floats(0, 0, 0, 0, 0, 0, 9);
    ArrayOps.copyStrided(device, longs(3, 2), 0, longs(1, 3), x, 0, longs(2, 1), y);
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6, 9}, values(y));
    View part = new View(y.buffer(), 1, 3, Format.FLOAT32);
    ArrayOps.copyStrided(device, longs(2), 5, longs(-1), x, 1, longs(1), part);
    assertArrayEquals(new float[] {1, 4, 6, 5, 3, 6, 9}, values(y));
    refused(
        "2 strides, one per axis, got 1 and 2",
        () -> ArrayOps.copyStrided(device, longs(3, 2), 0, longs(1), x, 0, longs(2, 1), y));
    refused(
        "at most 8 axes",
        () -> ArrayOps.copyStrided(device, new long[9], 0, new long[9], x, 0, new long[9], y));
    refused(
        "must be in [0, 3)",
        () -> ArrayOps.copyStrided(device, longs(4), 0, longs(1), x, 0, longs(1), part));
    refused(
        "like the others",
        () -> ArrayOps.copyStrided(device, longs(2), 0, longs(1), x, 0, longs(1), doubles(2)));
  }

  @Test
  void gathersAndScatters() {
    View x = floats(1, 2, 3, 4, 5, 6);
    View y = floats(new float[6]);
    ArrayOps.gather(device, 1, 3, 2, x, longs(2, 0, 2), y);
    assertArrayEquals(new float[] {5, 6, 1, 2, 5, 6}, values(y));
    View dx = floats(9, 9, 9, 9, 9, 9);
    ArrayOps.gatherBackward(device, 1, 3, 2, y, longs(2, 0, 2), dx);
    assertArrayEquals(new float[] {1, 2, 0, 0, 10, 12}, values(dx));
    ArrayOps.oneHot(device, 3, longs(1, 2), y);
    assertArrayEquals(new float[] {0, 1, 0, 0, 0, 1}, values(y));
    refused("at least 8", () -> ArrayOps.gather(device, 1, 3, 2, x, new long[4], y));
    refused("at least 8", () -> ArrayOps.gatherBackward(device, 1, 4, 2, y, longs(0), dx));
    refused("index[0]", () -> ArrayOps.oneHot(device, 2, longs(2), y));
    refused("below 2^63", () -> ArrayOps.gather(device, 1L << 40, 3, 1L << 40, x, longs(0), y));
  }

  @Test
  void convertsAndFills() {
    View x = floats(1, 2, 3);
    View wide = doubles(3);
    ArrayOps.convert(device, x, wide);
    ArrayOps.fill(device, 7, x);
    assertArrayEquals(new float[] {7, 7, 7}, values(x));
    ArrayOps.convert(device, wide, x);
    assertArrayEquals(new float[] {1, 2, 3}, values(x));
    ArrayOps.arange(device, 1, -0.5, x);
    assertArrayEquals(new float[] {1, 0.5f, 0}, values(x));
    refused("at least 3", () -> ArrayOps.convert(device, doubles(2), x));
    refused("step must be finite", () -> ArrayOps.arange(device, 0, Double.NaN, x));
  }

  @Test
  void statesMayBeginInsideABuffer() {
    View x = floats(9, 9, 0, 1, 1, 0);
    States from = new States(x.buffer(), 8, 2, 2, Format.FLOAT32);
    View mean = floats(0, 0);
    StateOps.mean(device, from.firstRows(1), mean.buffer());
    assertArrayEquals(new float[] {0, 1}, values(mean));
    refused("from byte 12", () -> new States(x.buffer(), 12, 2, 2, Format.FLOAT32));
    refused("from byte -4", () -> new States(x.buffer(), -4, 2, 2, Format.FLOAT32));
  }
}
