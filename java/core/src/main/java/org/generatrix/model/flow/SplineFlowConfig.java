// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Objects;
import org.generatrix.autograd.op.SplineShape;

/**
 * The shape of a {@link SplineFlow}.
 *
 * @param units D of a row, at least 2
 * @param context units beside what each coupling keeps, 0 for none
 * @param dequantisation what rows are
 * @param couplings at least 1
 * @param width of the residual networks
 * @param blocks of two layers each, at least 0
 * @param bins of a spline, in [2, 64]
 * @param bound splines live on [-bound, bound], in deviations of the first batch if normalised
 * @param normalised whether an {@link ActNorm} comes first
 * @param permuted whether units are permuted at random between couplings, of at least 4 units; else
 *     the halves take turns
 * @param permutations seed of them
 */
public record SplineFlowConfig(
    int units,
    int context,
    Dequantisation dequantisation,
    int couplings,
    int width,
    int blocks,
    int bins,
    double bound,
    boolean normalised,
    boolean permuted,
    long permutations) {
  private static final double LEAST = 1e-3; // of widths, heights and slopes

  public SplineFlowConfig {
    Objects.requireNonNull(dequantisation, "dequantisation");
    Checks.atLeast("units", units, 2);
    Checks.atLeast("context", context, 0);
    Checks.atLeast("couplings", couplings, 1);
    Checks.atLeast("width", width, 1);
    Checks.atLeast("blocks", blocks, 0);
    if (bins < 2 || bins > 64) {
      throw new IllegalArgumentException("bins must be in [2, 64], got " + bins);
    }
    Checks.positive("bound", bound);
    if (permuted && units < 4) {
      throw new IllegalArgumentException(
          "permuted needs at least 4 units, lest a permutation change nothing, got " + units);
    }
  }

  /** Of real numbers: 2 residual blocks, 8 bins on 4 deviations, permuted from 4 units on. */
  public static SplineFlowConfig of(int units, int couplings, int width) {
    return new SplineFlowConfig(
        units, 0, Dequantisation.none(), couplings, width, 2, 8, 4, true, units >= 4, 1);
  }

  public SplineFlowConfig withContext(int number) {
    return new SplineFlowConfig(
        units,
        number,
        dequantisation,
        couplings,
        width,
        blocks,
        bins,
        bound,
        normalised,
        permuted,
        permutations);
  }

  /** Numbers that a network gives for a unit, all in a row. */
  SplineShape shape() {
    return new SplineShape(bins, bound, LEAST, LEAST, false);
  }
}
