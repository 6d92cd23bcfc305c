// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.binding.Coupling.Base;
import org.generatrix.binding.Coupling.Examples;
import org.generatrix.binding.Coupling.Pattern;
import org.generatrix.binding.Coupling.Scale;
import org.generatrix.binding.abi.Abi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** That every field and array arrives; the kernels' own tests have the numbers. */
class CouplingTest {
  private static final Rng RNG = new Rng(1, 2);
  private static final Examples SPAN = new Examples(2, 1, 1, 4, Pattern.SPAN, 0, 2, 4);

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
    buffer.write(0, values, 0, values.length);
    return new View(buffer, 0, values.length, Format.FLOAT32);
  }

  private View doubles(double... values) {
    DeviceBuffer buffer = device.allocate(8L * values.length);
    buffers.add(buffer);
    buffer.write(0, values, 0, values.length);
    return new View(buffer, 0, values.length, Format.FLOAT64);
  }

  private States bits(int... words) {
    DeviceBuffer buffer = device.allocate(4L * words.length);
    buffers.add(buffer);
    buffer.write(0, words, 0, words.length);
    return new States(buffer, 1, 4, Format.BITS);
  }

  private static void expect(View view, double... values) {
    double[] got = new double[values.length];
    if (view.format() == Format.FLOAT64) {
      view.buffer().read(0, got, 0, got.length);
    } else {
      float[] narrow = new float[got.length];
      view.buffer().read(0, narrow, 0, got.length);
      for (int i = 0; i < got.length; i++) {
        got[i] = narrow[i];
      }
    }
    assertArrayEquals(values, got, 1e-6);
  }

  private static void refused(String part, Executable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void constantsAreThoseOfTheHeader() {
    assertEquals(Abi.GX_COUPLING_BITS, Pattern.BITS.ordinal());
    assertEquals(Abi.GX_BASE_LOGISTIC, Base.LOGISTIC.ordinal());
    assertEquals(Abi.GX_SCALE_SIGMOID, Scale.SIGMOID.ordinal());
  }

  @Test
  void affineInOneArrayAndInTwo() {
    View x = floats(1, 2, 3, 4, 5, 6, 7, 8);
    View st = floats(0, (float) Math.log(2), 10, 20, 0, 0, 30, 40);
    View t = new View(st.buffer(), 2, 6, Format.FLOAT32);
    View y = floats(new float[8]);
    View in = doubles(1, 2);
    View out = doubles(0, 0);
    Coupling.Affine p = new Coupling.Affine(SPAN, Scale.EXP, 0, 4, false, Base.NONE);
    Coupling.affine(device, p, null, x, st, t, null, in, y, out);
    expect(y, 1, 2, 13, 28, 5, 6, 37, 48);
    expect(out, 1 + Math.log(2), 2);
    Coupling.Affine back = new Coupling.Affine(SPAN, Scale.EXP, 0, 4, true, Base.NONE);
    Coupling.affine(device, back, null, y, st, t, null, out, x, out);
    expect(x, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(out, 1, 2);

    View dst = floats(new float[8]);
    View dt = new View(dst.buffer(), 2, 6, Format.FLOAT32);
    View dy = floats(1, 1, 1, 1, 1, 1, 1, 1);
    View dx = floats(new float[8]);
    Coupling.affineBackward(
        device, p, null, x, st, t, null, dy, doubles(1, 100), dx, dst, dt, null);
    expect(dx, 1, 1, 1, 2, 1, 1, 1, 1);
    expect(dst, 4, 9, 1, 1, 107, 108, 1, 1);

    refused(
        "s of at least 6 elements, got 5",
        () ->
            Coupling.affine(
                device,
                p,
                null,
                x,
                new View(st.buffer(), 0, 5, Format.FLOAT32),
                t,
                null,
                in,
                y,
                out));
    refused(
        "t of at least 6 elements, got 5",
        () ->
            Coupling.affine(
                device,
                p,
                null,
                x,
                st,
                new View(st.buffer(), 3, 5, Format.FLOAT32),
                null,
                in,
                y,
                out));
    refused(
        "log_det_in as FLOAT64", () -> Coupling.affine(device, p, null, x, st, t, null, x, y, out));
    refused(
        "log_det_out of at least 2",
        () -> Coupling.affine(device, p, null, x, st, t, null, in, y, doubles(1)));
    refused(
        "y of at least 8",
        () -> Coupling.affine(device, p, null, x, st, t, null, in, floats(1), out));
    refused(
        "dt of at least 6",
        () ->
            Coupling.affineBackward(
                device, p, null, x, st, t, null, dy, null, dx, dst, floats(1), null));
  }

  @Test
  void everyPatternAndAnAmplitude() {
    View x = floats(1, 2, 3, 4);
    View t = floats(10, 20, 30, 40);
    View s = floats(9, 9, 9, 9);
    View amplitude = floats((float) Math.log(2));
    View y = floats(new float[4]);
    View out = doubles(0);
    Examples board = new Examples(1, 1, 2, 2, Pattern.CHECKERBOARD, 1, 0, 0);
    Coupling.affine(
        device,
        new Coupling.Affine(board, Scale.TANH, 0, 4, false, Base.NONE),
        null,
        x,
        s,
        t,
        amplitude,
        null,
        y,
        out);
    expect(y, 1, 24, 36, 4);
    expect(out, 2 * Math.log(2));
    View dAmplitude = floats(7);
    Coupling.affineBackward(
        device,
        new Coupling.Affine(board, Scale.TANH, 0, 4, false, Base.NONE),
        null,
        x,
        s,
        t,
        amplitude,
        floats(0, 0, 0, 0),
        doubles(1),
        null,
        null,
        null,
        dAmplitude);
    expect(dAmplitude, 2);
    Examples some = new Examples(1, 4, 1, 1, Pattern.BITS, 0, 0, 0);
    Coupling.affine(
        device,
        new Coupling.Affine(some, Scale.NONE, 0, 4, false, Base.NONE),
        bits(0b0111),
        x,
        null,
        t,
        null,
        null,
        y,
        out);
    expect(y, 1, 2, 3, 44);
    Coupling.affine(
        device,
        new Coupling.Affine(some, Scale.SIGMOID, 100, 4, false, Base.GAUSSIAN),
        bits(0b1111),
        x,
        t,
        t,
        null,
        null,
        y,
        out);
    expect(out, -15 - 2 * Math.log(2 * Math.PI));
  }

  @Test
  void splineWithItsStrides() {
    View x = floats(0, 0, 0.5f, 9, 0, 0, -0.5f, -9);
    View theta = floats(new float[2 * 2 * 5]);
    View y = floats(new float[8]);
    View out = doubles(0, 0);
    View in = doubles(1, 2);
    Coupling.Spline p = new Coupling.Spline(SPAN, 2, 1, 1e-3, 1e-3, 10, 2, 1, false);
    Coupling.spline(device, p, null, x, theta, in, y, out);
    expect(y, 0, 0, 0.5, 9, 0, 0, -0.5, -9);
    expect(out, 1, 2);
    View dTheta = floats(new float[20]);
    View dx = floats(new float[8]);
    Coupling.splineBackward(device, p, null, x, theta, x, in, dx, dTheta);
    expect(dx, 0, 0, 0.5, 9, 0, 0, -0.5, -9);
    refused(
        "theta of at least 20 elements, got 19",
        () ->
            Coupling.spline(
                device, p, null, x, new View(theta.buffer(), 0, 19, Format.FLOAT32), in, y, out));
    refused(
        "dtheta of at least 20",
        () -> Coupling.splineBackward(device, p, null, x, theta, x, in, dx, floats(1)));
  }

  @Test
  void channelsAreScaled() {
    View x = floats(1, 2, 3, 4);
    View l = floats((float) Math.log(2), 0);
    View b = floats(10, 20);
    View y = floats(new float[4]);
    View out = doubles(0);
    Coupling.ChannelAffine p = new Coupling.ChannelAffine(1, 2, 2, false, Base.NONE);
    Coupling.channelAffine(device, p, x, l, b, doubles(1), y, out);
    expect(y, 12, 14, 23, 24);
    expect(out, 1 + 2 * Math.log(2));
    View dl = floats(0, 0);
    View db = floats(0, 0);
    Coupling.channelAffineBackward(
        device, p, x, l, b, floats(1, 1, 1, 1), doubles(3), null, dl, db);
    expect(dl, 6 + 6, 7 + 6);
    expect(db, 2, 2);
    Coupling.channelAffine(
        device,
        new Coupling.ChannelAffine(1, 2, 2, true, Base.NONE),
        floats(12, 14, 23, 24),
        l,
        b,
        null,
        y,
        out);
    expect(y, 1, 2, 3, 4);
    refused(
        "shift of at least 2",
        () -> Coupling.channelAffine(device, p, x, l, floats(1), null, y, out));
  }

  @Test
  void matricesAreMadeOfTheirFactors() {
    long[] permutation = {1, 0};
    View lower = floats(9, 9, 3, 9);
    View upper = floats(9, 5, 9, 9);
    View sign = floats(1, -1);
    View l = floats(0, (float) Math.log(2));
    View w = floats(new float[4]);
    // L = [1 0; 3 1], U = [1 5; 0 -2], L U = [1 5; 3 13].
    Coupling.invertibleMatrix(device, false, permutation, lower, upper, sign, l, w);
    expect(w, 3, 13, 1, 5);
    Coupling.invertibleMatrix(device, true, permutation, lower, upper, sign, l, w);
    expect(w, 2.5, -6.5, -0.5, 1.5);
    View dLower = floats(new float[4]);
    View dUpper = floats(new float[4]);
    View dl = floats(new float[2]);
    Coupling.invertibleMatrixBackward(
        device, false, permutation, lower, upper, sign, l, floats(1, 0, 0, 0), dLower, dUpper, dl);
    expect(dLower, 0, 0, 1, 0);
    expect(dUpper, 0, 0, 0, 0);
    expect(dl, 3, 0);
    refused(
        "upper of at least 4",
        () -> Coupling.invertibleMatrix(device, false, permutation, lower, l, sign, l, w));
  }

  @Test
  void dequantisesAndTakesLogits() {
    View x = floats(0, 1, 0.5f, 0.25f);
    View y = floats(new float[4]);
    View out = doubles(0, 0);
    Coupling.Dequantise cells = new Coupling.Dequantise(2, 2, 5, false, 0, 0, false);
    Coupling.dequantise(device, cells, RNG, x, doubles(1, 2), y, out);
    expect(out, 1, 2);
    Coupling.dequantise(
        device, new Coupling.Dequantise(2, 2, 5, false, 0, 0, true), RNG, y, null, x, out);
    expect(x, 0, 1, 0.5, 0.25);
    Coupling.Dequantise logit = new Coupling.Dequantise(2, 2, 0, true, 0.25, 0.75, false);
    Coupling.dequantise(device, logit, RNG, x, null, y, out);
    expect(y, -Math.log(3), Math.log(3), 0, Math.log(0.375 / 0.625));
    double half = Math.log(0.5);
    expect(
        out,
        2 * (half - Math.log(0.25 * 0.75)),
        half - 2 * Math.log(0.5) + half - Math.log(0.375 * 0.625));
    View dx = floats(new float[4]);
    Coupling.dequantiseBackward(device, logit, x, floats(1, 1, 1, 1), null, dx);
    expect(dx, 0.5 / 0.1875, 0.5 / 0.1875, 2, 0.5 / (0.375 * 0.625));
    refused(
        "y of at least 4", () -> Coupling.dequantise(device, cells, RNG, x, null, floats(1), out));
  }

  @Test
  void baseDensitiesOfPartsOfRows() {
    View z = floats(1, 2, 99, 3, 4);
    View out = doubles(0, 0);
    Coupling.baseLogDensity(device, 2, 2, 3, Base.GAUSSIAN, z, doubles(5, 6), out);
    double constant = Math.log(2 * Math.PI);
    expect(out, 5 - 2.5 - constant, 6 - 12.5 - constant);
    View dz = floats(new float[4]);
    Coupling.baseLogDensityBackward(device, 2, 2, 3, Base.GAUSSIAN, z, doubles(1, 10), dz);
    expect(dz, -1, -2, -30, -40);
    refused(
        "z of at least 6",
        () -> Coupling.baseLogDensity(device, 2, 2, 4, Base.GAUSSIAN, z, null, out));
    refused(
        "out of at least 3",
        () -> Coupling.baseLogDensity(device, 3, 1, 1, Base.GAUSSIAN, z, null, out));
  }
}
