// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.adversarial;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.run.PictureRecipe;
import org.generatrix.cli.run.Trainee;
import org.generatrix.model.adversarial.Dcgan;
import org.generatrix.model.adversarial.DcganConfig;
import org.generatrix.model.adversarial.GanTraining;
import org.generatrix.model.adversarial.GanTrainingConfig;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * A convolutional adversarial network as the options ask for it.
 *
 * @param network all that its configuration holds but the pictures' size, which the data decide
 * @param training hyperparameters of a new run
 */
public record DcganRecipe(DcganConfig network, GanTrainingConfig training)
    implements PictureRecipe {

  @Override
  public Trainee begin(Device device, DataSet data) throws IOException {
    DcganConfig config =
        new DcganConfig(
            1,
            data.tile().height(),
            data.tile().width(),
            network.latents(),
            network.generatorWidth(),
            network.discriminatorWidth());
    return trainee(
        data,
        Dcgan.create(device, config, training.seed()),
        (gan, train) -> new GanTraining(gan, train, training));
  }

  @Override
  public Trainee resume(Device device, DataSet data, Path checkpoint, int epochs)
      throws IOException {
    return trainee(
        data,
        Dcgan.load(checkpoint, device),
        (gan, train) -> GanTraining.resume(gan, checkpoint, train, epochs));
  }

  private interface Start {
    GanTraining of(Dcgan gan, Tensor train) throws IOException;
  }

  private static Trainee trainee(DataSet data, Dcgan gan, Start start) throws IOException {
    Scope scope = new Scope();
    try {
      scope.own(gan);
      Tensor train = scope.own(DataSet.intensities(gan.device(), data.train()));
      return new DcganTrainee(scope, data, gan, scope.own(start.of(gan, train)));
    } catch (RuntimeException | IOException e) {
      scope.close();
      throw e;
    }
  }
}
