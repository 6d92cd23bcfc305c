// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.coupling;

import java.util.List;
import java.util.Random;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.CouplingMask;
import org.generatrix.autograd.op.SplineShape;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.coupling.CouplingTrial.Pass;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchSpline;
import org.generatrix.binding.Coupling;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * One pass of a spline coupling of the first half, theta [n, units, numbers] as the peer has it:
 * forward and inverse on a tape; backward alone, into memory of its own.
 */
final class SplineTrial implements Trial {
  private static final SplineShape SHAPE = SplineShape.of(8, 3).byUnit();

  private final Pass pass;
  private final int n;
  private final int units;
  private final Scope scope = new Scope();
  private final Device device;
  private final Tensor x;
  private final Tensor theta;
  private final Tensor dy; // of BACKWARD, as are those below
  private final Tensor dLogDet;
  private final Tensor dx;
  private final Tensor dTheta;
  private final TorchSpline torch;

  SplineTrial(Pass pass, int n, int units, int threads) {
    this.pass = pass;
    this.n = n;
    this.units = units;
    device = scope.own(Device.cpu(threads));
    Torch.setThreads(threads);
    Random random = new Random(7);
    float[] xs = uniform(random, n * 2 * units, 1.2 * SHAPE.bound());
    float[] numbers = uniform(random, n * units * SHAPE.numbers(), 1);
    x = scope.own(Tensor.of(device, xs, n, 2 * units));
    theta = scope.own(Tensor.of(device, numbers, n, units, SHAPE.numbers()));
    torch =
        scope.own(
            new TorchSpline(
                SHAPE.bins(),
                SHAPE.bound(),
                SHAPE.minWidth(),
                pass == Pass.INVERSE,
                n,
                xs,
                numbers));
    if (pass != Pass.BACKWARD) {
      dy = dLogDet = dx = dTheta = null;
      return;
    }
    float[] slopes = uniform(random, xs.length, 1);
    float[] logSlopes = uniform(random, n, 1);
    double[] wide = new double[n];
    for (int i = 0; i < n; i++) {
      wide[i] = logSlopes[i];
    }
    dy = scope.own(Tensor.of(device, slopes, n, 2 * units));
    dLogDet = scope.own(Tensor.of(device, wide, n));
    dx = scope.own(Tensor.zeros(device, n, 2 * units));
    dTheta = scope.own(Tensor.zeros(device, n, units, SHAPE.numbers()));
    torch.keepGraph(slopes, logSlopes);
  }

  private static float[] uniform(Random random, int size, double most) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (most * (2 * random.nextDouble() - 1));
    }
    return values;
  }

  private Mapped map(Tape tape) {
    Var in = tape.constant(x);
    Var numbers = tape.constant(theta);
    CouplingMask mask = CouplingMask.firstChanged(2L * units, units);
    return pass == Pass.INVERSE
        ? Couplings.splineInverse(in, null, numbers, mask, SHAPE)
        : Couplings.spline(in, null, numbers, mask, SHAPE);
  }

  private void forward() {
    try (Tape tape = Tape.inference(device)) {
      map(tape);
    }
  }

  private void backward() {
    Coupling.Examples examples =
        new Coupling.Examples(n, 2L * units, 1, 1, Coupling.Pattern.SPAN, 0, 0, units);
    Coupling.Spline p =
        new Coupling.Spline(
            examples,
            SHAPE.bins(),
            SHAPE.bound(),
            SHAPE.minWidth(),
            SHAPE.minSlope(),
            (long) SHAPE.numbers() * units,
            1,
            SHAPE.numbers(),
            false);
    Coupling.splineBackward(
        device,
        p,
        null,
        x.view(),
        theta.view(),
        dy.view(),
        dLogDet.view(),
        dx.view(),
        dTheta.view());
  }

  @Override
  public Contender ours() {
    return pass == Pass.BACKWARD
        ? new Contender("backward", this::backward)
        : new Contender("on a tape", this::forward);
  }

  @Override
  public List<Peer> peers() {
    return List.of(new Peer(Torch.name(device.threads()), torch.contender()));
  }

  /** x and theta are read and y is written; backward x, dy and theta, and dx and dtheta. */
  @Override
  public Work work() {
    return Work.bytes(
        Float.BYTES
            * (pass == Pass.BACKWARD
                ? 3.0 * x.size() + 2.0 * theta.size()
                : 2.0 * x.size() + theta.size()));
  }

  /**
   * Single gradients jump at knots, which rounding may put to either side: their mean is looked at.
   */
  @Override
  public void verify() {
    float[][] theirs = torch.results();
    if (pass == Pass.BACKWARD) {
      backward();
      Verify.close("mean distance of dx", distance(dx.toArray(), theirs[0]), 0, 1e-3);
      Verify.close("mean distance of dtheta", distance(dTheta.toArray(), theirs[1]), 0, 1e-4);
      return;
    }
    try (Tape tape = Tape.inference(device)) {
      Mapped made = map(tape);
      Verify.close("y", made.value().value().toArray(), theirs[0], 1e-4);
      double[] logDet = made.logDet().value().toDoubleArray();
      Verify.close("log det", theirs[1], 0, logDet, 0.01); // theirs is a sum in float
    }
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs(a[i] - b[i]);
    }
    return sum / a.length;
  }

  @Override
  public String note() {
    return pass == Pass.BACKWARD
        ? "peer: softmax, cumsum, gathers, backward over a kept graph"
        : "peer: softmax, cumsum, gathers";
  }

  @Override
  public void close() {
    scope.close();
  }
}
