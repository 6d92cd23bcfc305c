// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoencoder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.SquaredError;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.cli.run.RunView;
import org.generatrix.cli.run.Trainee;
import org.generatrix.io.Json;
import org.generatrix.linalg.Pca;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.autoencoder.AutoencoderTraining;
import org.generatrix.model.autoencoder.CodeModel;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.EarlyStop;
import org.generatrix.train.Trainable;
import org.generatrix.train.Trainer;

/** An autoencoder in training. */
final class AutoencoderTrainee implements Trainee {
  static final String LEARNING_RATE = "learning_rate";
  static final String TRAIN_ERROR = "squared_error_train";
  static final String TEST_ERROR = "squared_error_test";
  static final int ROWS = 500;

  private static final int SAMPLES = 100;
  private static final int ACROSS = 12;
  private static final int WAYS = 8;
  private static final int STEPS = 10;

  private final Scope scope;
  private final DataSet data;
  private final Tensor train; // [n, visible]
  private final CodeModel model;
  private final AutoencoderTraining training;
  private final Tensor test; // [m, visible]
  private final Tensor trainFew;
  private final Tensor testFew;
  private Errors errors; // known when the pictures are drawn

  /** Mean squared errors of a pixel: of the model and of as many principal components. */
  record Errors(double train, double test, double pcaTrain, double pcaTest) {}

  /**
   * A model with its training.
   *
   * @param scope owns all; taken over, closed with this
   */
  AutoencoderTrainee(
      Scope scope, DataSet data, Tensor train, CodeModel model, AutoencoderTraining training) {
    this.scope = scope;
    this.data = data;
    this.train = train;
    this.model = model;
    this.training = training;
    test = scope.own(DataSet.intensities(model.device(), data.test()));
    trainFew = scope.own(train.rowsAt(firstRows(train)));
    testFew = scope.own(test.rowsAt(firstRows(test)));
  }

  private static long[] firstRows(Tensor pictures) {
    return java.util.stream.LongStream.range(0, Math.min(ROWS, pictures.rows())).toArray();
  }

  @Override
  public String describe() {
    return Network.of(model).size();
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
    return List.of(LEARNING_RATE, TRAIN_ERROR, TEST_ERROR);
  }

  @Override
  public List<Shown> shown() {
    return List.of(new Shown(TEST_ERROR, "test", "%.5f"), new Shown(TRAIN_ERROR, "train", "%.5f"));
  }

  @Override
  public EarlyStop earlyStop(int patience) {
    return new EarlyStop(TEST_ERROR, EarlyStop.Goal.MINIMIZE, patience, 0);
  }

  /** On up to {@value #ROWS} pictures of either set, always the same ones. */
  @Override
  public void measureWith(Trainer trainer) {
    trainer.metric(TRAIN_ERROR, 1, () -> error(trainFew));
    trainer.metric(TEST_ERROR, 1, () -> error(testFew));
  }

  private double error(Tensor pictures) {
    try (Tensor back = model.reconstruct(pictures)) {
      return SquaredError.mean(pictures, back);
    }
  }

  @Override
  public void save(Path file) throws IOException {
    model.save(file);
  }

  @Override
  public Map<String, byte[]> draw() {
    Pca pca = Pca.fit(train, Math.toIntExact(model.code()));
    errors = new Errors(error(train), error(test), error(pca, train), error(pca, test));
    AutoencoderPictures draw = new AutoencoderPictures(model, data.tile());
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    pictures.put("samples", draw.samples(SAMPLES, training.config().seed()));
    try (Tensor some =
        DataSet.intensities(model.device(), DataSet.spread(data.test(), 2 * ACROSS))) {
      pictures.put("reconstructions", draw.reconstructions(some, pca, ACROSS));
    }
    try (Tensor some = DataSet.intensities(model.device(), DataSet.spread(data.test(), 2 * WAYS))) {
      pictures.put("interpolation", draw.interpolations(some, STEPS));
    }
    return pictures;
  }

  private static double error(Pca pca, Tensor pictures) {
    try (Tensor codes = pca.encode(pictures);
        Tensor back = pca.decode(codes)) {
      return SquaredError.mean(pictures, back);
    }
  }

  @Override
  public String measurement() {
    return null;
  }

  @Override
  public void measure(Consumer<String> found) {}

  @Override
  public Map<String, Object> results() {
    Map<String, Object> results = new LinkedHashMap<>();
    if (errors != null) {
      results.put("squared_error_train", errors.train());
      results.put("squared_error_test", errors.test());
      results.put("pca_squared_error_train", errors.pcaTrain());
      results.put("pca_squared_error_test", errors.pcaTest());
    }
    return results;
  }

  @Override
  public Report report(RunView run) {
    return new AutoencoderReport(model, training.config(), run).page(errors);
  }

  @Override
  public void close() {
    scope.close();
  }
}
