// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Loss;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y[r] = sum_k t_k (l_k - LSE(l)): the log-likelihood of a target under softmax(l), in nats. The
 * logits l are [rows, classes]; t is one-hot, given by labels, or probabilities of the shape of l.
 * dl = dy (t - (sum t) softmax(l)), dt = dy (l - LSE(l)).
 */
public final class CategoricalLogLikelihood extends Op {
  private final long[] labels;

  private CategoricalLogLikelihood(long[] labels) {
    this.labels = labels;
  }

  /** With one label in [0, classes) for each row. */
  public static Var of(Var logits, long... labels) {
    check(logits);
    long[] own = labels.clone();
    return new CategoricalLogLikelihood(own).record(forward(logits, own, null), logits);
  }

  /** With probabilities, or one-hot rows. */
  public static Var of(Var logits, Var probabilities) {
    check(logits);
    Batch.sameShape("the logits", logits, "probabilities", probabilities);
    Tensor y = forward(logits, null, probabilities.view());
    return new CategoricalLogLikelihood(null).record(y, logits, probabilities);
  }

  private static void check(Var logits) {
    if (logits.shape().length != 2) {
      throw Batch.shape("logits", "[rows, classes]", logits);
    }
  }

  private static Tensor forward(Var logits, long[] labels, View probabilities) {
    long[] shape = logits.shape();
    Tensor y = logits.tape().empty(logits.dtype(), shape[0]);
    Loss.categoricalLogLikelihood(
        logits.tape().device(), shape[0], shape[1], logits.view(), labels, probabilities, y.view());
    return y;
  }

  @Override
  protected void backward(Flow g) {
    Var logits = g.input(0);
    FusedGradient.add(
        g,
        labels == null ? 2 : 1,
        (dy, d) ->
            Loss.categoricalLogLikelihoodBackward(
                logits.tape().device(),
                logits.shape()[0],
                logits.shape()[1],
                logits.view(),
                labels,
                labels == null ? g.input(1).view() : null,
                dy,
                d[0],
                labels == null ? d[1] : null));
  }
}
