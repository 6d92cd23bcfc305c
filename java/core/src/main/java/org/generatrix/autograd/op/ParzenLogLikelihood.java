// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Loss;
import org.generatrix.tensor.Tensor;

/**
 * y[r] = log (1/n) sum_j N(x_r; s_j, sigma^2 I), the Parzen-window estimate of log p(x) from
 * samples s [n, ..] of a model (Breuleux, Bengio, Vincent, 2011). For evaluation: it has no
 * gradient.
 */
public final class ParzenLogLikelihood extends Op {
  public static Var of(Var x, Var samples, double sigma) {
    long rows = Batch.rows("x", x);
    long n = Batch.rows("samples", samples);
    if (Batch.units(x) != Batch.units(samples)) {
      throw Batch.shape("samples", "[n, " + Batch.units(x) + "]", samples);
    }
    Tensor y = x.tape().empty(x.dtype(), rows);
    Loss.parzenLogLikelihood(
        x.tape().device(), sigma, rows, n, Batch.units(x), x.view(), samples.view(), y.view());
    return new ParzenLogLikelihood().record(y, x, samples);
  }
}
