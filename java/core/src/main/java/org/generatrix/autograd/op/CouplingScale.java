// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Objects;
import org.generatrix.binding.Coupling;

/**
 * How the log-scale l of an element comes from what the network gave, s.
 *
 * @param clamp a of TANH where the call has no amplitude, the shift of SIGMOID, else 0
 */
public record CouplingScale(Kind kind, double clamp) {
  /** The form. */
  public enum Kind {
    /** l = 0: additive coupling (NICE: Dinh, Krueger, Bengio 2015, eq. 9); there is no s. */
    NONE(Coupling.Scale.NONE),
    /** l = s. */
    EXP(Coupling.Scale.EXP),
    /** l = a tanh(s). */
    TANH(Coupling.Scale.TANH),
    /** l = log sigmoid(s + shift): a scale below 1. */
    SIGMOID(Coupling.Scale.SIGMOID);

    final Coupling.Scale code;

    Kind(Coupling.Scale code) {
      this.code = code;
    }
  }

  public CouplingScale {
    Objects.requireNonNull(kind, "kind");
    if (!Double.isFinite(clamp)) {
      throw new IllegalArgumentException("clamp must be finite, got " + clamp);
    }
  }

  /** Additive. */
  public static CouplingScale none() {
    return new CouplingScale(Kind.NONE, 0);
  }

  /** Affine as in the paper (Dinh et al. 2017, eq. 4). */
  public static CouplingScale exp() {
    return new CouplingScale(Kind.EXP, 0);
  }

  /** Log-scales within (-a, a); an amplitude per channel takes a's place. */
  public static CouplingScale tanh(double a) {
    return new CouplingScale(Kind.TANH, a);
  }

  /** Scales below 1; Glow's code has a shift of 2. */
  public static CouplingScale sigmoid(double shift) {
    return new CouplingScale(Kind.SIGMOID, shift);
  }

  /** Numbers that the network gives for an element: 2, s and t, or 1. */
  public int numbers() {
    return kind == Kind.NONE ? 1 : 2;
  }
}
