// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.generatrix.cli.picture.Forming;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.cli.run.Trainee;
import org.generatrix.io.Json;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.FlowTraining;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.EarlyStop;
import org.generatrix.train.Trainable;
import org.generatrix.train.Trainer;

/**
 * A flow in training, of points or of pictures. Wherever it is measured, drawn or saved, it has the
 * average of its weights if there is one.
 */
abstract class FlowTrainee implements Trainee {
  static final String LEARNING_RATE = "learning_rate";

  final FlowModel model;
  final FlowTraining training;
  final Forming forming = new Forming();

  private final Scope scope;
  private final String figure; // what is measured after each epoch
  private final boolean likelihood;
  private final Tensor trainFew; // measured after each epoch
  private final Tensor testFew;
  private FlowLikelihood found; // null until measured

  /**
   * A model with its training.
   *
   * @param scope owns all of them; taken over, closed with this
   * @param figure a metric's first half: the less the better
   * @param likelihood whether all of the test set is measured at the end
   * @param trainFew to measure on after each epoch, and so {@code testFew}
   */
  FlowTrainee(
      Scope scope,
      FlowModel model,
      FlowTraining training,
      String figure,
      boolean likelihood,
      Tensor trainFew,
      Tensor testFew) {
    this.scope = scope;
    this.model = model;
    this.training = training;
    this.figure = figure;
    this.likelihood = likelihood;
    this.trainFew = trainFew;
    this.testFew = testFew;
  }

  final String onTrain() {
    return figure + "_train";
  }

  final String onTest() {
    return figure + "_test";
  }

  /** The figure of a mean log-density in nats. */
  abstract double figure(double nats);

  /** What is watched over the epochs, as {@link Forming} takes it. */
  abstract float[] watched();

  /** The test set, to be closed. */
  abstract Tensor test();

  /** What came of measuring it. */
  abstract FlowLikelihood measured(Tensor test);

  /** PNG pictures, by their names. */
  abstract void draw(Map<String, byte[]> into);

  /** What was measured at the end, or null. */
  final FlowLikelihood found() {
    return found;
  }

  final boolean likelihood() {
    return likelihood;
  }

  /**
   * With the seed of the run, so that the draws are those of every other epoch. A flow that cannot
   * be taken back everywhere, as it may be while it learns, gives no numbers rather than no report.
   */
  final float[] samples(int count, double temperature) {
    try (Tensor samples = model.sample(count, temperature, null, training.config().seed())) {
      return samples.toArray();
    } catch (ArithmeticException e) {
      float[] nothing = new float[count * model.units()];
      Arrays.fill(nothing, Float.NaN);
      return nothing;
    }
  }

  @Override
  public final String describe() {
    return LoadedFlow.name(model) + ", " + LoadedFlow.size(model);
  }

  @Override
  public final Map<String, Object> record() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("kind", model.kind());
    record.put("model", Json.parseObject(ConfigJson.write(model.config())));
    record.put("training", Json.parseObject(ConfigJson.write(training.config())));
    return record;
  }

  @Override
  public final Trainable training() {
    return training;
  }

  @Override
  public final List<String> metrics() {
    return List.of(LEARNING_RATE, onTrain(), onTest());
  }

  @Override
  public final List<Shown> shown() {
    return List.of(new Shown(onTest(), "test", "%.3f"), new Shown(onTrain(), "train", "%.3f"));
  }

  @Override
  public final EarlyStop earlyStop(int patience) {
    return new EarlyStop(onTest(), EarlyStop.Goal.MINIMIZE, patience, 0);
  }

  /** Always on the same few of either set. */
  @Override
  public final void measureWith(Trainer trainer) {
    trainer.metric(onTrain(), 1, () -> mean(trainFew));
    trainer.metric(onTest(), 1, () -> mean(testFew));
    forming.addTo(
        trainer,
        () -> {
          try (FlowTraining.Averaged weights = training.averaged()) {
            return watched();
          }
        });
  }

  private double mean(Tensor x) {
    try (FlowTraining.Averaged weights = training.averaged()) {
      return figure(Arrays.stream(model.logLikelihood(x)).average().orElse(Double.NaN));
    }
  }

  @Override
  public final void save(Path file) throws IOException {
    try (FlowTraining.Averaged weights = training.averaged()) {
      model.save(file);
    }
  }

  @Override
  public final Map<String, byte[]> draw() {
    Map<String, byte[]> drawn = new LinkedHashMap<>();
    try (FlowTraining.Averaged weights = training.averaged()) {
      draw(drawn);
    }
    return drawn;
  }

  @Override
  public final void measure(Consumer<String> lines) {
    try (FlowTraining.Averaged weights = training.averaged();
        Tensor test = test()) {
      found = measured(test);
      lines.accept(found.line());
    }
  }

  @Override
  public final Map<String, Object> results() {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("likelihood", found == null ? null : found.toMap());
    return results;
  }

  @Override
  public final void close() {
    scope.close();
  }
}
