// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Objects;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.autograd.op.CouplingMask;
import org.generatrix.autograd.op.CouplingScale;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Module;
import org.generatrix.tensor.Tensor;

/**
 * The coupling layer: what the mask keeps stays, the others become y = x e^l + t, with l of s and t
 * from networks that see what is kept (Dinh, Sohl-Dickstein, Bengio, "Density estimation using Real
 * NVP", 2017, eq. 4-9); with {@link CouplingScale#none} y = x + t (NICE, 2015, section 3.2). The
 * networks need not be invertible. Their parts are named "network", or "s" and "t"; where l = a_c
 * tanh(s) with learned a, that is "amplitude".
 */
public final class Coupling extends Transform {
  private final Split split;
  private final CouplingMask mask; // the split's, its bits on the device
  private final CouplingScale scale;
  private final Conditioner s; // or null
  private final Conditioner t; // of s and t both if s is null and there is a scale
  private final boolean joint;
  private final Tensor amplitude; // [channels] or null

  /**
   * With one network.
   *
   * @param network to t alone for {@link CouplingScale#none}, else to s and t of each example one
   *     after the other: [n, 2 P] or [n, 2 channels, height, width]
   */
  public Coupling(Device device, Split split, CouplingScale scale, Conditioner network) {
    this(device, split, scale, network, (Tensor) null);
  }

  /**
   * With one network.
   *
   * @param amplitude [channels], where l = amplitude tanh(s); belongs to the coupling, and begins
   *     at 1; null for none
   */
  public Coupling(
      Device device, Split split, CouplingScale scale, Conditioner network, Tensor amplitude) {
    this.split = Objects.requireNonNull(split, "split");
    mask = split.mask().on(device, this::own);
    this.scale = Objects.requireNonNull(scale, "scale");
    s = null;
    t = part("network", network);
    joint = scale.kind() != CouplingScale.Kind.NONE;
    this.amplitude =
        amplitude == null ? null : parameter("amplitude", amplitude, Initialiser.constant(1));
  }

  /** With a network for s and one for t. */
  public Coupling(Device device, Split split, CouplingScale scale, Conditioner s, Conditioner t) {
    this.split = Objects.requireNonNull(split, "split");
    mask = split.mask().on(device, this::own);
    this.scale = Objects.requireNonNull(scale, "scale");
    if (scale.kind() == CouplingScale.Kind.NONE) {
      throw new IllegalArgumentException("expected a scale for the network of s, got none");
    }
    this.s = part("s", s);
    this.t = part("t", t);
    joint = false;
    amplitude = null;
  }

  private Conditioner part(String name, Conditioner network) {
    if (Objects.requireNonNull(network, name) instanceof Module module) {
      child(name, module);
    }
    return network;
  }

  public Split split() {
    return split;
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return forwardUnder(Base.NONE, x, logDet, context);
  }

  @Override
  public Mapped forwardUnder(Base base, Var x, Var logDet, Var context) {
    Var kept = split.kept().apply(x);
    Var a = amplitude == null ? null : x.tape().variable(amplitude);
    Var last = t.apply(kept, context);
    return joint
        ? Couplings.affine(x, logDet, last, a, mask, scale, base)
        : Couplings.affine(x, logDet, first(kept, context), last, a, mask, scale, base);
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    Var kept = split.kept().apply(y);
    Var a = amplitude == null ? null : y.tape().variable(amplitude);
    Var last = t.apply(kept, context);
    return joint
        ? Couplings.affineInverse(y, logDet, last, a, mask, scale)
        : Couplings.affineInverse(y, logDet, first(kept, context), last, a, mask, scale);
  }

  private Var first(Var kept, Var context) {
    return s == null ? null : s.apply(kept, context);
  }
}
