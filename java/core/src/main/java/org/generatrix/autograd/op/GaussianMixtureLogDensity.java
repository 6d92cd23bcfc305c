// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Loss;
import org.generatrix.tensor.Tensor;

/**
 * y[r] = sum_i log sum_k pi_ki N(x_i; m_ki, s_ki^2), pi = softmax over k of the logits, s =
 * e^logSigma: a mixture of K Gaussians for each unit (Uria, Murray, Larochelle, "RNADE", NIPS 2013,
 * equations 4 to 8). x is [rows, ..]; logits, mean and logSigma are [rows, K, ..].
 *
 * <p>With g_k the responsibility of component k and z = (x - m) / s: dlogits = dy (g - pi), dm = dy
 * g z / s, dlogSigma = dy g (z^2 - 1), dx = -sum_k dy g z / s.
 */
public final class GaussianMixtureLogDensity extends Op {
  private final boolean pseudoGradient;

  private GaussianMixtureLogDensity(boolean pseudoGradient) {
    this.pseudoGradient = pseudoGradient;
  }

  public static Var of(Var x, Var logits, Var mean, Var logSigma) {
    return of(x, logits, mean, logSigma, false);
  }

  /**
   * @param pseudoGradient whether the mean's gradient is multiplied by s, the paper's remedy
   *     (section 3) for the steep gradient of a thin component
   */
  public static Var of(Var x, Var logits, Var mean, Var logSigma, boolean pseudoGradient) {
    long rows = Batch.rows("x", x);
    long[] unit = Arrays.copyOfRange(x.shape(), 1, x.shape().length);
    long[] shape = logits.shape();
    if (shape.length != unit.length + 2
        || shape[0] != rows
        || !Arrays.equals(Arrays.copyOfRange(shape, 2, shape.length), unit)) {
      throw Batch.shape("logits", "[rows, K, ..] for x " + Arrays.toString(x.shape()), logits);
    }
    Batch.sameShape("the logits", logits, "mean", mean);
    Batch.sameShape("the logits", logits, "logSigma", logSigma);
    Tensor y = x.tape().empty(x.dtype(), rows);
    Loss.gaussianMixtureLogDensity(
        x.tape().device(),
        rows,
        Batch.units(x),
        shape[1],
        x.view(),
        logits.view(),
        mean.view(),
        logSigma.view(),
        y.view());
    return new GaussianMixtureLogDensity(pseudoGradient).record(y, x, logits, mean, logSigma);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    Var logits = g.input(1);
    FusedGradient.add(
        g,
        4,
        (dy, d) ->
            Loss.gaussianMixtureLogDensityBackward(
                x.tape().device(),
                x.shape()[0],
                Batch.units(x),
                logits.shape()[1],
                pseudoGradient,
                x.view(),
                logits.view(),
                g.input(2).view(),
                g.input(3).view(),
                dy,
                d[0],
                d[1],
                d[2],
                d[3]));
  }
}
