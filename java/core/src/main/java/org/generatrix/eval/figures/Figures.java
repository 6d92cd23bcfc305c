// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.util.List;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.AisConfig;
import org.generatrix.model.boltzmann.RbmTrainingConfig;

/** All figures that can be rerun, and their recipes. */
public final class Figures {
  private static final String MELCHIOR =
      "Melchior, Fischer, Wiskott, \"How to center deep Boltzmann machines\", JMLR 2016";

  private static final List<Figure> ALL =
      List.of(
          new RbmFigure(
              "rbm-500",
              "RBM, 784-500, centered, PCD-1, MNIST: test log-likelihood by AIS, 100 chains, 14,500 temperatures",
              500,
              pcd(150, 0.2),
              AisConfig.standard14500(),
              -84.86,
              MELCHIOR + "; reverse AIS -96.61",
              -90),
          new RbmFigure(
              "rbm-16-exact",
              "RBM, 784-16, centered, PCD-1, MNIST: exact test log-likelihood",
              16,
              pcd(50, 0.1),
              null,
              -142.56,
              MELCHIOR + "; not centered -149.05",
              -144));

  private Figures() {}

  // The paper's setting (PCD-1, batches and chains of 100), with a rate that starts ten or twenty
  // times higher and falls to nothing: the chains then mix early and the parameters settle late.
  private static RbmTrainingConfig pcd(int epochs, double rate) {
    return RbmTrainingConfig.builder()
        .algorithm(RbmTrainingConfig.Algorithm.PCD)
        .steps(1)
        .batchSize(100)
        .chains(100)
        .epochs(epochs)
        .learningRate(rate)
        .finalLearningRate(0.0001)
        .offsetRate(0.01)
        .binarisation(Binarisation.INTENSITIES)
        .seed(1)
        .build();
  }

  public static List<Figure> all() {
    return ALL;
  }

  /**
   * The figure of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Figure of(String name) {
    return ALL.stream()
        .filter(figure -> figure.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected a figure of %s, got %s"
                        .formatted(ALL.stream().map(Figure::name).toList(), name)));
  }
}
