// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoregressive;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.binding.Device;
import org.generatrix.cli.CliException;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.run.PictureRecipe;
import org.generatrix.cli.run.Trainee;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.PixelCnnTraining;
import org.generatrix.model.autoregressive.PixelCnnTrainingConfig;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Examples;
import org.generatrix.train.Pace;

/**
 * A PixelCNN as the options ask for it.
 *
 * @param network all of it but the size of the pictures
 * @param training hyperparameters of a new run
 * @param minutes of the training, from which its epochs follow; null for as many as it says
 * @param likelihood whether all test pictures are measured at the end
 */
public record PixelCnnRecipe(
    PixelCnnNetwork network, PixelCnnTrainingConfig training, Double minutes, boolean likelihood)
    implements PictureRecipe {

  @Override
  public Trainee begin(Device device, DataSet data) throws IOException {
    return trainee(
        data,
        create(device, data),
        (model, train) ->
            new PixelCnnTraining(
                model, train, minutes == null ? training : timed(device, data, train)));
  }

  private AutoregressiveImages create(Device device, DataSet data) {
    try {
      return network.create(device, data.train().height(), data.train().width(), training.seed());
    } catch (IllegalArgumentException e) {
      throw new CliException("The network does not fit the pictures: " + e.getMessage() + ".");
    }
  }

  /** As many epochs as the time allows, by a trial with a model of its own. */
  private PixelCnnTrainingConfig timed(Device device, DataSet data, Tensor train) {
    try (AutoregressiveImages model = create(device, data);
        PixelCnnTraining trial =
            new PixelCnnTraining(model, train, training.withEpochs(1_000_000))) {
      return training.withEpochs(Pace.epochs(trial, 60 * minutes));
    }
  }

  @Override
  public Trainee resume(Device device, DataSet data, Path checkpoint, int epochs)
      throws IOException {
    return trainee(
        data,
        load(checkpoint, device),
        (model, train) -> PixelCnnTraining.resume(model, checkpoint, Examples.of(train), epochs));
  }

  private static AutoregressiveImages load(Path checkpoint, Device device) throws IOException {
    try {
      return AutoregressiveImages.load(checkpoint, device);
    } catch (IllegalArgumentException e) {
      throw new CliException(checkpoint + ": " + e.getMessage() + ".");
    }
  }

  private interface Start {
    PixelCnnTraining of(AutoregressiveImages model, Tensor train) throws IOException;
  }

  private Trainee trainee(DataSet data, AutoregressiveImages model, Start start)
      throws IOException {
    Scope scope = new Scope();
    try {
      scope.own(model);
      Tensor train = scope.own(DataSet.intensities(model.device(), data.train()));
      return new PixelCnnTrainee(scope, data, model, scope.own(start.of(model, train)), likelihood);
    } catch (RuntimeException | IOException e) {
      scope.close();
      throw e;
    }
  }
}
