// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowModelTest {
  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private static double logistic(double z) {
    return -Math.abs(z) - 2 * Math.log1p(Math.exp(-Math.abs(z)));
  }

  private static double gaussian(double z) {
    return -0.5 * (z * z + Math.log(2 * Math.PI));
  }

  // --- Densities: oracles 58 to 60 --------------------------------------------------------------

  /** Oracle 60: as they begin, all are the identity but for the order of units. */
  @Test
  void aModelThatBeginsIsItsBaseDensityExactly() {
    TinyFlows.eachBegun(
        device,
        5,
        0,
        model -> {
          try (Tensor x = TinyFlows.normals(device, 20, 5, 1, 3);
              Tensor z = model.encode(x);
              Tensor back = model.decode(z)) {
            double[] nats = model.logLikelihood(x);
            float[] values = x.toArray();
            for (int row = 0; row < 20; row++) {
              double want = 0;
              for (int i = row * 5; i < row * 5 + 5; i++) {
                want += model.base() == Base.LOGISTIC ? logistic(values[i]) : gaussian(values[i]);
              }
              assertEquals(want, nats[row], 1e-6 * Math.abs(want), model.kind());
            }
            float exact = model instanceof SplineFlow ? 1e-6f : 0; // quotients, even so
            assertArrayEquals(values, back.toArray(), exact, model.kind());
          }
        });
  }

  /** Oracle 60. */
  @Test
  void bitsPerDimensionAreThoseOfTheFigure() {
    try (Nice nice = Nice.create(device, NiceConfig.mnist().withWidth(2), 1)) {
      assertEquals(4.3555, nice.bitsPerDimension(1980.50), 5e-5);
      assertEquals("uniform dequantisation of 256 levels", nice.dequantisation().describe());
      assertEquals(8, nice.bitsPerDimension(0), 1e-12);
    }
    TinyFlows.eachBegun(
        device, 2, 0, model -> assertEquals(1, model.bitsPerDimension(-2 * Math.log(2)), 1e-12));
  }

  /** Oracle 58, of whole models: by the base density and numeric Jacobians of the encoder. */
  @Test
  void likelihoodsAreThoseOfTheEncodersJacobian() {
    for (int units : new int[] {2, 5}) {
      TinyFlows.each(
          device,
          units,
          0,
          model -> {
            try (Tensor x = TinyFlows.normals(device, 3, units, 1, 3);
                Tensor z = model.encode(x)) {
              double[] nats = model.logLikelihood(x);
              float[] latents = z.toArray();
              for (int row = 0; row < 3; row++) {
                double want = Jacobians.logAbsDet(jacobian(model, x, row));
                for (int i = row * units; i < (row + 1) * units; i++) {
                  want +=
                      model.base() == Base.LOGISTIC ? logistic(latents[i]) : gaussian(latents[i]);
                }
                assertEquals(want, nats[row], 1e-4, model.kind() + " of " + units);
              }
            }
          });
    }
  }

  /** dz_i / dx_j at a row, by the tape. */
  private double[][] jacobian(FlowModel model, Tensor x, int row) {
    int d = model.units();
    double[][] jacobian = new double[d][];
    try (Tape tape = Tape.training(device, 1, 0);
        Tensor at = x.rowsAt(new long[] {row})) {
      Var v = tape.variable(at);
      Var z = transformed(model, v).value();
      for (int i = 0; i < d; i++) {
        float[] one = new float[d];
        one[i] = 1;
        try (Tensor dz = Tensor.of(device, one, 1, d)) {
          jacobian[i] = tape.differentiate(z, dz, false, v)[0].value().toDoubleArray();
        }
      }
    }
    return jacobian;
  }

  /** Nothing must begin here, so that what is made lively stays. */
  private static Mapped transformed(FlowModel model, Var x) {
    model
        .buffers()
        .forEach(
            (name, begun) -> {
              assertTrue(name.endsWith(".begun"), name);
              begun.copyFrom(new float[] {1});
            });
    return model.transform().forward(x, null, null);
  }

  /** The lecture's: of units ordered by what is kept, the Jacobian of a coupling is triangular. */
  @Test
  void theJacobianOfACouplingIsTriangularWhenWhatIsKeptComesFirst() {
    NvpNetConfig config = new NvpNetConfig(4, 0, 1, "16", 0, 5);
    try (NvpNet net = Jacobians.lively(NvpNet.create(device, config, 1), 0.5, 3);
        Tensor x = TinyFlows.normals(device, 1, 4, 1, 2)) {
      boolean[] kept = net.kept(0);
      List<Integer> order = new ArrayList<>();
      for (boolean which : new boolean[] {true, false}) {
        for (int i = 0; i < 4; i++) {
          if (kept[i] == which) {
            order.add(i);
          }
        }
      }
      double[][] j = jacobian(net, x, 0);
      double logDet = 0;
      boolean below = false;
      for (int r = 0; r < 4; r++) {
        for (int c = 0; c < 4; c++) {
          double entry = j[order.get(r)][order.get(c)];
          if (r < 2) {
            assertEquals(r == c ? 1 : 0, entry, "what is kept stays");
          } else if (c >= 2 && r != c) {
            assertEquals(0, entry, "of what changes, each depends on itself");
          } else if (r == c) {
            assertTrue(entry > 0);
            logDet += Math.log(entry);
          } else {
            below |= Math.abs(entry) > 1e-3;
          }
        }
      }
      assertTrue(below, "and on what is kept");
      try (Tensor z = net.encode(x)) {
        double base = 0;
        for (float v : z.toArray()) {
          base += gaussian(v);
        }
        assertEquals(base + logDet, net.logLikelihood(x)[0], 1e-5);
      }
    }
  }

  /** NICE keeps volumes but for its scalings. */
  @Test
  void theLogDeterminantOfNiceIsTheSumOfItsScalings() {
    NiceConfig config = new NiceConfig(6, 0, Dequantisation.none(), true, 4, 2, 8, Base.GAUSSIAN);
    try (Nice nice = Jacobians.lively(Nice.create(device, config, 1), 0.5, 3);
        Tensor x = TinyFlows.normals(device, 30, 6, 1, 2);
        Tape tape = Tape.inference(device)) {
      double sum = 0;
      for (int scaling : new int[] {1, 6}) {
        for (float l : nice.state().get("transform." + scaling + ".log_scale").toArray()) {
          sum += l;
        }
      }
      Mapped z = nice.transform().forward(tape.constant(x), null, null);
      for (double logDet : z.logDet().value().toDoubleArray()) {
        assertEquals(sum, logDet, 1e-12);
      }
    }
  }

  @Test
  void dataComesBackFromItsLatents() {
    TinyFlows.each(
        device,
        6,
        0,
        model -> {
          try (Tensor x = TinyFlows.normals(device, 50, 6, 1, 3);
              Tensor z = model.encode(x);
              Tensor back = model.decode(z)) {
            float[] want = x.toArray();
            float[] got = back.toArray();
            for (int i = 0; i < want.length; i++) {
              assertEquals(want[i], got[i], 1e-4 * Math.max(1, Math.abs(want[i])), model.kind());
            }
            assertFalse(Arrays.equals(want, z.toArray()));
          }
        });
  }

  @Test
  void rowsAreAloneAndBitsAreFloats() {
    TinyFlows.each(
        device,
        3,
        0,
        model -> {
          try (Tensor x = TinyFlows.normals(device, 9000, 3, 1, 3);
              Tensor last = x.rowsAt(new long[] {8999});
              Tensor bits = x.toBits(0);
              Tensor floats = bits.toFloats()) {
            double[] nats = model.logLikelihood(x);
            assertEquals(9000, nats.length);
            assertEquals(nats[8999], model.logLikelihood(last)[0], 1e-5 * Math.abs(nats[8999]));
            assertArrayEquals(nats, model.logLikelihood(x));
            assertArrayEquals(model.logLikelihood(floats), model.logLikelihood(bits));
            double[] scores = model.anomalyScores(x);
            assertEquals(-nats[17], scores[17]);
          }
        });
  }

  // --- Context ----------------------------------------------------------------------------------

  @Test
  void contextIsInEveryCoupling() {
    TinyFlows.each(
        device,
        4,
        3,
        model -> {
          try (Tensor x = TinyFlows.normals(device, 10, 4, 1, 3);
              Tensor a = TinyFlows.normals(device, 10, 3, 1, 4);
              Tensor b = TinyFlows.normals(device, 1, 3, 1, 5);
              Tensor each = b.rowsAt(new long[10]);
              Tensor z = model.encode(x, a);
              Tensor back = model.decode(z, a)) {
            double[] given = model.logLikelihood(x, a);
            double[] other = model.logLikelihood(x, b);
            for (int i = 0; i < 10; i++) {
              assertTrue(Math.abs(given[i] - other[i]) > 1e-4, model.kind() + " row " + i);
            }
            assertArrayEquals(other, model.logLikelihood(x, each), "one row is for all");
            assertArrayEquals(x.toArray(), back.toArray(), 2e-4f);
            Compose transform = (Compose) model.transform();
            long couplings =
                transform.parts().stream()
                    .filter(p -> p instanceof Coupling || p instanceof SplineCoupling)
                    .filter(p -> depends(p, x, a))
                    .count();
            assertEquals(4, couplings, model.kind());
            try (Tensor one = model.sample(10, 1, a, 3);
                Tensor two = model.sample(10, 1, b, 3);
                Tensor same = model.sample(10, 1, each, 3)) {
              assertFalse(Arrays.equals(one.toArray(), two.toArray()));
              assertArrayEquals(two.toArray(), same.toArray());
            }
          }
        });
  }

  private boolean depends(Transform part, Tensor x, Tensor context) {
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var given = tape.variable(context);
      Var y = part.forward(tape.constant(x), null, given).value();
      for (float d : tape.gradients(y.sum()).of(given).toArray()) {
        if (d == 0) {
          return false;
        }
      }
      return true;
    }
  }

  // --- Samples ----------------------------------------------------------------------------------

  @Test
  void samplesAreOfTheSeedAndMoreOfThemTheSameFirst() {
    TinyFlows.each(
        device,
        3,
        0,
        model -> {
          try (Tensor a = model.sample(5, 7);
              Tensor b = model.sample(9, 7);
              Tensor c = model.sample(5, 8);
              Tensor mode = model.sample(2, 0, null, 7);
              Tensor zero = Tensor.zeros(device, 1, 3);
              Tensor middle = model.decode(zero);
              Tensor cool = model.sample(5, 0.5, null, 7);
              Tensor z = model.encode(a);
              Tensor coolZ = model.encode(cool)) {
            assertArrayEquals(a.toArray(), Arrays.copyOf(b.toArray(), 15), 1e-6f);
            assertFalse(Arrays.equals(a.toArray(), c.toArray()));
            float[] m = middle.toArray();
            assertArrayEquals(m, Arrays.copyOf(mode.toArray(), 3), 1e-6f);
            float[] hot = z.toArray();
            float[] cold = coolZ.toArray();
            for (int i = 0; i < hot.length; i++) {
              assertEquals(hot[i] / 2, cold[i], 1e-3 * Math.max(1, Math.abs(hot[i])));
            }
          }
        });
  }

  /** Latents are of the base density: means, variances and a share of each within a quantile. */
  @Test
  void latentsOfSamplesAreOfTheBase() {
    for (Base base : new Base[] {Base.GAUSSIAN, Base.LOGISTIC}) {
      NiceConfig config = new NiceConfig(2, 0, Dequantisation.none(), false, 1, 0, 1, base);
      int n = 20_000;
      try (Nice identity = Nice.create(device, config, 1);
          Tensor x = identity.sample(n, 5)) {
        double variance = base == Base.LOGISTIC ? Math.PI * Math.PI / 3 : 1;
        double within = base == Base.LOGISTIC ? Math.log(3) : 0.674489750196; // the quartile
        double sum = 0;
        double squares = 0;
        int inside = 0;
        for (float v : x.toArray()) {
          sum += v;
          squares += v * v;
          inside += Math.abs(v) < within ? 1 : 0;
        }
        double count = 2.0 * n;
        assertEquals(0, sum / count, 5 * Math.sqrt(variance / count));
        assertEquals(variance, squares / count, 0.05 * variance);
        assertEquals(0.5, inside / count, 5 * 0.5 / Math.sqrt(count));
      }
    }
  }

  @Test
  void interpolationsGoFromRowToRow() {
    TinyFlows.each(
        device,
        3,
        0,
        model -> {
          try (Tensor a = TinyFlows.normals(device, 2, 3, 1, 3);
              Tensor b = TinyFlows.normals(device, 2, 3, 1, 4);
              Tensor path = model.interpolate(a, b, 5);
              Tensor za = model.encode(a);
              Tensor zb = model.encode(b);
              Tensor zs = model.encode(path)) {
            assertArrayEquals(new long[] {10, 3}, path.shape());
            float[] from = a.toArray();
            float[] to = b.toArray();
            float[] points = path.toArray();
            for (int row = 0; row < 2; row++) {
              for (int i = 0; i < 3; i++) {
                assertEquals(from[row * 3 + i], points[row * 15 + i], 2e-4);
                assertEquals(to[row * 3 + i], points[row * 15 + 12 + i], 2e-4);
              }
            }
            // The middle of an arc is the same from both ends: a multiple of the sum.
            float[] x = za.toArray();
            float[] y = zb.toArray();
            float[] middle = Arrays.copyOfRange(zs.toArray(), 6, 9);
            double scale = middle[0] / (x[0] + y[0]);
            assertTrue(scale > 0.5, "farther out than the straight line");
            for (int i = 0; i < 3; i++) {
              assertEquals(scale * (x[i] + y[i]), middle[i], 2e-3);
            }
          }
        });
    try (NvpNet net = NvpNet.create(device, NvpNetConfig.of(2, 4, 4).withContext(1), 1);
        Tensor a = Tensor.of(device, new float[] {1, 1, 0, 0}, 2, 2);
        Tensor b = Tensor.of(device, new float[] {-1, -1, 1, 0}, 2, 2);
        Tensor context = Tensor.of(device, new float[] {1, 2}, 2, 1);
        Tensor path = net.interpolate(a, b, 3, context)) {
      // In line, the way is straight.
      assertArrayEquals(
          new float[] {1, 1, 0, 0, -1, -1, 0, 0, 0.5f, 0, 1, 0}, path.toArray(), 1e-5f);
    }
  }

  // --- Levels -----------------------------------------------------------------------------------

  private Nice levels(Dequantisation of) {
    NiceConfig config = new NiceConfig(3, 0, of, true, 2, 1, 4, Base.LOGISTIC);
    return Jacobians.lively(Nice.create(device, config, 1), 0.2, 3);
  }

  @Test
  void levelsComeBackAsTheyWere() {
    float[] values = new float[300];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 37 % 5 / 4f;
    }
    for (Dequantisation of : List.of(Dequantisation.uniform(5), Dequantisation.logit(5, 0.05))) {
      try (Nice nice = levels(of);
          Tensor x = Tensor.of(device, values, 100, 3);
          Tensor z = nice.encode(x);
          Tensor back = nice.decode(z);
          Tensor samples = nice.sample(50, 3)) {
        assertArrayEquals(values, back.toArray(), of.describe());
        for (float v : samples.toArray()) {
          assertEquals(Math.round(4 * v) / 4f, v);
        }
        assertArrayEquals(nice.logLikelihood(x), nice.logLikelihood(x));
      }
    }
  }

  /**
   * Of one unit's worth of a model, the probabilities of levels add up: the density of u integrates
   * to what lies in [0, 1].
   */
  @Test
  void theDensityOfDequantisedDataIsThatOfTheUnitInterval() {
    NiceConfig config =
        new NiceConfig(2, 0, Dequantisation.logit(2, 0.1), false, 1, 0, 1, Base.LOGISTIC);
    // The identity behind the logit of [0.1, 1]: u is uniform there, of density 0.9 of p's.
    try (Nice nice = Nice.create(device, config, 1);
        Tensor x = Tensor.of(device, new float[] {0, 1, 1, 0}, 2, 2)) {
      for (double nats : nice.logLikelihood(x)) {
        // dy/du = 0.9 / (p (1 - p)) and the logistic density of y = logit p is p (1 - p).
        assertEquals(2 * Math.log(0.9), nats, 1e-5);
      }
    }
  }

  // --- Hostile input ----------------------------------------------------------------------------

  @Test
  void rowsThatAreNotNumbersHaveNoLikelihoodAndTheOthersKeepTheirs() {
    TinyFlows.each(
        device,
        3,
        0,
        model -> {
          float[] values = {0.1f, 0.2f, 0.3f, 0, Float.NaN, 0, 0.4f, 0.5f, 0.6f};
          try (Tensor x = Tensor.of(device, values, 3, 3);
              Tensor good = x.rowsAt(new long[] {0, 2});
              Tensor z = model.encode(x)) {
            double[] nats = model.logLikelihood(x);
            double[] want = model.logLikelihood(good);
            assertTrue(Double.isNaN(nats[1]), model.kind());
            assertEquals(want[0], nats[0], 1e-6);
            assertEquals(want[1], nats[2], 1e-6);
            // Decoding what cannot be decoded names the row.
            String message =
                assertThrows(ArithmeticException.class, () -> model.decode(x)).getMessage();
            assertTrue(message.contains("of row 1"), message);
            assertEquals(9, z.size());
          }
        });
  }

  /** A scale that float32 does not have: neither likelihood nor data, and never silent. */
  @Test
  void hugeScalesAreNaNAndRefused() {
    for (float s : new float[] {200, -200, Float.POSITIVE_INFINITY, Float.NaN}) {
      try (NvpNet net = NvpNet.create(device, NvpNetConfig.of(2, 1, 4), 1);
          Tensor x = Tensor.of(device, new float[] {0.5f, 0.5f}, 1, 2)) {
        net.state().get("transform.0.s.last.bias").copyFrom(new float[] {s});
        assertTrue(Double.isNaN(net.logLikelihood(x)[0]), "s = " + s);
        assertThrows(ArithmeticException.class, () -> net.decode(x));
        String message =
            assertThrows(ArithmeticException.class, () -> net.sample(3, 1)).getMessage();
        assertTrue(message.contains("row 0"), message);
      }
    }
    try (NvpNet net = NvpNet.create(device, NvpNetConfig.of(2, 2, 4), 1);
        Tensor far = Tensor.of(device, new float[] {Float.POSITIVE_INFINITY, 0}, 1, 2)) {
      double nats = net.logLikelihood(far)[0];
      assertTrue(nats == Double.NEGATIVE_INFINITY || Double.isNaN(nats), "" + nats);
    }
  }

  // --- Threads and files ------------------------------------------------------------------------

  @Test
  void severalThreadsScoreAndSampleAsOneDoes() {
    TinyFlows.each(
        device,
        4,
        0,
        model -> {
          try (Tensor x = TinyFlows.normals(device, 5000, 4, 1, 3);
              Tensor sample = model.sample(40, 1)) {
            double[] nats = model.logLikelihood(x);
            float[] drawn = sample.toArray();
            List<Thread> threads = new ArrayList<>();
            AtomicInteger equal = new AtomicInteger();
            for (int i = 0; i < 6; i++) {
              threads.add(
                  new Thread(
                      () -> {
                        try (Tensor again = model.sample(40, 1)) {
                          if (Arrays.equals(nats, model.logLikelihood(x))
                              && Arrays.equals(drawn, again.toArray())) {
                            equal.incrementAndGet();
                          }
                        }
                      }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
              join(thread);
            }
            assertEquals(threads.size(), equal.get(), model.kind());
          }
        });
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void filesHoldTheModelBitForBit(@TempDir Path folder) {
    TinyFlows.each(
        device,
        5,
        2,
        model -> {
          Path file = folder.resolve("flow.safetensors");
          try {
            model.save(file);
            try (FlowModel loaded = FlowModel.load(file, device);
                Tensor x = TinyFlows.normals(device, 10, 5, 1, 3);
                Tensor context = TinyFlows.normals(device, 10, 2, 1, 4);
                Tensor one = TinyFlows.normals(device, 1, 2, 1, 4);
                Tensor want = model.sample(4, 1, one, 2);
                Tensor got = loaded.sample(4, 1, one, 2)) {
              assertEquals(model.config(), loaded.config());
              assertEquals(model.kind(), loaded.kind());
              assertArrayEquals(model.logLikelihood(x, context), loaded.logLikelihood(x, context));
              assertArrayEquals(want.toArray(), got.toArray());
            }
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void filesOfOtherKindsAreRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("vae.safetensors");
    VaeConfig config = new VaeConfig(4, "3", "2", VaeConfig.Decoder.BERNOULLI, Nonlinearity.TANH);
    try (Vae vae = Vae.create(device, config, 1)) {
      vae.save(file);
    }
    String message =
        assertThrows(IllegalArgumentException.class, () -> FlowModel.load(file, device))
            .getMessage();
    assertTrue(message.contains("\"vae\""), message);
    assertThrows(IOException.class, () -> Nice.load(file, device));
  }

  // --- Refusals ---------------------------------------------------------------------------------

  @Test
  void wrongDataAreRefused() {
    try (NvpNet plain = NvpNet.create(device, NvpNetConfig.of(2, 2, 4), 1);
        NvpNet given = NvpNet.create(device, NvpNetConfig.of(2, 2, 4).withContext(2), 1);
        Tensor x = Tensor.zeros(device, 3, 2);
        Tensor two = Tensor.zeros(device, 2, 2);
        Tensor wide = Tensor.zeros(device, 3, 3);
        Tensor cube = Tensor.zeros(device, 3, 2, 1);
        Tensor doubles = Tensor.zeros(device, DType.FLOAT64, 3, 2)) {
      for (Runnable wrong :
          List.<Runnable>of(
              () -> plain.logLikelihood(wide),
              () -> plain.logLikelihood(cube),
              () -> plain.logLikelihood(doubles),
              () -> plain.logLikelihood(x, x),
              () -> plain.encode(wide),
              () -> plain.decode(wide),
              () -> plain.sample(0, 1),
              () -> plain.sample(1, -1, null, 1),
              () -> plain.sample(1, Double.NaN, null, 1),
              () -> plain.sample(1, 1, x, 1),
              () -> plain.interpolate(x, two, 3),
              () -> plain.interpolate(x, x, 1),
              () -> plain.interpolate(x, wide, 3),
              () -> given.logLikelihood(x),
              () -> given.logLikelihood(x, two),
              () -> given.logLikelihood(x, wide),
              () -> given.logLikelihood(x, doubles),
              () -> given.sample(2, 1))) {
        assertThrows(IllegalArgumentException.class, wrong::run);
      }
    }
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    Dequantisation none = Dequantisation.none();
    refused("units", () -> NvpNetConfig.of(1, 1, 1));
    refused("depth", () -> NvpNetConfig.of(2, 0, 1));
    refused("hidden", () -> new NvpNetConfig(2, 0, 1, "x", 0, 1));
    refused("clamp", () -> new NvpNetConfig(2, 0, 1, "1", -1, 1));
    refused("context", () -> NvpNetConfig.of(2, 1, 1).withContext(-1));
    refused("units", () -> new NiceConfig(1, 0, none, true, 1, 1, 1, Base.LOGISTIC));
    refused("couplings", () -> new NiceConfig(2, 0, none, true, 0, 1, 1, Base.LOGISTIC));
    refused("hiddenLayers", () -> new NiceConfig(2, 0, none, true, 1, -1, 1, Base.LOGISTIC));
    refused("width", () -> new NiceConfig(2, 0, none, true, 1, 1, 0, Base.LOGISTIC));
    refused("base", () -> new NiceConfig(2, 0, none, true, 1, 1, 1, Base.NONE));
    refused("context", () -> NiceConfig.mnist().withContext(-1));
    refused("units", () -> SplineFlowConfig.of(1, 1, 1));
    refused("couplings", () -> SplineFlowConfig.of(2, 0, 1));
    refused("width", () -> SplineFlowConfig.of(2, 1, 0));
    refused("bins", () -> new SplineFlowConfig(2, 0, none, 1, 1, 1, 1, 3, true, false, 1));
    refused("bound", () -> new SplineFlowConfig(2, 0, none, 1, 1, 1, 8, 0, true, false, 1));
    refused("blocks", () -> new SplineFlowConfig(2, 0, none, 1, 1, -1, 8, 3, true, false, 1));
    refused("permuted", () -> new SplineFlowConfig(3, 0, none, 1, 1, 1, 8, 3, true, true, 1));
    refused("levels", () -> Dequantisation.uniform(1));
    refused("levels", () -> Dequantisation.uniform(1 << 17));
    refused("low", () -> Dequantisation.logit(256, 1));
    refused("low", () -> Dequantisation.logit(256, Double.NaN));
    refused("low", () -> new Dequantisation(0, false, 0.1, 1));
  }

  private static void refused(String word, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(word), message);
  }
}
