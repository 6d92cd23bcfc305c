// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.generatrix.autograd.Couplings.affine;
import static org.generatrix.autograd.Couplings.affineInverse;
import static org.generatrix.autograd.Couplings.baseLogDensity;
import static org.generatrix.autograd.Couplings.dequantise;
import static org.generatrix.autograd.Couplings.invertibleMatrix;
import static org.generatrix.autograd.Couplings.logit;
import static org.generatrix.autograd.Couplings.logitInverse;
import static org.generatrix.autograd.Couplings.quantise;
import static org.generatrix.autograd.Couplings.scale;
import static org.generatrix.autograd.Couplings.scaleInverse;
import static org.generatrix.autograd.Couplings.spline;
import static org.generatrix.autograd.Couplings.splineInverse;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.generatrix.autograd.op.Base;
import org.generatrix.autograd.op.CouplingMask;
import org.generatrix.autograd.op.CouplingScale;
import org.generatrix.autograd.op.SplineShape;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What steps of flows owe each other; OpsTest has their values and gradients. */
class CouplingsTest {
  private static final long[] SHAPE = {3, 2, 4, 4};
  private static final int UNITS = 32;

  private final Device device = Device.cpu(1);
  private final Tape tape = Tape.training(device, 1, 0);

  @AfterEach
  void close() {
    tape.close();
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Var random(int seed, long... shape) {
    return tape.variable(tape.own(Tensor.normal(device, new Rng(seed, 2), shape)));
  }

  private Var doubles(double... values) {
    return tape.variable(tape.own(Tensor.of(device, values, values.length)));
  }

  private static void close(Var expected, Var actual, double tolerance) {
    assertArrayEquals(expected.value().toDoubleArray(), actual.value().toDoubleArray(), tolerance);
  }

  private static boolean[] everyThird() {
    boolean[] kept = new boolean[UNITS];
    for (int i = 0; i < UNITS; i += 3) {
      kept[i] = true;
    }
    return kept;
  }

  /** Oracle 58: there and back is the identity, and the log-determinants cancel. */
  @Test
  void thereAndBack() {
    Var x = random(1, SHAPE);
    Var in = doubles(1, -2, 0.5);
    CouplingMask bits = CouplingMask.bits(everyThird());
    CouplingMask[] masks = {
      bits, bits.opposite(UNITS), CouplingMask.checkerboard(1), CouplingMask.span(5, 20)
    };
    for (CouplingMask mask : masks) {
      long numbers = mask.parameterUnits(UNITS);
      Var st = random(2, 3, 2 * numbers);
      Mapped y = affine(x, in, st, null, mask, CouplingScale.tanh(1), Base.NONE);
      Mapped back = affineInverse(y.value(), y.logDet(), st, null, mask, CouplingScale.tanh(1));
      close(x, back.value(), 1e-5);
      close(in, back.logDet(), 1e-5);
      SplineShape shape = SplineShape.of(8, 3);
      Var theta = random(3, 3, shape.numbers(), numbers);
      y = spline(x, in, theta, mask, shape);
      back = splineInverse(y.value(), y.logDet(), theta, mask, shape);
      close(x, back.value(), 1e-4);
      close(in, back.logDet(), 1e-3);
    }
    Var l = random(4, 2);
    Var b = random(5, 2);
    Mapped y = scale(x, in, l, b, Base.NONE);
    Mapped back = scaleInverse(y.value(), y.logDet(), l, b);
    close(x, back.value(), 1e-5);
    close(in, back.logDet(), 1e-12);
    y = logitInverse(x, in, 0.05, 1);
    back = logit(y.value(), y.logDet(), 0.05, 1);
    close(x, back.value(), 1e-4);
    close(in, back.logDet(), 1e-3);
  }

  /** Oracle 58: an additive coupling has a log-determinant of exactly 0. */
  @Test
  void additiveCouplingsKeepVolume() {
    CouplingMask mask = CouplingMask.firstChanged(UNITS, 16);
    Mapped y =
        affine(
            random(1, SHAPE), null, random(2, 3, 16), null, mask, CouplingScale.none(), Base.NONE);
    assertArrayEquals(new double[3], y.logDet().value().toDoubleArray());
  }

  /** Oracle 60: a flow that begins as the identity has its base's density exactly. */
  @Test
  void theBaseMayBeAddedInTheLastStep() {
    Var x = random(1, SHAPE);
    Var zeros = tape.constant(tape.own(Tensor.zeros(device, 3, 2 * UNITS)));
    Var st = random(2, 3, 2 * UNITS);
    CouplingMask mask = CouplingMask.checkerboard(0);
    for (Base base : new Base[] {Base.GAUSSIAN, Base.LOGISTIC}) {
      Mapped same = affine(x, null, zeros, null, mask, CouplingScale.exp(), base);
      close(baseLogDensity(x, null, base), same.logDet(), 1e-10);
      Mapped y = affine(x, null, st, null, mask, CouplingScale.exp(), Base.NONE);
      Mapped fused = affine(x, null, st, null, mask, CouplingScale.exp(), base);
      close(baseLogDensity(y.value(), y.logDet(), base), fused.logDet(), 1e-4);
      Var l = random(3, 2);
      y = scale(x, null, l, null, Base.NONE);
      fused = scale(x, null, l, null, base);
      close(baseLogDensity(y.value(), y.logDet(), base), fused.logDet(), 1e-4);
    }
  }

  @Test
  void bitsOnTheDeviceAreThoseOfJava() {
    CouplingMask mask = CouplingMask.bits(everyThird());
    CouplingMask kept = mask.on(device, tape::own);
    Var x = random(1, SHAPE);
    Var st = random(2, 3, 2 * UNITS);
    Mapped expected = affine(x, null, st, null, mask, CouplingScale.exp(), Base.NONE);
    long live = device.memory().live();
    Mapped actual = affine(x, null, st, null, kept, CouplingScale.exp(), Base.NONE);
    long made = 4 * x.size() + 8 * 3;
    assertEquals(live + made, device.memory().live());
    close(expected.value(), actual.value(), 0);
    close(expected.logDet(), actual.logDet(), 0);
    Mapped others = affine(x, null, st, null, kept.opposite(UNITS), CouplingScale.exp(), Base.NONE);
    float[] before = x.value().toArray();
    float[] here = actual.value().value().toArray();
    float[] there = others.value().value().toArray();
    for (int i = 0; i < before.length; i++) {
      boolean keptHere = i % UNITS % 3 == 0;
      assertEquals(before[i], keptHere ? here[i] : there[i]);
      assertTrue(before[i] != (keptHere ? there[i] : here[i]));
    }
    CouplingMask checkerboard = CouplingMask.checkerboard(1);
    assertEquals(checkerboard, checkerboard.on(device, tape::own));
  }

  /** A gradient that is not asked for is not made, and the log-determinant's passes through. */
  @Test
  void gradientsAreOfWhatIsAskedFor() {
    Var x = random(1, 3, 4);
    Var in = doubles(1, 2, 3);
    Var st = random(2, 3, 4);
    CouplingMask mask = CouplingMask.lastChanged(4, 2);
    CouplingScale exp = CouplingScale.exp();
    Var weights = tape.constant(tape.own(Tensor.of(device, new double[] {2, -1, 5}, 3)));

    Mapped y = affine(x.detach(), in, st, null, mask, exp, Base.NONE);
    Var loss = y.logDet().mul(weights).sum();
    assertEquals(DType.FLOAT64, loss.dtype());
    Gradients g = tape.gradients(loss);
    assertNull(g.of(x));
    assertArrayEquals(new double[] {2, -1, 5}, g.of(in).toDoubleArray());
    assertArrayEquals(
        new float[] {2, 2, 0, 0, -1, -1, 0, 0, 5, 5, 0, 0}, g.of(st).toArray(), 1e-6f);

    Gradients passed =
        tape.gradients(
            affine(x.detach(), in, st.detach(), null, mask, exp, Base.GAUSSIAN)
                .logDet()
                .mul(weights)
                .sum());
    assertNull(passed.of(st));
    assertArrayEquals(new double[] {2, -1, 5}, passed.of(in).toDoubleArray());

    Gradients of = tape.gradients(y.value().sum().to(DType.FLOAT64));
    assertNull(of.of(in));
    assertNotNull(of.of(st));
  }

  @Test
  void typesChangeOnTheWay() {
    Var wide = doubles(1, 1e-9, 3);
    Var narrow = wide.to(DType.FLOAT32);
    assertEquals(DType.FLOAT32, narrow.dtype());
    assertArrayEquals(new float[] {1, 1e-9f, 3}, narrow.value().toArray());
    Tensor g = tape.gradients(narrow.mul(narrow).sum()).of(wide);
    assertEquals(DType.FLOAT64, g.dtype());
    assertArrayEquals(new double[] {2, 2e-9, 6}, g.toDoubleArray(), 1e-7);
    assertEquals(wide, wide.to(DType.FLOAT64));
  }

  @Test
  void thereAreNoSecondDerivatives() {
    Var x = random(1, 3, 4);
    Var st = random(2, 3, 4);
    Mapped y =
        affine(x, null, st, null, CouplingMask.lastChanged(4, 2), CouplingScale.exp(), Base.NONE);
    Tensor dy = tape.own(Tensor.ones(device, 3, 4));
    Var dx = tape.differentiate(y.value(), dy, true, x)[0];
    assertThrows(UnsupportedOperationException.class, () -> tape.differentiate(dx, dy, false, st));
  }

  @Test
  void dequantisedIntensitiesStayInTheirCells() {
    int levels = 4;
    float[] values = new float[4 * 25];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % levels / (levels - 1f);
    }
    Var x = tape.constant(tape.own(Tensor.of(device, values, 4, 25)));
    Var u = dequantise(x, new Rng(3, 1), levels);
    float[] noisy = u.value().toArray();
    for (int i = 0; i < noisy.length; i++) {
      assertEquals(i % levels, (int) (noisy[i] * levels), "element " + i);
    }
    assertEquals(values.length, Arrays.stream(u.value().toDoubleArray()).distinct().count());
    close(u, dequantise(x, new Rng(3, 1), levels), 0);
    close(x, quantise(u, levels), 1e-7);

    Mapped y = dequantise(x, new Rng(3, 1), levels, 0.05, 0.95);
    Mapped apart = logit(u, null, 0.05, 0.95);
    close(apart.value(), y.value(), 1e-5);
    close(apart.logDet(), y.logDet(), 1e-4);
    close(x, quantise(y.value(), levels, 0.05, 0.95), 1e-7);
    assertThrows(IllegalArgumentException.class, () -> dequantise(x, new Rng(3, 1), 1));
  }

