// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import java.util.Objects;
import org.generatrix.binding.Rng;
import org.generatrix.binding.StateOps;
import org.generatrix.data.Binarisation;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Test data as the binary states that a likelihood needs. */
public final class Binarised {
  private Binarised() {}

  /**
   * Intensities as bits: cut at 1/2 (THRESHOLD), or one draw of each (RESAMPLED) that depends on
   * the seed alone.
   *
   * @param intensities float [n, units], in [0, 1]
   * @return bits [n, units]; the caller closes it
   */
  public static Tensor of(Tensor intensities, Binarisation how, long seed) {
    Objects.requireNonNull(how, "how");
    if (intensities.dtype() != DType.FLOAT32 || intensities.shape().length != 2) {
      throw new IllegalArgumentException(
          "intensities must be float [n, units], got " + intensities.describe());
    }
    switch (how) {
      case THRESHOLD:
        return intensities.toBits(Binarisation.THRESHOLD_AT);
      case RESAMPLED:
        Tensor bits = Tensor.bits(intensities.device(), intensities.rows(), intensities.units());
        try {
          StateOps.bernoulli(
              intensities.device(), intensities.buffer(), new Rng(seed, 0), bits.states());
          return bits;
        } catch (RuntimeException e) {
          bits.close();
          throw e;
        }
      default:
        throw new IllegalArgumentException(
            "a likelihood of binary units needs THRESHOLD or RESAMPLED data, got " + how);
    }
  }
}
