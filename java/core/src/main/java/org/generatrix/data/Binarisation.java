// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/**
 * How intensities in [0, 1] become the states of binary visible units. A log-likelihood means
 * something only together with this: figures of different binarisations cannot be compared, and
 * every figure that Generatrix prints names its own.
 */
public enum Binarisation {
  /**
   * 1 where the intensity is at least {@link #THRESHOLD_AT}, that is where a byte is 128 or more.
   * The same bits at every presentation. The entropy of the data is lower than after sampling, so
   * likelihoods come out better by many nats; only figures that say "thresholded" or
   * "deterministically binarised" compare.
   */
  THRESHOLD("threshold"),

  /**
   * Each unit is 1 with a probability equal to its intensity, drawn anew at every presentation. For
   * training this is the usual reading of grey values and a mild regulariser. Test figures are an
   * average over one draw of the test set and compare with those on "stochastically binarised
   * MNIST" (Salakhutdinov and Murray, "On the quantitative analysis of deep belief networks", ICML
   * 2008). The fixed draw of Larochelle and Murray ("The neural autoregressive distribution
   * estimator", AISTATS 2011) is such a draw made once; figures differ slightly, and training on
   * one fixed draw overfits sooner.
   */
  RESAMPLED("resampled"),

  /**
   * The intensities themselves, as real-valued visible states. Training statistics are then those
   * of the mean field of {@link #RESAMPLED}: the same expectation with less noise for the linear
   * terms. It is no binarisation, so a likelihood of such states is not one of binary data:
   * published figures of models trained this way were measured on test data that was resampled or
   * thresholded.
   */
  INTENSITIES("intensities");

  /** Where {@link #THRESHOLD} cuts. */
  public static final float THRESHOLD_AT = 0.5f;

  private final String id;

  Binarisation(String id) {
    this.id = id;
  }

  /** The word that stands for it in files, options and reports. */
  public String id() {
    return id;
  }

  /**
   * The constant of an id.
   *
   * @throws IllegalArgumentException for any other word
   */
  public static Binarisation of(String id) {
    for (Binarisation b : values()) {
      if (b.id.equals(id)) {
        return b;
      }
    }
    throw new IllegalArgumentException(
        "expected a binarisation of threshold, resampled or intensities, got " + id);
  }
}
