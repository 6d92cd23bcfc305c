// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;
import org.generatrix.binding.Device;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Unary;
import org.generatrix.tensor.Tensor;

/**
 * z = m + e^(v/2) eps: a draw from N(m, e^v) as a function of its noise (Kingma and Welling,
 * "Auto-encoding variational Bayes", 2014, section 2.4). All are of one shape; no gradient flows to
 * the noise. dm = dz, dv = dz (z - m) / 2.
 */
public final class GaussianSample extends Op {
  public static Var of(Var mean, Var logvar, Var noise) {
    Batch.sameShape("the mean", mean, "logvar", logvar);
    Batch.sameShape("the mean", mean, "noise", noise);
    Device device = mean.tape().device();
    long[] shape = mean.shape();
    Tensor z = mean.tape().empty(mean.dtype(), shape);
    Elementwise.affine(device, 0.5, 0, shape, shape, logvar.view(), z.view());
    Elementwise.unary(device, Unary.EXP, 0, z.view(), z.view());
    Elementwise.binary(device, Binary.MUL, shape, shape, z.view(), noise.view(), z.view());
    Elementwise.binary(device, Binary.ADD, shape, shape, z.view(), mean.view(), z.view());
    return new GaussianSample().record(z, mean, logvar);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, g.gradient());
    if (g.wants(1)) {
      g.add(1, g.gradient().mul(g.output().sub(g.input(0))).mul(0.5));
    }
  }
}
