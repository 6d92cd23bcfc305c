// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * That each facade hands every operand to its place: small cases against formulas written out here.
 * The kernels themselves are tested natively.
 */
class GibbsTest {
  private static final int D = 3;
  private static final int H = 2;
  private static final float[] W = {0.5f, -1f, 0.25f, 2f, -0.75f, 1.5f};
  private static final float[] B = {0.1f, -0.2f, 0.3f};
  private static final float[] C = {-0.4f, 0.6f};
  private static final float[] MU = {0.5f, 0.25f, 0.75f};
  private static final float[] LAMBDA = {0.5f, 0.125f};
  private static final float[] V = {1, 0, 1, 0, 1, 1};
  private static final Rng RNG = new Rng(11, 5);

  private final Device device = Device.cpu(1);
  private final List<DeviceBuffer> made = new ArrayList<>();
  private final RbmParameters rbm =
      new RbmParameters(D, H, buffer(W), buffer(B), buffer(C), buffer(MU), buffer(LAMBDA));
  private final States v = new States(buffer(V), 2, D, Format.FLOAT32);

  @AfterEach
  void close() {
    made.forEach(DeviceBuffer::close);
    assertEquals(0, device.memory().live());
    device.close();
  }

  private DeviceBuffer buffer(float... values) {
    DeviceBuffer buffer = device.allocate(4L * values.length);
    made.add(buffer);
    buffer.write(0, values, 0, values.length);
    return buffer;
  }

  private static float[] read(DeviceBuffer buffer) {
    float[] values = new float[(int) (buffer.bytes() / 4)];
    buffer.read(0, values, 0, values.length);
    return values;
  }

  private static double hiddenInput(float[] v, int row, int j) {
    double sum = C[j];
    for (int i = 0; i < D; i++) {
      sum += (v[row * D + i] - MU[i]) * W[i * H + j];
    }
    return sum;
  }

