// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.FlowTraining;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Pace;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;

/**
 * Trains a flow for a time: a trial tells how many epochs there are, over which the learning rate
 * falls. What is measured, on the way and at the end, is measured with the average of the weights.
 *
 * @param recipe of the training but for the number of epochs
 * @param limit of the training's wall time, trial and measurements on the way included
 */
record TimedFlow(FlowTrainingConfig recipe, Duration limit) {
  // Of a curve: where there is batch norm, averaged weights cost passes over data for each.
  private static final int MOST_POINTS = 15;
  private static final String WATCHED = "watched";

  /** How a training went. */
  record Trained(FlowModel model, long updates, double seconds, List<TimedRunResult.Point> curve) {}

  /** What is made of a trained model, which is closed behind it. */
  interface Measure {
    TimedRunResult of(Trained trained);
  }

  /**
   * Trains and measures.
   *
   * @param fresh makes a model to train, each time the same
   * @param watched what the curve shows
   */
  TimedRunResult run(
      Supplier<FlowModel> fresh,
      Tensor data,
      TrainingListener progress,
      ToDoubleFunction<FlowModel> watched,
      Measure measure) {
    long start = System.nanoTime();
    int epochs = epochs(fresh, data);
    try (FlowModel model = fresh.get();
        FlowTraining run = new FlowTraining(model, data, recipe.withEpochs(epochs))) {
      Trainer trainer = new Trainer(run).listen(progress);
      List<TimedRunResult.Point> curve = new ArrayList<>();
      trainer.metric(
          WATCHED,
          (epochs + MOST_POINTS - 1) / MOST_POINTS,
          () -> {
            try (FlowTraining.Averaged weights = run.averaged()) {
              return watched.applyAsDouble(model);
            }
          });
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onEpoch(TrainingEvent event) {
              Double value = event.metrics().get(WATCHED);
              if (value != null) {
                curve.add(new TimedRunResult.Point(event.seconds(), value));
              }
            }
          });
      trainer.listen(Pace.limit(trainer, limit.toNanos() / 1e9)).fit();
      double seconds = (System.nanoTime() - start) / 1e9;
      long updates = run.epoch() * run.batchesPerEpoch() + run.batch();
      try (FlowTraining.Averaged weights = run.averaged()) {
        return measure.of(new Trained(model, updates, seconds, curve));
      }
    }
  }

  private int epochs(Supplier<FlowModel> fresh, Tensor data) {
    try (FlowModel model = fresh.get();
        FlowTraining trial = new FlowTraining(model, data, recipe.withEpochs(1_000_000))) {
      return Pace.epochs(trial, limit.toNanos() / 1e9);
    }
  }
}
