// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.generatrix.tensor.Tensor;

/**
 * How many latent units a model with a recognition network uses: a unit is active when its
 * posterior mean varies over the data, A_u = Var_x(E[u | x]) &gt; 0.01 (Burda, Grosse,
 * Salakhutdinov, "Importance weighted autoencoders", ICLR 2016, section 5.2). The others are left
 * at their prior and tell the decoder nothing.
 *
 * @param activity A_u of each latent unit; neither copied in nor out
 */
public record ActiveUnits(double[] activity) {
  /** Where a unit counts as active. */
  public static final double THRESHOLD = 0.01;

  /**
   * Measures the variance over a set.
   *
   * @param means posterior means, float [n, latents] with n at least 2; not modified
   */
  public static ActiveUnits of(Tensor means) {
    if (means.shape().length != 2 || means.rows() < 2) {
      throw new IllegalArgumentException(
          "a variance needs means [n, latents] with n at least 2, got " + means.describe());
    }
    int units = Math.toIntExact(means.units());
    float[] values = means.toArray();
    double n = means.rows();
    double[] center = new double[units];
    for (int i = 0; i < values.length; i++) {
      center[i % units] += values[i] / n;
    }
    double[] activity = new double[units];
    for (int i = 0; i < values.length; i++) {
      double d = values[i] - center[i % units];
      activity[i % units] += d * d / (n - 1);
    }
    return new ActiveUnits(activity);
  }

  /** How many are active. */
  public int count() {
    return (int) IntStream.range(0, activity.length).filter(u -> activity[u] > THRESHOLD).count();
  }

  /** All units, the most active first. */
  public int[] byActivity() {
    return IntStream.range(0, activity.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer u) -> -activity[u]).thenComparing(u -> u))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
