// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.exp;
import static org.generatrix.autograd.Functions.log;
import static org.generatrix.autograd.Functions.square;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * Batch norm as a part of a flow (Dinh et al. 2017, section 3.7 and appendix E): y = (x - m) /
 * sqrt(v + epsilon) for each channel of x [n, channels, ..], log det = -positions / 2 sum log (v +
 * epsilon).
 *
 * <p>In training m and v move to rho m + (1 - rho) (mean of the batch), and so for the variance,
 * and these are what the batch is normalised by: small batches do little harm. The gradient goes
 * through the share of the current batch alone. In evaluation, and in the inverse direction always,
 * they are the running ones as they stand, "running_mean" and "running_var", which files keep;
 * before any training these make it the identity, up to rounding.
 *
 * <p>One thread at a time may train it.
 */
public final class BatchNormTransform extends Transform {
  private final double rho;
  private final double epsilon;
  private final long channels;
  private final Tensor mean;
  private final Tensor var;

  /** Rho 0.9 and epsilon 1e-4. */
  public BatchNormTransform(Device device, long channels) {
    this(device, DType.FLOAT32, channels, 0.9, 1e-4);
  }

  /**
   * @param rho the share of the running statistics, in [0, 1)
   * @param epsilon in (0, 1)
   */
  public BatchNormTransform(Device device, DType dtype, long channels, double rho, double epsilon) {
    if (channels < 1) {
      throw new IllegalArgumentException("channels must be at least 1, got " + channels);
    }
    if (!(rho >= 0 && rho < 1)) {
      throw new IllegalArgumentException("rho must be in [0, 1), got " + rho);
    }
    if (!(epsilon > 0 && epsilon < 1)) {
      throw new IllegalArgumentException("epsilon must be in (0, 1), got " + epsilon);
    }
    this.rho = rho;
    this.epsilon = epsilon;
    this.channels = channels;
    mean = buffer("running_mean", Tensor.zeros(device, dtype, channels));
    var = buffer("running_var", Tensor.full(device, dtype, 1 - epsilon, channels));
  }

  /** m [channels]; this transform's own. */
  public Tensor runningMean() {
    return mean;
  }

  /** v [channels]; this transform's own. */
  public Tensor runningVar() {
    return var;
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return forwardUnder(Base.NONE, x, logDet, context);
  }

  @Override
  public Mapped forwardUnder(Base base, Var x, Var logDet, Var context) {
    requireChannels(x);
    Tape tape = x.tape();
    if (!tape.isTraining()) {
      Var logScale = logScale(tape.constant(var)); // -log (v + epsilon) / 2
      return Couplings.scale(x, logDet, logScale, shift(tape.constant(mean), logScale), base);
    }
    int[] others = IntStream.range(0, x.shape().length).filter(axis -> axis != 1).toArray();
    Var m = x.mean(others); // [channels]
    Var v = square(x.sub(m.reshape(perChannel(x)))).mean(others);
    m = mixed(mean, m);
    v = mixed(var, v);
    mean.copyFrom(m.value());
    var.copyFrom(v.value());
    Var logScale = logScale(v);
    return Couplings.scale(x, logDet, logScale, shift(m, logScale), base);
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    requireChannels(y);
    Tape tape = y.tape();
    Var logScale = logScale(tape.constant(var));
    return Couplings.scaleInverse(y, logDet, logScale, shift(tape.constant(mean), logScale));
  }

  private Var mixed(Tensor running, Var batch) {
    return batch.tape().constant(running).mul(rho).add(batch.mul(1 - rho));
  }

  private Var logScale(Var v) {
    return log(v.add(epsilon)).mul(-0.5);
  }

  private static Var shift(Var m, Var logScale) {
    return m.mul(exp(logScale)).neg();
  }

  private static long[] perChannel(Var x) {
    long[] shape = new long[x.shape().length];
    Arrays.fill(shape, 1);
    shape[1] = x.shape()[1];
    return shape;
  }

  private void requireChannels(Var x) {
    long[] shape = x.shape();
    if (shape.length < 2 || shape[1] != channels) {
      throw new IllegalArgumentException(
          "expected x [n, %d, ..], got %s".formatted(channels, Arrays.toString(shape)));
    }
  }
}
