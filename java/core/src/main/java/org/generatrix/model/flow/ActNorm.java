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
 * Whether that batch has come is kept with the parameters.
 */
public final class ActNorm extends Transform {
  /** A deviation below this, relative to the largest size, is none: the scale stays 1. */
  private static final double LEAST = 1e-6;

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
    long[] shape = x.shape();
    int channels = Math.toIntExact(logScale.size());
    if (shape.length < 2 || shape[1] != channels) {
      throw new IllegalArgumentException(
          "expected %d channels, got %s".formatted(channels, x.value().describe()));
    }
    int spatial = Math.toIntExact(x.size() / (Math.max(1, shape[0]) * channels));
    double[] values = x.value().toDoubleArray();
    if (values.length == 0) {
      return;
    }
    double[] l = new double[channels];
    double[] b = new double[channels];
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      double most = 0;
      for (int first = c * spatial; first < values.length; first += channels * spatial) {
        for (int i = first; i < first + spatial; i++) {
          sum += values[i];
          most = Math.max(most, Math.abs(values[i]));
        }
      }
      double mean = sum / (shape[0] * spatial);
      double squares = 0;
      for (int first = c * spatial; first < values.length; first += channels * spatial) {
        for (int i = first; i < first + spatial; i++) {
          squares += (values[i] - mean) * (values[i] - mean);
        }
      }
      double deviation = Math.sqrt(squares / (shape[0] * spatial));
      if (!Double.isFinite(deviation)) {
        throw new IllegalArgumentException(
            "expected a finite first batch, got a deviation of %s in channel %d"
                .formatted(deviation, c));
      }
      l[c] = deviation > LEAST * most ? -Math.log(deviation) : 0;
      b[c] = -mean * Math.exp(l[c]);
    }
    logScale.copyFrom(l);
    shift.copyFrom(b);
    begun.copyFrom(new double[] {1});
  }
}