  private static double visibleInput(float[] h, int row, int i) {
    double sum = B[i];
    for (int j = 0; j < H; j++) {
      sum += (h[row * H + j] - LAMBDA[j]) * W[i * H + j];
    }
    return sum;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** -b'.v - c'.h - v' W h with b' = b - W lambda, c' = c - W' mu. */
  private static double energy(float[] v, int vRow, float[] h, int hRow) {
    double energy = 0;
    for (int i = 0; i < D; i++) {
      double bias = B[i];
      for (int j = 0; j < H; j++) {
        bias -= W[i * H + j] * LAMBDA[j];
      }
      energy -= bias * v[vRow * D + i];
    }
    for (int j = 0; j < H; j++) {
      energy -= hiddenInput(v, vRow, j) * h[hRow * H + j];
    }
    return energy;
  }

  private static float[] states(int units) {
    float[] all = new float[units << units];
    for (int s = 0; s < 1 << units; s++) {
      for (int i = 0; i < units; i++) {
        all[s * units + i] = s >> i & 1;
      }
    }
    return all;
  }

  private static double freeEnergy(float[] v, int row, double beta) {
    double sum = 0;
    for (int s = 0; s < 1 << H; s++) {
      sum += Math.exp(-beta * energy(v, row, states(H), s));
    }
    return -Math.log(sum);
  }

  @Test
  void layerSampleHidden() {
    DeviceBuffer x = buffer(new float[4]);
    DeviceBuffer p = buffer(new float[4]);
    States sample = new States(buffer(9, 9, 9, 9), 2, H, Format.FLOAT32);
    Gibbs.layerSample(device, rbm, Layer.HIDDEN, v, 2f, null, RNG, x, p, sample);
    float[] drawn = read(sample.data());
    for (int r = 0; r < 2; r++) {
      for (int j = 0; j < H; j++) {
        double expected = 2 * hiddenInput(V, r, j);
        assertEquals(expected, read(x)[r * H + j], 1e-5);
        assertEquals(sigmoid(expected), read(p)[r * H + j], 1e-6);
        assertTrue(drawn[r * H + j] == 0 || drawn[r * H + j] == 1);
      }
    }
    Gibbs.layerSample(device, rbm, Layer.HIDDEN, v, 9f, buffer(1, 0), RNG, x, null, null);
    assertEquals(hiddenInput(V, 0, 1), read(x)[1], 1e-5);
    assertEquals(0, read(x)[3]);
  }

  @Test
  void layerSampleVisible() {
    float[] h = {1, 0, 1, 1};
    DeviceBuffer p = buffer(new float[6]);
    States given = new States(buffer(h), 2, H, Format.FLOAT32);
    Gibbs.layerSample(device, rbm, Layer.VISIBLE, given, 1f, null, RNG, null, p, null);
    for (int r = 0; r < 2; r++) {
      for (int i = 0; i < D; i++) {
        assertEquals(sigmoid(visibleInput(h, r, i)), read(p)[r * D + i], 1e-6);
      }
    }
  }

  @Test
  void chainKeepsWhatIsObserved() {
    States start = new States(buffer(V), 2, D, Format.FLOAT32);
    DeviceBuffer mask = device.allocate(4);
    made.add(mask);
    mask.write(0, new int[] {0b101}, 0, 1);
    States observed = new States(mask, 1, D, Format.BITS);
    States h = new States(buffer(new float[4]), 2, H, Format.FLOAT32);
    DeviceBuffer pV = buffer(new float[6]);
    DeviceBuffer pH = buffer(new float[4]);
    Gibbs.chain(device, rbm, 20, 1f, null, RNG, start, observed, h, pV, pH);
    float[] end = read(start.data());
    float[] probabilities = read(pV);
    for (int r = 0; r < 2; r++) {
      assertEquals(V[r * D], end[r * D]);
      assertEquals(V[r * D + 2], end[r * D + 2]);
      assertEquals(V[r * D], probabilities[r * D]);
      assertEquals(sigmoid(visibleInput(read(h.data()), r, 1)), probabilities[r * D + 1], 1e-6);
      for (int j = 0; j < H; j++) {
        assertEquals(sigmoid(hiddenInput(end, r, j)), read(pH)[r * H + j], 1e-6);
      }
    }
  }

  @Test
  void gradientAndUpdate() {
    float[] model = {0, 0, 1, 1, 1, 0};
    float[] dataH = {0.5f, 0.25f, 1, 0};
    float[] modelH = {0.125f, 1, 0, 0.5f};
    DeviceBuffer dW = buffer(new float[6]);
    DeviceBuffer db = buffer(new float[3]);
    DeviceBuffer dc = buffer(new float[2]);
    DeviceBuffer meanV = buffer(new float[3]);
    DeviceBuffer meanH = buffer(new float[2]);
    States modelV = new States(buffer(model), 2, D, Format.FLOAT32);
    Gibbs.gradient(device, rbm, v, buffer(dataH), modelV, buffer(modelH), dW, db, dc, meanV, meanH);
    float[] expectedW = new float[6];
    for (int i = 0; i < D; i++) {
      for (int j = 0; j < H; j++) {
        for (int r = 0; r < 2; r++) {
          expectedW[i * H + j] +=
              ((V[r * D + i] - MU[i]) * (dataH[r * H + j] - LAMBDA[j])
                      - (model[r * D + i] - MU[i]) * (modelH[r * H + j] - LAMBDA[j]))
                  / 2;
        }
      }
    }
    assertArrayEquals(expectedW, read(dW), 1e-6f);
    assertArrayEquals(new float[] {0, 0, 0.5f}, read(db), 1e-6f);
    assertArrayEquals(new float[] {0.75f - 0.0625f, 0.125f - 0.75f}, read(dc), 1e-6f);
    assertArrayEquals(new float[] {0.5f, 0.5f, 1}, read(meanV), 1e-6f);
    assertArrayEquals(new float[] {0.75f, 0.125f}, read(meanH), 1e-6f);

    DeviceBuffer sW = buffer(1, 1, 1, 1, 1, 1);
    DeviceBuffer sb = buffer(1, 2, 3);
    DeviceBuffer sc = buffer(4, 5);
    float[] before = W.clone();
    Gibbs.update(
        device,
        new UpdateParameters(
            rbm, sW, sb, sc, dW, db, dc, meanV, meanH, 0.1f, 0.5f, 0.01f, 0.25f, 2f, 0f));
    float[] after = read(rbm.W());
    for (int k = 0; k < 6; k++) {
      double velocity = 0.5 + 0.1 * (expectedW[k] - 0.01 * before[k]);
      assertEquals(velocity, read(sW)[k], 1e-6);
      assertEquals(before[k] + velocity, after[k], 1e-6);
    }
    assertArrayEquals(new float[] {0.5f, 1, 1.5f + 0.05f}, read(sb), 1e-6f);
    assertArrayEquals(new float[] {0.6f, 0.8f, 1.85f}, read(rbm.b()), 1e-6f);
    assertEquals(2 + 0.1 * (0.6875 + 2 * (0.25 - 0.75)), read(sc)[0], 1e-6);
    assertEquals(2.5 + 0.1 * (-0.625 + 2 * (0.25 - 0.125)), read(sc)[1], 1e-6);
  }

  @Test
  void energies() {
    float[] h = {1, 0, 1, 1};
    double[] out = {7, 7, 7};
    Gibbs.energy(device, rbm, v, new States(buffer(h), 2, H, Format.FLOAT32), out);
    assertEquals(energy(V, 0, h, 0), out[0], 1e-5);
    assertEquals(energy(V, 1, h, 1), out[1], 1e-5);
    assertEquals(7, out[2]);
    Gibbs.freeEnergy(device, rbm, v, 0.5f, null, out);
    assertEquals(freeEnergy(V, 1, 0.5), out[1], 1e-5);
    Gibbs.freeEnergy(device, rbm, v, 9f, buffer(1, 0.5f), out);
    assertEquals(freeEnergy(V, 0, 1), out[0], 1e-5);
    assertEquals(freeEnergy(V, 1, 0.5), out[1], 1e-5);

    double z = 0;
    float[] all = states(D);
    for (int s = 0; s < 1 << D; s++) {
      z += Math.exp(-freeEnergy(all, s, 1));
    }
    assertEquals(Math.log(z), Gibbs.logPartition(device, rbm), 1e-5);

    Gibbs.logPseudoLikelihood(device, rbm, v, out);
    double expected = 0;
    for (int i = 0; i < D; i++) {
      float[] flipped = V.clone();
      flipped[i] = 1 - flipped[i];
      expected += Math.log(sigmoid(freeEnergy(flipped, 0, 1) - freeEnergy(V, 0, 1)));
    }
    assertEquals(expected, out[0], 1e-5);
  }

  @Test
  void aisOfTheMachineToItselfIsExact() {
    States particles = new States(buffer(V), 2, D, Format.FLOAT32);
    double[] logWeights = new double[2];
    // One jump from beta 1 to beta 0.5 at given states: log w = F_1(v) - F_0.5(v), with a = 0 in
    // the base.
    Gibbs.ais(
        device, rbm, new double[] {1, 0.5}, buffer(0, 0, 0), false, RNG, particles, logWeights);
    for (int r = 0; r < 2; r++) {
      assertEquals(freeEnergy(V, r, 1) - freeEnergy(V, r, 0.5), logWeights[r], 1e-5);
    }
    Gibbs.ais(
        device,
        rbm,
        new double[] {0, 0.5, 1},
        buffer(40, -40, 40),
        true,
        RNG,
        particles,
        logWeights);
    for (double w : logWeights) {
      assertTrue(Double.isFinite(w), "got " + w);
    }
  }

  @Test
  void temperingOfEqualTemperaturesAlwaysSwaps() {
    States replicas = new States(buffer(V), 2, D, Format.FLOAT32);
    long[] accepted = {40};
    Gibbs.temperingSwap(device, rbm, new float[] {1, 1}, 0, RNG, replicas, accepted);
    assertEquals(41, accepted[0]);
    assertArrayEquals(new float[] {0, 1, 1, 1, 0, 1}, read(replicas.data()));
    Gibbs.temperingSwap(device, rbm, new float[] {1, 1}, 1, RNG, replicas, accepted);
    assertEquals(41, accepted[0]);
    Gibbs.temperingSwap(device, rbm, new float[] {1, 1}, 0, RNG, replicas, null);
    assertArrayEquals(V, read(replicas.data()));
  }

  @Test
  void refusesBuffersThatAreTooSmall() {
    DeviceBuffer small = buffer(1, 2, 3);
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Gibbs.layerSample(device, rbm, Layer.HIDDEN, v, 1f, null, RNG, null, small, null));
    assertEquals("expected p of at least 16 bytes, got 12", e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            Gibbs.layerSample(device, rbm, Layer.HIDDEN, v, 1f, buffer(1), RNG, small, null, null));
    assertThrows(
        IllegalArgumentException.class,
        () -> Gibbs.chain(device, rbm, 1, 1f, null, RNG, v, null, null, small, null));
    assertThrows(
        IllegalArgumentException.class,
        () -> Gibbs.gradient(device, rbm, v, small, v, small, small, small, small, null, null));
    assertThrows(
        IllegalArgumentException.class,
        () -> Gibbs.freeEnergy(device, rbm, v, 1f, null, new double[1]));
    assertThrows(IllegalArgumentException.class, () -> new States(small, 2, 3, Format.FLOAT32));
    assertThrows(
        IllegalArgumentException.class, () -> new States(small, 1L << 40, 1L << 40, Format.BITS));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RbmParameters(3, 2, small, small, small, null, null));
    assertThrows(
        IllegalArgumentException.class,
        () -> new RbmParameters(0, 2, small, small, small, null, null));
    assertThrows(IllegalArgumentException.class, () -> new Rng(1, 1L << 56));
  }

  @Test
  void nativeChecksBecomeExceptions() {
    States hiddenSized = new States(buffer(new float[4]), 2, H, Format.FLOAT32);
    DeviceBuffer p = buffer(new float[8]);
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Gibbs.layerSample(
                    device, rbm, Layer.HIDDEN, hiddenSized, 1f, null, RNG, null, p, null));
    assertTrue(!e.getMessage().isBlank());
    assertThrows(
        IllegalArgumentException.class,
        () -> Gibbs.layerSample(device, rbm, Layer.HIDDEN, v, 1f, null, RNG, null, null, null));
    assertThrows(
        NullPointerException.class,
        () -> Gibbs.layerSample(device, rbm, Layer.HIDDEN, null, 1f, null, RNG, null, p, null));
  }
}
