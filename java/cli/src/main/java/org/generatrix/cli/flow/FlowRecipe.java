// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.binding.Device;
import org.generatrix.cli.CliException;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.PointSet;
import org.generatrix.cli.run.Recipe;
import org.generatrix.cli.run.RunData;
import org.generatrix.cli.run.RunJob;
import org.generatrix.cli.run.RunRecord;
import org.generatrix.cli.run.Trainee;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.FlowTraining;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Examples;
import org.generatrix.train.Pace;

/**
 * A flow as the options ask for it, of points or of pictures.
 *
 * @param network all of it but the size of the data
 * @param points to learn from, null for pictures
 * @param training hyperparameters of a new run
 * @param minutes of the training, from which its epochs follow; null for as many as it says
 * @param likelihood whether all of the test set is measured at the end
 */
public record FlowRecipe(
    FlowNetwork network,
    PointSet.Source points,
    FlowTrainingConfig training,
    Double minutes,
    boolean likelihood)
    implements Recipe<RunData> {

  @Override
  public RunData data(RunJob job) throws IOException {
    return points != null ? points.load() : DataSet.load(job.data());
  }

  @Override
  public RunData data(RunRecord record) throws IOException {
    return record.points() != null ? PointSet.of(record) : DataSet.load(record.data());
  }

  @Override
  public Trainee begin(Device device, RunData data) throws IOException {
    return trainee(
        data,
        network.create(device, data, training.seed()),
        (model, train) ->
            new FlowTraining(
                model, train, minutes == null ? training : timed(device, data, train)));
  }

  /** As many epochs as the time allows, by a trial with a model of its own. */
  private FlowTrainingConfig timed(Device device, RunData data, Tensor train) {
    try (FlowModel model = network.create(device, data, training.seed());
        FlowTraining trial = new FlowTraining(model, train, training.withEpochs(1_000_000))) {
      return training.withEpochs(Pace.epochs(trial, 60 * minutes));
    }
  }

  @Override
  public Trainee resume(Device device, RunData data, Path checkpoint, int epochs)
      throws IOException {
    return trainee(
        data,
        load(checkpoint, device),
        (model, train) -> FlowTraining.resume(model, checkpoint, Examples.of(train), epochs));
  }

  private static FlowModel load(Path checkpoint, Device device) throws IOException {
    try {
      return FlowModel.load(checkpoint, device);
    } catch (IllegalArgumentException e) {
      throw new CliException(checkpoint + ": " + e.getMessage() + ".");
    }
  }

  private interface Start {
    FlowTraining of(FlowModel model, Tensor train) throws IOException;
  }

  private Trainee trainee(RunData data, FlowModel model, Start start) throws IOException {
    Scope scope = new Scope();
    try {
      scope.own(model);
      Tensor train = scope.own(rows(model.device(), data));
      FlowTraining training = scope.own(start.of(model, train));
      return data instanceof PointSet points
          ? new PointTrainee(scope, points, model, training, likelihood)
          : new PictureTrainee(scope, (DataSet) data, model, training, likelihood);
    } catch (RuntimeException | IOException e) {
      scope.close();
      throw e;
    }
  }

  private static Tensor rows(Device device, RunData data) {
    return data instanceof PointSet points
        ? PointSet.rows(device, points.train(), points.dimensions(), Integer.MAX_VALUE)
        : DataSet.intensities(device, ((DataSet) data).train());
  }
}
