// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Objects;
import org.generatrix.model.LayerSizes;

/**
 * The shape of an {@link NvpNet}.
 *
 * @param units D of a row, at least 2
 * @param context units beside what each coupling keeps, 0 for none
 * @param depth couplings, at least 1
 * @param hidden layers of each network, such as "64" or "64-64"
 * @param clamp the most that a log-scale may be: a of a tanh(s); 0 for s as it is
 * @param masks seed of the random halves
 */
public record NvpNetConfig(
    int units, int context, int depth, String hidden, double clamp, long masks) {

  public NvpNetConfig {
    Objects.requireNonNull(hidden, "hidden");
    Checks.atLeast("units", units, 2);
    Checks.atLeast("context", context, 0);
    Checks.atLeast("depth", depth, 1);
    Checks.notNegative("clamp", clamp);
    LayerSizes.parse("hidden", hidden);
  }

  /** Networks of one hidden layer, log-scales as they are. */
  public static NvpNetConfig of(int units, int depth, int width) {
    return new NvpNetConfig(units, 0, depth, String.valueOf(width), 0, 1);
  }

  public NvpNetConfig withContext(int number) {
    return new NvpNetConfig(units, number, depth, hidden, clamp, masks);
  }

  /** Sizes of the hidden layers. */
  public long[] hiddenSizes() {
    return LayerSizes.parse("hidden", hidden);
  }
}
