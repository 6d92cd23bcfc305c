// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * y = x e^l_c + b_c by channel, or by unit of vectors: "log_scale" and "shift". At the first batch
 * that is trained they become what gives y mean 0 and deviation 1 there, and are parameters like
 * others from then on (Kingma and Dhariwal, "Glow", 2018, section 3.1); before, it is the identity.
 * A channel that does not vary keeps its scale. Whether that batch has come is kept with the
 * parameters.
 */
public final class ActNorm extends Transform {
  private final Tensor logScale; // [channels]
  private final Tensor shift; // [channels]
  private final Tensor begun; // [1], 1 once the first batch has come

  public ActNorm(Device device, long channels) {
    this(device, DType.FLOAT32, channels);
  }

  public ActNorm(Device device, DType dtype, long channels) {
    logScale = parameter("log_scale", Tensor.zeros(device, dtype, channels), Initialiser.zeros());
    shift = parameter("shift", Tensor.zeros(device, dtype, channels), Initialiser.zeros());
    begun = buffer("begun", Tensor.zeros(device, dtype, 1));
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return forwardUnder(Base.NONE, x, logDet, context);
  }

  @Override
  public Mapped forwardUnder(Base base, Var x, Var logDet, Var context) {
    if (x.tape().isTraining() && begun.item() == 0) {
      begin(x);
    }
    return Couplings.scale(x, logDet, x.tape().variable(logScale), x.tape().variable(shift), base);
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    return Couplings.scaleInverse(y, logDet, y.tape().variable(logScale), y.tape().variable(shift));
  }

  private void begin(Var x) {
    int channels = Math.toIntExact(logScale.size());
    FirstBatch batch = FirstBatch.of(x, channels);
    double[] l = new double[channels];
    double[] b = new double[channels];
    for (int c = 0; c < channels; c++) {
      l[c] = batch.logScale(c, 1);
      b[c] = -batch.mean()[c] * Math.exp(l[c]);
    }
    logScale.copyFrom(l);
    shift.copyFrom(b);
    begun.copyFrom(new double[] {1});
  }
}
