// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.coupling;

import java.util.List;
import java.util.Random;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.autograd.op.CouplingMask;
import org.generatrix.autograd.op.CouplingScale;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchCoupling;
import org.generatrix.binding.Coupling;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * One pass of a coupling: forward and inverse on a tape, whose results are allocated by the call as
 * the peer's are; backward alone, into memory of its own.
 */
final class CouplingTrial implements Trial {
  /** Which of them. */
  enum Pass {
    FORWARD(""),
    INVERSE("-inverse"),
    BACKWARD("-backward");

    final String suffix;

    Pass(String suffix) {
      this.suffix = suffix;
    }
  }

  private static final int CHANNELS = 3;
  private static final double AMPLITUDE = 1;

  private final Pass pass;
  private final boolean halves;
  private final int n;
  private final int side;
  private final Scope scope = new Scope();
  private final Device device;
  private final Tensor x;
  private final Tensor s;
  private final Tensor t;
  private final Tensor dy; // of BACKWARD, as are those below
  private final Tensor dLogDet;
  private final Tensor dx;
  private final Tensor ds;
  private final Tensor dt;
  private final TorchCoupling torch;

  CouplingTrial(Pass pass, boolean halves, int n, int side, int threads) {
    this.pass = pass;
    this.halves = halves;
    this.n = n;
    this.side = side;
    device = scope.own(Device.cpu(threads));
    Torch.setThreads(threads);
    Random random = new Random(7);
    int size = CHANNELS * side * side;
    int numbers = halves ? size / 2 : size;
    float[] xs = uniform(random, n * size);
    float[] ss = uniform(random, n * numbers);
    float[] ts = uniform(random, n * numbers);
    x = scope.own(Tensor.of(device, xs, n, CHANNELS, side, side));
    s = scope.own(Tensor.of(device, ss, n, numbers));
    t = scope.own(Tensor.of(device, ts, n, numbers));
    torch =
        scope.own(
            new TorchCoupling(
                AMPLITUDE, pass == Pass.INVERSE, n, xs, ss, ts, halves ? null : mask(size)));
    if (pass != Pass.BACKWARD) {
      dy = dLogDet = dx = ds = dt = null;
      return;
    }
    float[] slopes = uniform(random, n * size);
    float[] logSlopes = uniform(random, n);
    double[] wide = new double[n];
    for (int i = 0; i < n; i++) {
      wide[i] = logSlopes[i];
    }
    dy = scope.own(Tensor.of(device, slopes, n, CHANNELS, side, side));
    dLogDet = scope.own(Tensor.of(device, wide, n));
    dx = scope.own(Tensor.zeros(device, n, CHANNELS, side, side));
    ds = scope.own(Tensor.zeros(device, n, numbers));
    dt = scope.own(Tensor.zeros(device, n, numbers));
    torch.keepGraph(slopes, logSlopes);
  }

  private static float[] uniform(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  // 1 where a pixel is kept: (i + j) mod 2 = 0.
  private float[] mask(int size) {
    float[] b = new float[size];
    for (int e = 0; e < size; e++) {
      b[e] = 1 - (e / side % side + e % side) % 2;
    }
    return b;
  }

  private CouplingMask pattern() {
    long size = (long) CHANNELS * side * side;
    return halves ? CouplingMask.lastChanged(size, size / 2) : CouplingMask.checkerboard(1);
  }

  private Mapped map(Tape tape) {
    Var in = tape.constant(x);
    CouplingScale scale = CouplingScale.tanh(AMPLITUDE);
    return pass == Pass.INVERSE
        ? Couplings.affineInverse(
            in, null, tape.constant(s), tape.constant(t), null, pattern(), scale)
        : Couplings.affine(
            in, null, tape.constant(s), tape.constant(t), null, pattern(), scale, Base.NONE);
  }

  private void forward() {
    try (Tape tape = Tape.inference(device)) {
      map(tape);
    }
  }

  private void backward() {
    long size = (long) CHANNELS * side * side;
    Coupling.Examples examples =
        new Coupling.Examples(
            n,
            CHANNELS,
            side,
            side,
            halves ? Coupling.Pattern.SPAN : Coupling.Pattern.CHECKERBOARD,
            halves ? 0 : 1,
            halves ? size - size / 2 : 0,
            halves ? size : 0);
    Coupling.Affine p =
        new Coupling.Affine(
            examples,
            Coupling.Scale.TANH,
            AMPLITUDE,
            examples.parameterUnits(),
            false,
            Coupling.Base.NONE);
    Coupling.affineBackward(
        device,
        p,
        null,
        x.view(),
        s.view(),
        t.view(),
        null,
        dy.view(),
        dLogDet.view(),
        dx.view(),
        ds.view(),
        dt.view(),
        null);
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

  /**
   * What must be moved: x and y once, s and t once; backward dy, dx, s, ds, dt and x, of which
   * halves need the part that is changed.
   */
  @Override
  public Work work() {
    double parts =
        pass != Pass.BACKWARD
            ? 2 * x.size() + 2 * s.size()
            : 2 * x.size() + (halves ? 4 : 3) * s.size() + (halves ? 0 : x.size());
    return Work.bytes(Float.BYTES * parts);
  }

  @Override
  public void verify() {
    float[][] theirs = torch.results();
    if (pass == Pass.BACKWARD) {
      backward();
      Verify.close("dx", dx.toArray(), theirs[0], 1e-5);
      Verify.close("ds", ds.toArray(), theirs[1], 1e-5);
      Verify.close("dt", dt.toArray(), theirs[2], 1e-5);
      return;
    }
    try (Tape tape = Tape.inference(device)) {
      Mapped made = map(tape);
      Verify.close("y", made.value().value().toArray(), theirs[0], 1e-5);
      double[] logDet = made.logDet().value().toDoubleArray();
      Verify.close("log det", theirs[1], 0, logDet, 0.01); // theirs is a sum in float
    }
  }

  @Override
  public String note() {
    String form = halves ? "peer: chunk and cat" : "peer: mask tensor";
    return pass == Pass.BACKWARD ? form + ", backward over a kept graph" : form;
  }

  @Override
  public void close() {
    scope.close();
  }
}
