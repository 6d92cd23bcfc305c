// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.run.PictureRecipe;
import org.generatrix.cli.run.Trainee;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * A restricted Boltzmann machine as the options ask for it.
 *
 * @param machine hidden units and start of a new machine
 * @param training hyperparameters of a new run
 * @param likelihood how the likelihood is estimated, null not at all
 */
public record RbmRecipe(Machine machine, RbmTrainingConfig training, LikelihoodPlan likelihood)
    implements PictureRecipe {

  /** The part of a machine's configuration that data do not decide. */
  public record Machine(int hidden, boolean centered, double initialStddev) {}

  @Override
  public Trainee begin(Device device, DataSet data) throws IOException {
    float[] mean = data.train().mean();
    RbmConfig config =
        new RbmConfig(mean.length, machine.hidden(), machine.centered(), machine.initialStddev());
    return trainee(
        data,
        Rbm.create(device, config, mean, training.seed()),
        (rbm, train) -> new RbmTrainer(rbm, train, training));
  }

  @Override
  public Trainee resume(Device device, DataSet data, Path checkpoint, int epochs)
      throws IOException {
    return trainee(
        data,
        Rbm.load(device, checkpoint),
        (rbm, train) ->
            epochs == 0
                ? RbmTrainer.resume(rbm, checkpoint, train)
                : RbmTrainer.resume(rbm, checkpoint, train, epochs));
  }

  private interface Start {
    RbmTrainer of(Rbm rbm, Tensor train) throws IOException;
  }

  private Trainee trainee(DataSet data, Rbm rbm, Start start) throws IOException {
    Scope scope = new Scope();
    try {
      scope.own(rbm);
      Tensor train = scope.own(DataSet.intensities(rbm.device(), data.train()));
      return new RbmTrainee(scope, data, scope.own(start.of(rbm, train)), likelihood);
    } catch (RuntimeException | IOException e) {
      scope.close();
      throw e;
    }
  }
}
