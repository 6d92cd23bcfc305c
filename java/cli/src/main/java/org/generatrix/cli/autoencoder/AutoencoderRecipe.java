// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoencoder;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.run.PictureRecipe;
import org.generatrix.cli.run.Trainee;
import org.generatrix.model.autoencoder.AutoencoderConfig;
import org.generatrix.model.autoencoder.AutoencoderTraining;
import org.generatrix.model.autoencoder.AutoencoderTrainingConfig;
import org.generatrix.model.autoencoder.CodeModel;
import org.generatrix.model.autoencoder.ConvAutoencoderConfig;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** An autoencoder as the options ask for it. */
public final class AutoencoderRecipe implements PictureRecipe {
  private final Network network;
  private final AutoencoderTrainingConfig training;

  private AutoencoderRecipe(Network network, AutoencoderTrainingConfig training) {
    this.network = network;
    this.training = training;
  }

  /**
   * A perceptron.
   *
   * @param network all that its configuration holds but the visible units, which the data decide
   * @param training hyperparameters of a new run
   */
  public static PictureRecipe dense(AutoencoderConfig network, AutoencoderTrainingConfig training) {
    return new AutoencoderRecipe(new Network.Dense(network), training);
  }

  /** One of convolutions. */
  public static PictureRecipe convolutional(
      ConvAutoencoderConfig network, AutoencoderTrainingConfig training) {
    return new AutoencoderRecipe(new Network.Convolutional(network), training);
  }

  @Override
  public Trainee begin(Device device, DataSet data) throws IOException {
    return trainee(
        data,
        network.create(device, data, training.seed()),
        (model, train) -> new AutoencoderTraining(model, train, training));
  }

  @Override
  public Trainee resume(Device device, DataSet data, Path checkpoint, int epochs)
      throws IOException {
    return trainee(
        data,
        network.load(checkpoint, device),
        (model, train) -> AutoencoderTraining.resume(model, checkpoint, train, epochs));
  }

  private interface Start {
    AutoencoderTraining of(CodeModel model, Tensor train) throws IOException;
  }

  private Trainee trainee(DataSet data, CodeModel model, Start start) throws IOException {
    Scope scope = new Scope();
    try {
      scope.own(model);
      Tensor train = scope.own(DataSet.intensities(model.device(), data.train()));
      return new AutoencoderTrainee(scope, data, train, model, scope.own(start.of(model, train)));
    } catch (RuntimeException | IOException e) {
      scope.close();
      throw e;
    }
  }
}