  @Test
  void aMatrixTimesItsInverseIsTheIdentity() {
    long[] permutation = {1, 2, 0};
    Var lower = random(1, 3, 3);
    Var upper = random(2, 3, 3);
    Var l = random(3, 3);
    Tensor sign = tape.own(Tensor.of(device, new float[] {1, -1, 1}, 3));
    Var product =
        invertibleMatrix(permutation, lower, upper, sign, l, false)
            .matmul(invertibleMatrix(permutation, lower, upper, sign, l, true));
    assertArrayEquals(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, product.value().toArray(), 1e-5f);
  }

  @Test
  void masksSayWhatTheyCannotBe() {
    refused("0 <= begin", () -> CouplingMask.span(-1, 2));
    refused("0 <= begin", () -> CouplingMask.span(3, 2));
    refused("between 0 and 4", () -> CouplingMask.firstChanged(4, 5));
    refused("between 0 and 4", () -> CouplingMask.lastChanged(4, -1));
    refused("0 or 1", () -> CouplingMask.checkerboard(2));
    refused("BITS [1, elements]", () -> CouplingMask.bits(random(1, 2, 2).value()));
    refused("within the 3", () -> CouplingMask.span(2, 4).opposite(3));
    refused("for the 3 elements", () -> CouplingMask.bits(true).opposite(3));
    refused("bins must be", () -> SplineShape.of(1, 3));
    refused("bins must be", () -> SplineShape.of(65, 3));
    refused("bound must be", () -> SplineShape.of(8, 0));
    refused("bound must be", () -> SplineShape.of(8, 1.1e6));
    refused("minWidth must be", () -> new SplineShape(8, 3, 1e-7, 1e-3, false));
    refused("minWidth must be", () -> new SplineShape(8, 3, 0.125, 1e-3, false));
    refused("minSlope must be", () -> new SplineShape(8, 3, 1e-3, 1, false));
    refused("clamp must be finite", () -> CouplingScale.tanh(Double.NaN));
  }

  private static void refused(String part, Runnable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void oppositesOfSpansAreSpansWhereTheyCan() {
    assertEquals("elements 3 to 8 changed", CouplingMask.firstChanged(8, 3).opposite(8).toString());
    assertEquals("elements 0 to 5 changed", CouplingMask.lastChanged(8, 3).opposite(8).toString());
    assertEquals("bits of 8 elements", CouplingMask.span(2, 4).opposite(8).toString());
    assertEquals("checkerboard 0 changed", CouplingMask.checkerboard(1).opposite(8).toString());
    assertEquals(3, CouplingMask.lastChanged(8, 3).parameterUnits(8));
    assertEquals(8, CouplingMask.checkerboard(1).parameterUnits(8));
  }
}
