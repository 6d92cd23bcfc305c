// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Objects;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.CouplingMask;
import org.generatrix.autograd.op.SplineShape;
import org.generatrix.binding.Device;
import org.generatrix.nn.Module;

/**
 * A coupling whose changed elements each go through a monotone rational-quadratic spline on
 * [-bound, bound], and stay as they are outside of it (Durkan, Bekasov, Murray, Papamakarios,
 * "Neural spline flows", 2019). The network makes 3 bins - 1 numbers for each element; zeros are
 * the identity. It is named "network".
 */
public final class SplineCoupling extends Transform {
  private final Split split;
  private final CouplingMask mask; // the split's, its bits on the device
  private final SplineShape shape;
  private final Conditioner network;

  /**
   * @param network to [n, 3 bins - 1, P ..] or, where the shape is unit-major, [n, P, 3 bins - 1]
   */
  public SplineCoupling(Device device, Split split, SplineShape shape, Conditioner network) {
    this.split = Objects.requireNonNull(split, "split");
    mask = split.mask().on(device, this::own);
    this.shape = Objects.requireNonNull(shape, "shape");
    this.network = Objects.requireNonNull(network, "network");
    if (network instanceof Module module) {
      child("network", module);
    }
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return Couplings.spline(x, logDet, network.apply(split.kept().apply(x), context), mask, shape);
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    return Couplings.splineInverse(
        y, logDet, network.apply(split.kept().apply(y), context), mask, shape);
  }
}
