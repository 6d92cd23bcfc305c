// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoregressive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Half;
import org.generatrix.cli.picture.Forming;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.cli.run.RunView;
import org.generatrix.cli.run.Trainee;
import org.generatrix.data.Binarisation;
import org.generatrix.io.Json;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.PixelCnnTraining;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.EarlyStop;
import org.generatrix.train.Trainable;
import org.generatrix.train.Trainer;

/**
 * A PixelCNN in training. Wherever it is measured, drawn or saved, it has the average of its
 * weights if there is one.
 */
final class PixelCnnTrainee implements Trainee {
  static final String LEARNING_RATE = "learning_rate";
  static final String TRAIN = "log_likelihood_train";
  static final String TEST = "log_likelihood_test";
  static final int ROWS = 200;
  static final Half OBSERVED = Half.TOP;

  private static final int SAMPLES = 64;
  private static final int STAGED = 4;
  private static final int COMPLETED = 10;
  private static final int ACROSS = 10; // samples of an epoch

  private final Scope scope;
  private final DataSet data;
  private final AutoregressiveImages model;
  private final PixelCnnTraining training;
  private final boolean likelihood;
  private final Binarisation measured;
  private final Tensor trainFew; // [n, pixels], binarised as the test pictures
  private final Tensor testFew;
  private final PixelCnnPictures pictures;
  private final Forming forming = new Forming();
  private PixelCnnLikelihood found; // null until measured

  /**
   * A model with its training.
   *
   * @param scope owns both; taken over, closed with this
   */
  PixelCnnTrainee(
      Scope scope,
      DataSet data,
      AutoregressiveImages model,
      PixelCnnTraining training,
      boolean likelihood) {
    this.scope = scope;
    this.data = data;
    this.model = model;
    this.training = training;
    this.likelihood = likelihood;
    measured = LoadedPixelCnn.measured(model, training.config().binarisation());
    pictures = new PixelCnnPictures(model, data.tile());
    int few = Math.min(ROWS, data.train().count());
    trainFew = scope.own(states(data.train().slice(0, few)));
    int fewTest = Math.min(ROWS, data.test().count());
    testFew = scope.own(states(data.test().slice(0, fewTest)));
  }

  private Tensor states(org.generatrix.data.Images images) {
    return DataSet.measured(model.device(), images, measured, training.config().seed());
  }

  @Override
  public String describe() {
    return LoadedPixelCnn.name(model) + ", " + LoadedPixelCnn.size(model);
  }

  @Override
  public Map<String, Object> record() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("kind", model.kind());
    record.put("model", Json.parseObject(ConfigJson.write(model.config())));
    record.put("training", Json.parseObject(ConfigJson.write(training.config())));
    return record;
  }

  @Override
  public Trainable training() {
    return training;
  }

  @Override
  public List<String> metrics() {
    return List.of(LEARNING_RATE, TRAIN, TEST);
  }

  @Override
  public List<Shown> shown() {
    return List.of(new Shown(TEST, "test", "%.2f"), new Shown(TRAIN, "train", "%.2f"));
  }

  @Override
  public EarlyStop earlyStop(int patience) {
    return new EarlyStop(TEST, EarlyStop.Goal.MAXIMIZE, patience, 0);
  }

  /** On up to {@value #ROWS} pictures of either set, always the same ones. */
  @Override
  public void measureWith(Trainer trainer) {
    trainer.metric(TRAIN, 1, () -> mean(trainFew));
    trainer.metric(TEST, 1, () -> mean(testFew));
    forming.addTo(trainer, () -> drawn(ACROSS));
  }

  private double mean(Tensor x) {
    try (PixelCnnTraining.Averaged weights = training.averaged()) {
      return Arrays.stream(model.logLikelihood(x)).average().orElse(Double.NaN);
    }
  }

  /** With the seed of the run, so that the draws are those of every other epoch. */
  private float[] drawn(int count) {
    try (PixelCnnTraining.Averaged weights = training.averaged()) {
      return pictures.draw(count, training.config().seed());
    }
  }

  @Override
  public void save(Path file) throws IOException {
    try (PixelCnnTraining.Averaged weights = training.averaged()) {
      model.save(file);
    }
  }

  @Override
  public Map<String, byte[]> draw() {
    Map<String, byte[]> drawn = new LinkedHashMap<>();
    float[] samples = drawn(SAMPLES);
    drawn.put("samples", pictures.samples(samples));
    drawn.put("stages", pictures.stages(samples, STAGED));
    if (!forming.isEmpty()) {
      drawn.put("forming", forming.draw(data.tile()));
    }
    try (PixelCnnTraining.Averaged weights = training.averaged();
        Tensor some = states(DataSet.spread(data.test(), COMPLETED))) {
      boolean[] mask = OBSERVED.mask(data.tile());
      drawn.put("completions", pictures.completions(some, mask, training.config().seed()));
    }
    return drawn;
  }

  @Override
  public String measurement() {
    return likelihood
        ? "exactly, on " + data.test().count() + " test pictures " + DataSet.describe(measured)
        : null;
  }

  @Override
  public void measure(Consumer<String> lines) {
    try (PixelCnnTraining.Averaged weights = training.averaged();
        Tensor test = states(data.test())) {
      found = PixelCnnLikelihood.measure(model, test, measured);
      lines.accept(found.line());
    }
  }

  @Override
  public Map<String, Object> results() {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("likelihood", found == null ? null : found.toMap());
    return results;
  }

  @Override
  public Report report(RunView run) {
    return new PixelCnnReport(model, training.config(), run).page(found, measured, forming);
  }

  @Override
  public void close() {
    scope.close();
  }
}
