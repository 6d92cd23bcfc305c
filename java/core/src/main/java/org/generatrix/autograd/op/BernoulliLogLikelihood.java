// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Loss;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * y[r] = sum_i x l - softplus(l): the log-likelihood of x under p = sigmoid(l), in nats. x and the
 * logits l are [rows, ..] of one shape, x in {0, 1} or an intensity between; or x is packed bits
 * [rows, units], which read a thirty-second of the memory and get no gradient. dl = dy (x -
 * sigmoid(l)), dx = dy l.
 */
public final class BernoulliLogLikelihood extends Op {
  public static Var of(Var logits, Var x) {
    long rows = Batch.rows("logits", logits);
    Batch.sameShape("the logits", logits, "x", x);
    Tensor y = logits.tape().empty(logits.dtype(), rows);
    if (x.dtype() == DType.BITS) {
      Loss.bernoulliLogLikelihood(
          logits.tape().device(), logits.view(), x.value().states(), y.view());
      return new BernoulliLogLikelihood().record(y, logits, x.detach());
    }
    Loss.bernoulliLogLikelihood(
        logits.tape().device(), rows, Batch.units(logits), logits.view(), x.view(), y.view());
    return new BernoulliLogLikelihood().record(y, logits, x);
  }

  @Override
  protected void backward(Flow g) {
    Var logits = g.input(0);
    Var x = g.input(1);
    if (x.dtype() == DType.BITS) {
      FusedGradient.add(
          g,
          1,
          (dy, d) ->
              Loss.bernoulliLogLikelihoodBackward(
                  logits.tape().device(), logits.view(), x.value().states(), dy, d[0]));
      return;
    }
    FusedGradient.add(
        g,
        2,
        (dy, d) ->
            Loss.bernoulliLogLikelihoodBackward(
                logits.tape().device(),
                logits.shape()[0],
                Batch.units(logits),
                logits.view(),
                x.view(),
                dy,
                d[0],
                d[1]));
  }
}
