// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Coupling;
import org.generatrix.binding.States;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = x e^l + t on the elements that are changed, y = x on those kept; log det = sum l (Dinh,
 * Sohl-Dickstein, Bengio, "Density estimation using Real NVP", 2017, eq. 4 to 9). l comes from s as
 * {@link CouplingScale} says; without s the coupling is additive. The inverse is x = (y - t) e^-l.
 *
 * <p>x is [n, channels], [n, channels, length] or [n, channels, height, width]. s and t have, for
 * each of the n examples, a number for each of {@link CouplingMask#parameterUnits}. Gradients with
 * g = dy and c = dlogDet: dx = g e^l, dl = g x e^l + c, dt = g; the header has those of the
 * inverse.
 */
public final class AffineCoupling extends MappedOp {
  private final Coupling.Affine p;
  private final States kept; // null for rules
  private final int s; // which input it is, -1 for none
  private final int t; // s itself: the two halves of one
  private final int amplitude; // -1 for none

  private AffineCoupling(Coupling.Affine p, States kept, int s, int t, int amplitude) {
    this.p = p;
    this.kept = kept;
    this.s = s;
    this.t = t;
    this.amplitude = amplitude;
  }

  /**
   * With s and t apart.
   *
   * @param logDet FLOAT64 [n], or null for zeros
   * @param s null with {@link CouplingScale#none}, and only then
   * @param amplitude a [channels] for tanh, or null
   * @param base whose log density at y is added to the log-determinant; of the forward direction
   */
  public static Mapped of(
      Var x,
      Var logDet,
      Var s,
      Var t,
      Var amplitude,
      CouplingMask mask,
      CouplingScale scale,
      boolean inverse,
      Base base) {
    if ((s == null) != (scale.kind() == CouplingScale.Kind.NONE)) {
      throw new IllegalArgumentException(
          "expected s for every scale but NONE, got %s for %s"
              .formatted(s == null ? "none" : "one", scale.kind()));
    }
    Coupling.Examples examples = mask.over(x);
    long units = examples.parameterUnits();
    if (s != null) {
      requireNumbers("s", s, examples, units);
    }
    requireNumbers("t", t, examples, units);
    return of(x, logDet, s, t, amplitude, mask, params(examples, scale, units, inverse, base));
  }

  /**
   * With both in one, as a network gives them: of each example's numbers the first half is s, the
   * second t; with {@link CouplingScale#none} all are t. It is not copied.
   *
   * @param st [n, ..]
   */
  public static Mapped of(
      Var x,
      Var logDet,
      Var st,
      Var amplitude,
      CouplingMask mask,
      CouplingScale scale,
      boolean inverse,
      Base base) {
    if (scale.kind() == CouplingScale.Kind.NONE) {
      return of(x, logDet, null, st, amplitude, mask, scale, inverse, base);
    }
    Coupling.Examples examples = mask.over(x);
    long both = 2 * examples.parameterUnits();
    requireNumbers("s and t", st, examples, both);
    return of(x, logDet, st, st, amplitude, mask, params(examples, scale, both, inverse, base));
  }

  private static Coupling.Affine params(
      Coupling.Examples x, CouplingScale scale, long stride, boolean inverse, Base base) {
    return new Coupling.Affine(x, scale.kind().code, scale.clamp(), stride, inverse, base.code);
  }

  private static void requireNumbers(String name, Var v, Coupling.Examples x, long units) {
    if (Batch.rows(name, v) != x.examples() || Batch.units(v) != units) {
      throw Batch.shape(name, "[%d, ..] of %d numbers each".formatted(x.examples(), units), v);
    }
  }

  private static Mapped of(
      Var x, Var logDet, Var s, Var t, Var amplitude, CouplingMask mask, Coupling.Affine p) {
    AffineNorm.requireVector("amplitude", amplitude, p.x().channels());
    List<Var> inputs = new ArrayList<>(List.of(x));
    int sAt = add(inputs, s);
    int tAt = s == t ? sAt : add(inputs, t);
    AffineCoupling op =
        new AffineCoupling(p, mask.states(x.tape()), sAt, tAt, add(inputs, amplitude));
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Tensor gathered = logDet(x, logDet);
    Coupling.affine(
        x.tape().device(),
        p,
        op.kept,
        x.view(),
        view(s),
        op.shift(t.view()),
        view(amplitude),
        view(logDet),
        y.view(),
        gathered.view());
    return op.record(y, gathered, logDet, inputs.toArray(Var[]::new));
  }

  private static int add(List<Var> inputs, Var v) {
    if (v == null) {
      return -1;
    }
    inputs.add(v);
    return inputs.size() - 1;
  }

  /** t within what holds it, which may be null. */
  private View shift(View held) {
    long first = s == t && p.x().examples() > 0 ? p.x().parameterUnits() : 0;
    return held == null || first == 0
        ? held
        : new View(held.buffer(), held.offset() + first, held.count() - first, held.format());
  }

  private static View at(int i, View... views) {
    return i < 0 ? null : views[i];
  }

  private static View input(Flow g, int i) {
    return i < 0 ? null : g.input(i).view();
  }

  @Override
  void gradients(Flow g, View dy, View dLogDet, View... made) {
    Coupling.affineBackward(
        g.output(0).tape().device(),
        p,
        kept,
        input(g, 0),
        input(g, s),
        shift(input(g, t)),
        input(g, amplitude),
        dy,
        dLogDet,
        made[0],
        at(s, made),
        shift(made[t]),
        at(amplitude, made));
  }
}
