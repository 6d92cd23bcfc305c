// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRef;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.generatrix.bench.Contender;

/**
 * A rational-quadratic spline coupling of the first half of each example in eager libtorch, as its
 * authors' code composes it (Durkan et al. 2019): softmax, sums of widths, a comparison with every
 * knot, gathers. Where theirs indexes the elements inside of the bound, this chooses by where,
 * which is faster.
 */
public final class TorchSpline implements AutoCloseable {
  private static final Scalar ONE = new Scalar(1f);
  private static final Scalar TWO = new Scalar(2f);
  private static final int LAST = 2;

  private final int bins;
  private final double bound;
  private final double least; // width, height and slope
  private final boolean inverse;
  private final Tensor x; // [n][2 units]
  private final Tensor theta; // [n][units][3 bins - 1]
  private Tensor dy; // null: forward only
  private Tensor dLogDet;
  private Tensor[] kept; // y and the log-determinant with their graph

  public TorchSpline(
      int bins, double bound, double least, boolean inverse, int n, float[] x, float[] theta) {
    this.bins = bins;
    this.bound = bound;
    this.least = least;
    this.inverse = inverse;
    int size = x.length / n;
    this.x = Torch.of(x, n, size);
    this.theta = Torch.of(theta, n, size / 2, 3 * bins - 1);
  }

  /** Keeps the graph of one forward call, of which the call to time then takes the gradients. */
  public void keepGraph(float[] slopes, float[] dLogDet) {
    x.requires_grad_(true);
    theta.requires_grad_(true);
    dy = Torch.of(slopes, dLogDet.length, slopes.length / dLogDet.length);
    this.dLogDet = Torch.of(dLogDet, dLogDet.length);
    kept = map();
  }

  /** The call to time. */
  public Contender contender() {
    return kept == null
        ? new Contender("composed", this::forward)
        : new Contender("autograd, forward not timed", this::backward);
  }

  private static Scalar scalar(double value) {
    return new Scalar((float) value);
  }

  /** Knots from -bound to bound, [n][units][bins + 1]. */
  private Tensor knots(Tensor q) {
    Tensor shares = q.softmax(LAST).mul(scalar(1 - bins * least)).add(scalar(least));
    Tensor sums = torch.constant_pad_nd(shares.cumsum(LAST), new long[] {1, 0}, scalar(0));
    Tensor knots = sums.mul(scalar(2 * bound)).sub(scalar(bound));
    knots.select(LAST, bins).fill_(scalar(bound));
    return knots;
  }

  private static Tensor at(Tensor values, Tensor bin) {
    return values.gather(LAST, bin).squeeze(LAST);
  }

  private Tensor[] map() {
    long units = x.size(1) / 2;
    Tensor changed = x.narrow(1, 0, units);
    Tensor x0 = knots(theta.narrow(LAST, 0, bins));
    Tensor y0 = knots(theta.narrow(LAST, bins, bins));
    Tensor widths = x0.narrow(LAST, 1, bins).sub(x0.narrow(LAST, 0, bins));
    Tensor heights = y0.narrow(LAST, 1, bins).sub(y0.narrow(LAST, 0, bins));
    double edge = Math.log(Math.expm1(1 - least));
    Tensor inner = theta.narrow(LAST, 2 * bins, bins - 1).add(scalar(edge));
    Tensor all = torch.constant_pad_nd(inner, new long[] {1, 1}, scalar(edge));
    Tensor slopes = torch.softplus(all).add(scalar(least));
    Tensor inside = changed.abs().le(scalar(bound));
    Tensor clamped = changed.clamp_min(scalar(-bound)).clamp_max(scalar(bound));
    Tensor along = (inverse ? y0 : x0).narrow(LAST, 1, bins - 1);
    Tensor bin = clamped.unsqueeze(LAST).ge(along).sum(LAST).unsqueeze(LAST);
    Tensor left = at(x0.narrow(LAST, 0, bins), bin);
    Tensor bottom = at(y0.narrow(LAST, 0, bins), bin);
    Tensor width = at(widths, bin);
    Tensor height = at(heights, bin);
    Tensor delta = at(heights.div(widths), bin);
    Tensor d0 = at(slopes.narrow(LAST, 0, bins), bin);
    Tensor d1 = at(slopes.narrow(LAST, 1, bins), bin);
    Tensor bend = d0.add(d1).sub(delta.mul(TWO));
    Tensor place;
    if (inverse) {
      Tensor rise = clamped.sub(bottom);
      Tensor risen = rise.mul(bend);
      Tensor a = risen.add(height.mul(delta.sub(d0)));
      Tensor b = height.mul(d0).sub(risen);
      Tensor c = delta.neg().mul(rise);
      Tensor root = b.mul(b).sub(a.mul(c).mul(scalar(4))).clamp_min(scalar(0)).sqrt();
      place = c.mul(TWO).div(b.neg().sub(root));
    } else {
      place = clamped.sub(left).div(width);
    }
    Tensor other = place.neg().add(ONE);
    Tensor both = place.mul(other);
    Tensor square = place.mul(place);
    Tensor denominator = delta.add(bend.mul(both));
    Tensor image =
        inverse
            ? place.mul(width).add(left)
            : bottom.add(height.mul(delta.mul(square).add(d0.mul(both))).div(denominator));
    Tensor slope =
        delta
            .mul(delta)
            .mul(d1.mul(square).add(delta.mul(both).mul(TWO)).add(d0.mul(other.mul(other))));
    Tensor log = slope.log().sub(denominator.log().mul(TWO));
    Tensor spline = torch.where(inside, image, changed);
    Tensor logDet = torch.where(inside, inverse ? log.neg() : log, torch.zeros_like(log)).sum(1);
    Tensor y =
        torch.cat(new TensorArrayRef(new TensorVector(spline, x.narrow(1, units, units))), 1);
    return new Tensor[] {y, logDet};
  }

  private void forward() {
    try (PointerScope local = new PointerScope()) {
      map();
    }
  }

  private void backward() {
    try (PointerScope local = new PointerScope()) {
      gradients();
    }
  }

  private TensorVector gradients() {
    return torch.grad(
        new TensorVector(kept),
        new TensorVector(x, theta),
        new TensorVector(dy, dLogDet),
        new BoolOptional(true),
        false,
        false);
  }

  /** What is timed, for verification: y and the log-determinant, or dx and dtheta. */
  public float[][] results() {
    try (PointerScope local = new PointerScope()) {
      if (kept != null) {
        TensorVector g = gradients();
        return new float[][] {array(g.get(0)), array(g.get(1))};
      }
      Tensor[] made = map();
      return new float[][] {array(made[0]), array(made[1])};
    }
  }

  private static float[] array(Tensor tensor) {
    return Torch.toArray(tensor.contiguous());
  }

  @Override
  public void close() {
    Torch.close(x, theta);
    if (kept != null) {
      Torch.close(dy, dLogDet);
      Torch.close(kept);
    }
  }
}
