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
 * y_i = x_i e^l_i: the diagonal scaling that ends a NICE (Dinh, Krueger, Bengio 2015, section 3.3),
 * its log-determinant the sum of "log_scale", which begins at 0. Of pictures, one for each channel.
 */
public final class Scale extends Transform {
  private final Tensor logScale; // [units]

  public Scale(Device device, long units) {
    this(device, DType.FLOAT32, units);
  }

  public Scale(Device device, DType dtype, long units) {
    logScale = parameter("log_scale", Tensor.zeros(device, dtype, units), Initialiser.zeros());
  }

  /** l [units]; this transform's own. */
  public Tensor logScale() {
    return logScale;
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return forwardUnder(Base.NONE, x, logDet, context);
  }

  @Override
  public Mapped forwardUnder(Base base, Var x, Var logDet, Var context) {
    return Couplings.scale(x, logDet, x.tape().variable(logScale), null, base);
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    return Couplings.scaleInverse(y, logDet, y.tape().variable(logScale), null);
  }
}
