// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.concat;
import static org.generatrix.autograd.Functions.square;
import static org.generatrix.autograd.Functions.tanh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.autograd.op.CouplingScale;
import org.generatrix.autograd.op.SplineShape;
import org.generatrix.binding.Device;
import org.generatrix.binding.Resample.BlockOrder;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransformTest {
  private static final int CONTEXT = 2;
  private static final double[] GIVEN = {0.4, -0.7};

  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  // --- One of each, in double, of examples of at most 8 numbers ---------------------------------

  private static final long[] VECTOR = {5};
  private static final long[] PICTURE = {2, 2, 2};
  private static final double[] ONE_TO_FIVE = {1, 2, 3, 4, 5};

  private Conditioner network(Split split, int numbers) {
    return new DenseConditioner(
        device,
        DType.FLOAT64,
        split.keptUnits(),
        CONTEXT,
        Nonlinearity.TANH,
        numbers * split.parameterUnits(),
        6);
  }

  private Transform spline(Split split, boolean unitMajor) {
    SplineShape shape = new SplineShape(5, 1.2, 1e-3, 1e-3, unitMajor);
    return new SplineCoupling(device, split, shape, network(split, shape.numbers()));
  }

  private Transform affine(Split split, CouplingScale scale) {
    return new Coupling(device, split, scale, network(split, scale.numbers()));
  }

  private Map<String, Transform> ofVectors() {
    Split last = Split.lastChanged(5, 2);
    Split first = Split.firstChanged(5, 3);
    Split bits = Split.bits(true, false, true, false, true);
    Map<String, Transform> all = new LinkedHashMap<>();
    all.put("additive", affine(last, CouplingScale.none()));
    all.put("exp", affine(first, CouplingScale.exp()));
    all.put("tanh", affine(last, CouplingScale.tanh(1.5)));
    all.put("sigmoid of bits", affine(bits, CouplingScale.sigmoid(2)));
    all.put(
        "apart",
        new Coupling(device, bits, CouplingScale.exp(), network(bits, 1), network(bits, 1)));
    all.put(
        "amplitudes",
        new Coupling(
            device,
            last,
            CouplingScale.tanh(1),
            network(last, 2),
            Tensor.full(device, DType.FLOAT64, 0.8, 5)));
    all.put("spline", spline(first, false));
    all.put("spline of bits", spline(bits, true));
    all.put("scale", new Scale(device, DType.FLOAT64, 5));
    all.put("actnorm", new ActNorm(device, DType.FLOAT64, 5));
    all.put("mixture", new InvertibleConv(device, DType.FLOAT64, 5, 3));
    all.put("permutation", new Permutation(3, 1, 0, 4, 2));
    all.put("inverse", new Inverse(affine(last, CouplingScale.exp())));
    all.put(
        "stack",
        new Compose(
            new ActNorm(device, DType.FLOAT64, 5),
            affine(last, CouplingScale.exp()),
            Permutation.reversed(5),
            new Inverse(spline(last, false)),
            new InvertibleConv(device, DType.FLOAT64, 5, 4),
            affine(first, CouplingScale.tanh(1))));
    all.forEach((name, f) -> Jacobians.lively(f, 0.4, name.length()));
    return all;
  }

  private Map<String, Transform> ofPictures() {
    Map<String, Transform> all = new LinkedHashMap<>();
    all.put("scale of pictures", new Scale(device, DType.FLOAT64, 2));
    all.put("actnorm of pictures", new ActNorm(device, DType.FLOAT64, 2));
    all.put("mixture of pictures", new InvertibleConv(device, DType.FLOAT64, 2, 3));
    all.put("squeeze", new Squeeze());
    all.put("squeeze by checkerboard", new Squeeze(BlockOrder.BY_CHECKERBOARD));
    Split half = Split.channels(2, 2, 2, true);
    all.put(
        "channel halves",
        new Coupling(device, half, CouplingScale.exp(), (x, context) -> Networks.both(x)));
    Split board = Split.checkerboard(2, 1);
    all.put(
        "checkerboard",
        new Coupling(
            device,
            board,
            CouplingScale.tanh(2),
            (x, context) -> Networks.both(Networks.board(x, 1))));
    all.put(
        "stack of pictures",
        new Compose(
            new ActNorm(device, DType.FLOAT64, 2),
            new Squeeze(),
            new InvertibleConv(device, DType.FLOAT64, 8, 5),
            new Inverse(new Squeeze())));
    all.forEach((name, f) -> Jacobians.lively(f, 0.4, name.length()));
    return all;
  }

  /** Functions that stand for convolutions. */
  private static final class Networks {
    private Networks() {}

    /** s = tanh-like of x, t = x^2, one after the other. */
    static Var both(Var x) {
      return concat(1, tanh(x), square(x));
    }

    /** With zeros where the pixels change. */
    static Var board(Var x, int parity) {
      long[] shape = x.shape();
      double[] kept = new double[(int) (shape[2] * shape[3])];
      Arrays.setAll(kept, p -> (p / (int) shape[3] + p % (int) shape[3]) % 2 == parity ? 0 : 1);
      Tape tape = x.tape();
      return x.mul(tape.constant(tape.own(Tensor.of(tape.device(), kept, shape[2], shape[3]))));
    }
  }

  private void each(BiConsumer<String, Transform> ofVectors, BiConsumer<String, Transform> rest) {
    for (Map.Entry<String, Transform> e : ofVectors().entrySet()) {
      try (Transform f = e.getValue()) {
        ofVectors.accept(e.getKey(), f);
      }
    }
    for (Map.Entry<String, Transform> e : ofPictures().entrySet()) {
      try (Transform f = e.getValue()) {
        rest.accept(e.getKey(), f);
      }
    }
  }

  // --- Oracle 58 --------------------------------------------------------------------------------

  @Test
  void logDeterminantsAreThoseOfTheJacobianInBothDirections() {
    each((name, f) -> assertLogDets(name, f, VECTOR), (name, f) -> assertLogDets(name, f, PICTURE));
  }

  private void assertLogDets(String name, Transform f, long... shape) {
    int d = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    for (int seed = 1; seed <= 2; seed++) {
      double[] x = Jacobians.uniforms(d, seed);
      long[] after = f.forwardShape(shape);
      assertArrayEquals(shape, f.inverseShape(after), name);
      Jacobians.Direction to = Jacobians.forward(f);
      Jacobians.Direction back = Jacobians.inverse(f);
      double[] y = Jacobians.values(device, to, shape, x, GIVEN);
      double want = Jacobians.logAbsDet(Jacobians.numeric(device, to, shape, x, GIVEN));
      double there = Jacobians.logDets(device, to, shape, x, GIVEN)[0];
      assertEquals(want, there, 1e-6, name);
      double inverse = Jacobians.logAbsDet(Jacobians.numeric(device, back, after, y, GIVEN));
      double again = Jacobians.logDets(device, back, after, y, GIVEN)[0];
      assertEquals(inverse, again, 1e-6, name + " back");
      assertEquals(-there, again, 1e-9, name + " and back");
      assertArrayEquals(
          x, Jacobians.values(device, back, after, y, GIVEN), 1e-9, name + ": round trip");
    }
  }

  @Test
  void whatOnlyMovesNumbersHasALogDeterminantOfExactlyZero() {
    for (Transform f :
        List.of(
            Permutation.reversed(5),
            Permutation.evenBeforeOdd(5),
            Permutation.random(5, 3, 1),
            new Permutation(2, 0, 1, 4, 3))) {
      assertEquals(0, Jacobians.logDets(device, Jacobians.forward(f), VECTOR, ONE_TO_FIVE)[0]);
    }
    double[] x = {1, 2, 3, 4, 5, 6, 7, 8};
    assertEquals(0, Jacobians.logDets(device, Jacobians.forward(new Squeeze()), PICTURE, x)[0]);
    assertArrayEquals(
        new double[] {1, 3, 5, 2, 4},
        Jacobians.values(
            device, Jacobians.forward(Permutation.evenBeforeOdd(5)), VECTOR, ONE_TO_FIVE));
    // Additive couplings too.
    try (Transform additive =
        Jacobians.lively(affine(Split.lastChanged(5, 2), CouplingScale.none()), 1, 1)) {
      double[] z = Jacobians.uniforms(5, 1);
      Jacobians.Direction there = Jacobians.forward(additive);
      assertEquals(0, Jacobians.logDets(device, there, VECTOR, z, GIVEN)[0]);
      double[] y = Jacobians.values(device, there, VECTOR, z, GIVEN);
      assertTrue(Math.abs(y[4] - z[4]) > 1e-3, "which do change something");
    }
  }

  @Test
  void aStacksLogDeterminantIsTheSumOfItsParts() {
    try (Transform a =
            Jacobians.lively(affine(Split.lastChanged(5, 2), CouplingScale.exp()), 1, 1);
        Transform b = Jacobians.lively(spline(Split.firstChanged(5, 2), false), 1, 2);
        Transform c = Jacobians.lively(new Scale(device, DType.FLOAT64, 5), 1, 3);
        Tape tape = Tape.inference(device);
        Tensor given = Tensor.of(device, new double[] {3, -1}, 2)) {
      Var x = tape.constant(tape.own(Tensor.of(device, Jacobians.uniforms(10, 1), 2, 5)));
      Var context =
          tape.constant(tape.own(Tensor.of(device, Jacobians.uniforms(4, 2), 2, CONTEXT)));
      Var start = tape.constant(given);
      Mapped ya = a.forward(x, null, context);
      Mapped yb = b.forward(ya.value(), null, context);
      Mapped yc = c.forward(yb.value(), null, context);
      Mapped whole = new Compose(List.of(a, b, c)).forward(x, start, context);
      assertArrayEquals(yc.value().value().toDoubleArray(), whole.value().value().toDoubleArray());
      double[] sum = whole.logDet().value().toDoubleArray();
      for (int i = 0; i < 2; i++) {
        double parts = i == 0 ? 3 : -1;
        for (Mapped part : List.of(ya, yb, yc)) {
          parts += part.logDet().value().toDoubleArray()[i];
        }
        assertEquals(parts, sum[i], 1e-12);
      }
    }
  }

  @Test
  void aBaseAddsItsLogDensityWhereverItIsFused() {
    each((name, f) -> assertBase(name, f, VECTOR), (name, f) -> assertBase(name, f, PICTURE));
    try (Tape tape = Tape.inference(device)) {
      Var x = tape.constant(tape.own(Tensor.of(device, new double[] {0.5, -1}, 1, 2)));
      double identity = new Compose().forwardUnder(Base.GAUSSIAN, x, null, null).logDet().item();
      assertEquals(-Math.log(2 * Math.PI) - 0.5 * (0.25 + 1), identity, 1e-12);
      assertEquals(0, new Compose().inverse(x, null, null).logDet().item());
    }
  }

  private void assertBase(String name, Transform f, long... shape) {
    int d = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[] x = Jacobians.uniforms(d, 3);
    double plain = Jacobians.logDets(device, Jacobians.forward(f), shape, x, GIVEN)[0];
    double[] y = Jacobians.values(device, Jacobians.forward(f), shape, x, GIVEN);
    double gaussian = 0;
    double logistic = 0;
    for (double v : y) {
      gaussian -= 0.5 * (v * v + Math.log(2 * Math.PI));
      logistic -= Math.abs(v) + 2 * Math.log1p(Math.exp(-Math.abs(v)));
    }
    assertEquals(plain + gaussian, under(f, Base.GAUSSIAN, shape, x), 1e-9, name);
    assertEquals(plain + logistic, under(f, Base.LOGISTIC, shape, x), 1e-9, name);
  }

  private double under(Transform f, Base base, long[] shape, double... x) {
    return Jacobians.logDets(
        device, (v, context) -> f.forwardUnder(base, v, null, context), shape, x, GIVEN)[0];
  }

  // --- Depth ------------------------------------------------------------------------------------

  /** In float32 through 32 couplings, scales between e^-1 and e. */
  @Test
  void roundTripsAreExactToTenThousandthsAtDepth32() {
    List<Transform> parts = new ArrayList<>();
    for (int k = 0; k < 32; k++) {
      Split split = k % 2 == 0 ? Split.lastChanged(6, 3) : Split.firstChanged(6, 3);
      Conditioner network =
          new DenseConditioner(
              device, split.keptUnits(), 0, Nonlinearity.TANH, 2 * split.parameterUnits(), 8);
      parts.add(new Coupling(device, split, CouplingScale.tanh(1), network));
    }
    try (Compose stack = Jacobians.lively(new Compose(parts), 0.3, 4);
        Tape tape = Tape.inference(device);
        Tensor x = Jacobians.tensor(device, DType.FLOAT32, Jacobians.uniforms(600, 5), 100, 6)) {
      Mapped y = stack.forward(tape.constant(x), null, null);
      Mapped back = stack.inverse(y.value(), null, null);
      float[] want = x.toArray();
      float[] got = back.value().value().toArray();
      double moved = 0;
      for (int i = 0; i < want.length; i++) {
        assertEquals(want[i], got[i], 1e-4 * Math.max(1, Math.abs(want[i])), "element " + i);
        moved = Math.max(moved, Math.abs(want[i] - y.value().value().toArray()[i]));
      }
      assertTrue(moved > 1, "a stack that moves points");
      double[] there = y.logDet().value().toDoubleArray();
      double[] again = back.logDet().value().toDoubleArray();
      for (int i = 0; i < 100; i++) {
        assertEquals(-there[i], again[i], 1e-3);
      }
    }
  }

  // --- ActNorm ----------------------------------------------------------------------------------

  @Test
  void actNormBeginsAtTheFirstBatchAndOnlyThen() {
    double[] values = Jacobians.uniforms(24, 2);
    for (int i = 0; i < 24; i++) {
      values[i] = values[i] * (1 + i / 4 % 2) + 3 + i / 4 % 2;
      values[i] = i / 4 % 3 == 2 ? 7 : values[i];
    }
    // [3, 2, 2, 2]: 3 examples of 2 channels of 4 pixels.
    try (ActNorm norm = new ActNorm(device, DType.FLOAT64, 2);
        Tensor x = Tensor.of(device, values, 3, 2, 2, 2)) {
      try (Tape tape = Tape.inference(device)) {
        Mapped same = norm.forward(tape.constant(x), null, null);
        assertArrayEquals(values, same.value().value().toDoubleArray());
        assertEquals(0, same.logDet().value().toDoubleArray()[0]);
      }
      double[] y;
      try (Tape tape = Tape.training(device, 1, 0)) {
        y = norm.forward(tape.constant(x), null, null).value().value().toDoubleArray();
      }
      for (int c = 0; c < 2; c++) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < 24; i++) {
          if (i / 4 % 2 == c) {
            sum += y[i];
            squares += y[i] * y[i];
          }
        }
        assertEquals(0, sum / 12, 1e-12);
        assertEquals(1, squares / 12, 1e-12);
      }
      double[] before = norm.state().get("log_scale").toDoubleArray();
      try (Tape tape = Tape.training(device, 1, 0);
          Tensor other = Tensor.full(device, DType.FLOAT64, 2, 3, 2, 2, 2)) {
        norm.forward(tape.constant(other), null, null);
      }
      assertArrayEquals(before, norm.state().get("log_scale").toDoubleArray());
    }
  }

  @Test
  void aScalingThatWaitsBeginsAtTheFirstBatchAndOnlyThen() {
    try (Scale scale = new Scale(device, DType.FLOAT64, 3, 2);
        Tensor x = Tensor.of(device, new double[] {1, 0.1, 4, 3, 0.5, 4}, 2, 3)) {
      double[] y;
      try (Tape tape = Tape.training(device, 1, 0)) {
        y = scale.forward(tape.constant(x), null, null).value().value().toDoubleArray();
      }
      // Deviations 1 and 0.2 become 2; what does not vary keeps its scale.
      assertArrayEquals(new double[] {2, 1, 4, 6, 5, 4}, y, 1e-12);
      scale.state().get("log_scale").copyFrom(new double[3]);
      try (Tape tape = Tape.training(device, 1, 2)) {
        y = scale.forward(tape.constant(x), null, null).value().value().toDoubleArray();
        assertArrayEquals(x.toDoubleArray(), y, "begun once");
      }
      assertThrows(IllegalArgumentException.class, () -> new Scale(device, DType.FLOAT64, 3, -1));
    }
  }

  @Test
  void actNormLeavesTheScaleOfConstantChannelsAndRefusesBatchesThatAreNotFinite() {
    try (ActNorm norm = new ActNorm(device, 2);
        Tape tape = Tape.training(device, 1, 0);
        Tensor x = Tensor.of(device, new float[] {3, 1, 3, 2}, 2, 2);
        Tensor nan = Tensor.of(device, new float[] {3, Float.NaN, 3, 2}, 2, 2);
        Tensor wide = Tensor.ones(device, 2, 3)) {
      for (Tensor wrong : List.of(nan, wide)) {
        assertThrows(
            IllegalArgumentException.class, () -> norm.forward(tape.constant(wrong), null, null));
      }
      float[] y = norm.forward(tape.constant(x), null, null).value().value().toArray();
      assertArrayEquals(new float[] {0, -1, 0, 1}, y, 1e-6f);
    }
  }

  // --- Invertible mixtures ----------------------------------------------------------------------

  @Test
  void mixturesBeginAsRotations() {
    try (InvertibleConv conv = new InvertibleConv(device, DType.FLOAT64, 6, 9);
        Tape tape = Tape.inference(device)) {
      double[] w = conv.weight(tape, false).value().toDoubleArray();
      double[] back = conv.weight(tape, true).value().toDoubleArray();
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 6; j++) {
          double dot = 0;
          for (int k = 0; k < 6; k++) {
            dot += w[i * 6 + k] * w[j * 6 + k];
          }
          assertEquals(i == j ? 1 : 0, dot, 1e-9);
          assertEquals(w[i * 6 + j], back[j * 6 + i], 1e-9, "the inverse is the transpose");
        }
      }
      double sum = Arrays.stream(conv.state().get("log_scale").toDoubleArray()).sum();
      assertEquals(0, sum, 1e-9);
    }
  }

  // --- Refusals ---------------------------------------------------------------------------------

  @Test
  void wrongShapesAreRefused() {
    refused(() -> new Permutation(0, 2));
    refused(() -> new Permutation(0, 0));
    refused(() -> new Permutation(-1, 0));
    refused(() -> Split.lastChanged(4, 0));
    refused(() -> Split.firstChanged(4, 4));
    refused(() -> Split.bits(true, true));
    refused(() -> Split.bits(false, false));
    refused(() -> Split.channels(1, 2, 2, true));
    refused(() -> new Squeeze().forwardShape(1, 3, 2));
    refused(() -> new Squeeze().forwardShape(4));
    refused(() -> new Squeeze().inverseShape(3, 2, 2));
    Split split = Split.lastChanged(2, 1);
    refused(() -> new Coupling(device, split, CouplingScale.none(), (x, c) -> x, (x, c) -> x));
    assertThrows(
        NullPointerException.class,
        () -> new Coupling(device, split, CouplingScale.none(), (Conditioner) null));
  }

  private static void refused(Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains("expected"), message);
  }
}
