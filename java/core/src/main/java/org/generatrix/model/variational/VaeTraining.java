// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.variational;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.model.variational.VaeTrainingConfig.Objective;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Examples;
import org.generatrix.train.GradientTraining;

/** A training run of a {@link Vae}: its loss is minus the mean bound, in nats. */
public final class VaeTraining extends GradientTraining {
  private final VaeTrainingConfig config;

  /**
   * A run at its beginning.
   *
   * @param data float or bits [n, visible]; stays the caller's, open and unchanged
   */
  public VaeTraining(Vae vae, Tensor data, VaeTrainingConfig config) {
    super(
        vae,
        Vae.KIND,
        vae.config(),
        Examples.of(data),
        config.gradient(data.rows()),
        config,
        (tape, batch) -> loss(vae, config, tape, batch));
    this.config = config;
  }

  private static Var loss(Vae vae, VaeTrainingConfig config, Tape tape, Examples batch) {
    Var x = vae.input(tape, batch.x());
    Var bound =
        config.objective() == Objective.ELBO
            ? vae.evidenceLowerBound(x).total()
            : vae.importanceWeightedBound(x, config.importanceSamples());
    return bound.mean().neg();
  }

  /** Goes on where a checkpoint stopped, bit for bit. */
  public static VaeTraining resume(Vae vae, Path checkpoint, Tensor data) throws IOException {
    return resume(vae, checkpoint, data, 0);
  }

  /** Goes on to another number of epochs, over which the rate then falls; 0 keeps the file's. */
  public static VaeTraining resume(Vae vae, Path checkpoint, Tensor data, int epochs)
      throws IOException {
    return resumed(
        checkpoint,
        Vae.KIND,
        VaeTrainingConfig.class,
        stored -> new VaeTraining(vae, data, epochs == 0 ? stored : stored.withEpochs(epochs)));
  }

  public VaeTrainingConfig config() {
    return config;
  }
}
