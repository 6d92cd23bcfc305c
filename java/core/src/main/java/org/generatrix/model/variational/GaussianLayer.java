// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.variational;

import static org.generatrix.autograd.Functions.gaussianLogDensity;
import static org.generatrix.autograd.Functions.repeatRows;

import org.generatrix.autograd.Var;
import org.generatrix.autograd.estimator.Reparameterisation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Mlp;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;

/**
 * A conditional Gaussian with a diagonal covariance, its parameters linear in the top of a
 * multilayer perceptron: p(y | x) = N(mean(h), diag exp(logVariance(h))), h = mlp(x).
 */
final class GaussianLayer extends Module {
  private final Mlp hidden;
  private final Linear mean;
  private final Linear logVariance;

  GaussianLayer(Device device, long in, long[] sizes, long out, Nonlinearity activation) {
    hidden = child("hidden", new Mlp(device, in, activation, sizes));
    mean = child("mean", new Linear(device, hidden.outputs(), out));
    logVariance = child("log_variance", new Linear(device, hidden.outputs(), out));
  }

  /** A batch of Gaussians, both [n, out]. */
  record Gaussian(Var mean, Var logVariance) {
    /** Each Gaussian k times, one after the other: [n k, out]. */
    Gaussian repeat(int k) {
      return k == 1 ? this : new Gaussian(repeatRows(mean, k), repeatRows(logVariance, k));
    }

    /** A draw that gradients flow through, [n, out]. */
    Var sample() {
      return Reparameterisation.gaussian(mean, logVariance);
    }

    /** Log-density of y [n, out], [n]. */
    Var logDensity(Var y) {
      return gaussianLogDensity(y, mean, logVariance);
    }
  }

  /** The layer that gives the means. */
  Linear mean() {
    return mean;
  }

  Gaussian given(Var x) {
    Var h = hidden.apply(x);
    return new Gaussian(mean.apply(h), logVariance.apply(h));
  }
}
