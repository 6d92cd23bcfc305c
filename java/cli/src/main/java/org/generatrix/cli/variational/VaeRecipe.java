// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.variational;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.run.PictureRecipe;
import org.generatrix.cli.run.Trainee;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.model.variational.VaeTraining;
import org.generatrix.model.variational.VaeTrainingConfig;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * A variational autoencoder as the options ask for it.
 *
 * @param network all that its configuration holds but the visible units, which the data decide
 * @param training hyperparameters of a new run
 * @param samples of the likelihood's importance weighting for each picture, 0 for no likelihood
 */
public record VaeRecipe(VaeConfig network, VaeTrainingConfig training, int samples)
    implements PictureRecipe {

  @Override
  public Trainee begin(Device device, DataSet data) throws IOException {
    VaeConfig config =
        new VaeConfig(
            data.train().size(),
            network.hidden(),
            network.latents(),
            network.decoder(),
            network.activation());
    return trainee(
        data,
        Vae.create(device, config, data.train().mean(), training.seed()),
        (vae, train) -> new VaeTraining(vae, train, training));
  }

  @Override
  public Trainee resume(Device device, DataSet data, Path checkpoint, int epochs)
      throws IOException {
    return trainee(
        data,
        Vae.load(checkpoint, device),
        (vae, train) ->
            epochs == 0
                ? VaeTraining.resume(vae, checkpoint, train)
                : VaeTraining.resume(vae, checkpoint, train, epochs));
  }

  private interface Start {
    VaeTraining of(Vae vae, Tensor train) throws IOException;
  }

  private Trainee trainee(DataSet data, Vae vae, Start start) throws IOException {
    Scope scope = new Scope();
    try {
      scope.own(vae);
      Tensor train = scope.own(DataSet.intensities(vae.device(), data.train()));
      return new VaeTrainee(scope, data, vae, scope.own(start.of(vae, train)), samples);
    } catch (RuntimeException | IOException e) {
      scope.close();
      throw e;
    }
  }
}
