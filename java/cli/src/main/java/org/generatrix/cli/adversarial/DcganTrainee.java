// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.adversarial;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.generatrix.binding.Rng;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.picture.CodeLines;
import org.generatrix.cli.picture.Forming;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.cli.run.RunView;
import org.generatrix.cli.run.Trainee;
import org.generatrix.eval.MeanDiscrepancy;
import org.generatrix.io.Json;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.adversarial.Dcgan;
import org.generatrix.model.adversarial.GanTraining;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.EarlyStop;
import org.generatrix.train.Trainable;
import org.generatrix.train.Trainer;

/** A convolutional adversarial network in training. */
final class DcganTrainee implements Trainee {
  static final String LOSS_D = "loss_d";
  static final String LOSS_G = "loss_g";
  static final String ON_DATA = "d_data";
  static final String ON_FAKES = "d_fake";
  static final String MMD = "mmd_test";
  static final int ROWS = 500; // measured after each epoch

  private static final int SAMPLES = 100;
  private static final int ACROSS = 12;
  private static final int WAYS = 8;
  private static final int STEPS = 10;

  private final Scope scope;
  private final DataSet data;
  private final Dcgan gan;
  private final GanTraining training;
  private final Tensor test; // [ROWS, visible]
  private final Tensor codes; // [ACROSS, latents], watched over the epochs
  private final Forming forming = new Forming();
  private Double discrepancy; // of many samples, known when measured

  /**
   * A model with its training.
   *
   * @param scope owns both; taken over, closed with this
   */
  DcganTrainee(Scope scope, DataSet data, Dcgan gan, GanTraining training) {
    this.scope = scope;
    this.data = data;
    this.gan = gan;
    this.training = training;
    test = scope.own(DataSet.intensities(gan.device(), DataSet.spread(data.test(), ROWS)));
    codes = scope.own(normal(ACROSS, 1));
  }

  private Tensor normal(int rows, long stream) {
    return Tensor.normal(
        gan.device(), new Rng(training.config().seed(), stream), rows, gan.latents());
  }

  @Override
  public String describe() {
    return LoadedDcgan.size(gan.config());
  }

  @Override
  public Map<String, Object> record() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("kind", Dcgan.KIND);
    record.put("model", Json.parseObject(ConfigJson.write(gan.config())));
    record.put("training", Json.parseObject(ConfigJson.write(training.config())));
    return record;
  }

  @Override
  public Trainable training() {
    return training;
  }

  @Override
  public List<String> metrics() {
    return List.of(LOSS_D, LOSS_G, ON_DATA, ON_FAKES, MMD);
  }

  @Override
  public List<Shown> shown() {
    return List.of(
        new Shown(MMD, "mmd", "%.4f"),
        new Shown(ON_DATA, "D(x)", "%.2f"),
        new Shown(ON_FAKES, "D(G(z))", "%.2f"));
  }

  @Override
  public EarlyStop earlyStop(int patience) {
    return new EarlyStop(MMD, EarlyStop.Goal.MINIMIZE, patience, 0);
  }

  /** After each epoch, always from the same codes. */
  @Override
  public void measureWith(Trainer trainer) {
    trainer.metric(
        MMD,
        1,
        () -> {
          try (Tensor samples = gan.sample(ROWS, training.config().seed())) {
            return MeanDiscrepancy.of(test, samples);
          }
        });
    forming.addTo(
        trainer,
        () -> {
          try (Tensor watched = gan.generate(codes)) {
            return watched.toArray();
          }
        });
  }

  @Override
  public void save(Path model) throws IOException {
    gan.save(model);
  }

  @Override
  public Map<String, byte[]> draw() {
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    try (Tensor samples = gan.sample(SAMPLES, training.config().seed())) {
      pictures.put("samples", Tiles.square(samples.toArray(), data.tile()));
    }
    if (!forming.isEmpty()) {
      pictures.put("forming", forming.draw(data.tile()));
    }
    try (Tensor ends = normal(2 * WAYS, 2);
        Tensor shown = gan.generate(ends)) {
      pictures.put(
          "interpolation",
          CodeLines.draw(
              shown, STEPS, drawn -> ends.copy(), line -> gan.generate(line), data.tile()));
    }
    return pictures;
  }

  @Override
  public String measurement() {
    return "mean discrepancy of "
        + LoadedDcgan.SAMPLES
        + " samples from as many test pictures, which training pictures are compared with too";
  }

  @Override
  public void measure(Consumer<String> found) {
    try (Tensor many =
            DataSet.intensities(gan.device(), DataSet.spread(data.test(), LoadedDcgan.SAMPLES));
        Tensor samples = gan.sample(LoadedDcgan.SAMPLES, ~training.config().seed())) {
      discrepancy = MeanDiscrepancy.of(many, samples);
      found.accept(LoadedDcgan.line("samples", discrepancy));
    }
  }

  @Override
  public Map<String, Object> results() {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("squared_mean_discrepancy", discrepancy);
    return results;
  }

  @Override
  public Report report(RunView run) {
    return new DcganReport(gan.config(), training.config(), run).page(discrepancy, forming);
  }

  @Override
  public void close() {
    scope.close();
  }
}
