// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Objects;
import org.generatrix.autograd.op.Base;

/**
 * The shape of a {@link Nice}.
 *
 * @param units D of a row, at least 2
 * @param context units beside what each coupling keeps, 0 for none
 * @param dequantisation what rows are
 * @param interleaved whether the halves are the even and the odd units, else the first and the last
 * @param couplings at least 1
 * @param hiddenLayers of each coupling's network, at least 0
 * @param width of them
 * @param base LOGISTIC or GAUSSIAN
 */
public record NiceConfig(
    int units,
    int context,
    Dequantisation dequantisation,
    boolean interleaved,
    int couplings,
    int hiddenLayers,
    int width,
    Base base) {

  public NiceConfig {
    Objects.requireNonNull(dequantisation, "dequantisation");
    Objects.requireNonNull(base, "base");
    Checks.atLeast("units", units, 2);
    Checks.atLeast("context", context, 0);
    Checks.atLeast("couplings", couplings, 1);
    Checks.atLeast("hiddenLayers", hiddenLayers, 0);
    Checks.atLeast("width", width, 1);
    if (base == Base.NONE) {
      throw new IllegalArgumentException("base must be LOGISTIC or GAUSSIAN, got NONE");
    }
  }

  /** The paper's for MNIST: 4 couplings of 5 hidden layers of 1000, logistic latents. */
  public static NiceConfig mnist() {
    return new NiceConfig(784, 0, Dequantisation.uniform(256), true, 4, 5, 1000, Base.LOGISTIC);
  }

  public NiceConfig withWidth(int hidden) {
    return new NiceConfig(
        units, context, dequantisation, interleaved, couplings, hiddenLayers, hidden, base);
  }

  public NiceConfig withContext(int number) {
    return new NiceConfig(
        units, number, dequantisation, interleaved, couplings, hiddenLayers, width, base);
  }
}
