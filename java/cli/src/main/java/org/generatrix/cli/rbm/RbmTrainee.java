// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Half;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.cli.run.RunView;
import org.generatrix.cli.run.Trainee;
import org.generatrix.data.Binarisation;
import org.generatrix.io.Json;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.EarlyStop;
import org.generatrix.train.Trainable;
import org.generatrix.train.Trainer;

/** A restricted Boltzmann machine in training. */
final class RbmTrainee implements Trainee {
  private static final int SAMPLES = 100;
  private static final int SAMPLE_STEPS = 1000;
  private static final int ACROSS = 12;
  private static final Half OBSERVED = Half.LEFT;

  private final Scope scope;
  private final DataSet data;
  private final Rbm rbm;
  private final RbmTrainer trainer;
  private final LikelihoodPlan plan;
  private final Tensor test; // bits [n, visible]
  private final RbmMetrics metrics;
  private final List<Likelihood> likelihoods = new ArrayList<>();

  /**
   * A machine with its training.
   *
   * @param scope owns both; taken over, closed with this
   * @param plan of the likelihood, null for none
   */
  RbmTrainee(Scope scope, DataSet data, RbmTrainer trainer, LikelihoodPlan plan) {
    this.scope = scope;
    this.data = data;
    this.rbm = trainer.rbm();
    this.trainer = trainer;
    this.plan = plan;
    Binarisation binarisation = trainer.config().binarisation();
    long seed = trainer.config().seed();
    test = scope.own(DataSet.states(rbm.device(), data.test(), binarisation, seed));
    // The metrics look at the training pictures as the test pictures are binarised.
    int few = Math.min(RbmMetrics.FREE_ENERGY_ROWS, data.train().count());
    try (Tensor train =
        DataSet.states(rbm.device(), data.train().slice(0, few), binarisation, seed)) {
      metrics = scope.own(new RbmMetrics(rbm, train, test, data.train().count()));
    }
  }

  @Override
  public String describe() {
    return rbm.config().visible()
        + " x "
        + rbm.config().hidden()
        + (rbm.config().centered() ? ", centered, " : ", ")
        + RbmReport.algorithm(trainer.config());
  }

  @Override
  public Map<String, Object> record() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("kind", Rbm.KIND);
    record.put("machine", Json.parseObject(ConfigJson.write(rbm.config())));
    record.put("training", Json.parseObject(ConfigJson.write(trainer.config())));
    return record;
  }

  @Override
  public Trainable training() {
    return trainer;
  }

  @Override
  public List<String> metrics() {
    return RbmMetrics.NAMES;
  }

  @Override
  public List<Shown> shown() {
    return RbmMetrics.SHOWN;
  }

  @Override
  public EarlyStop earlyStop(int patience) {
    return new EarlyStop(RbmMetrics.LOG_PL_TEST, EarlyStop.Goal.MAXIMIZE, patience, 0);
  }

  @Override
  public void measureWith(Trainer trainer) {
    metrics.addTo(trainer);
  }

  @Override
  public void save(Path model) throws IOException {
    rbm.save(model);
  }

  @Override
  public Map<String, byte[]> draw() {
    RbmPictures draw = new RbmPictures(rbm, data.tile());
    long seed = trainer.config().seed();
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    pictures.put("samples", samples(draw, seed));
    pictures.put("filters", draw.filters());
    try (Tensor some = DataSet.intensities(rbm.device(), DataSet.spread(data.test(), 2 * ACROSS))) {
      pictures.put("reconstructions", draw.reconstructions(some, ACROSS));
    }
    try (Tensor some = DataSet.intensities(rbm.device(), DataSet.spread(data.test(), ACROSS))) {
      pictures.put("inpainting", draw.inpainting(some, OBSERVED, SAMPLE_STEPS, seed));
    }
    return pictures;
  }

  /**
   * From the training's own chains at temperature 1, which stand first; from noise where there are
   * none.
   */
  private byte[] samples(RbmPictures draw, long seed) {
    Tensor chains = trainer.chains();
    if (chains == null) {
      return draw.samples(SAMPLES, SAMPLE_STEPS, seed);
    }
    long cold = trainer.config().chains();
    try (Tensor start = chains.rowsAt(LongStream.range(0, SAMPLES).map(i -> i % cold).toArray())) {
      return draw.samples(start, SAMPLE_STEPS, seed);
    }
  }

  @Override
  public String measurement() {
    return plan == null ? null : plan.describe(rbm);
  }

  @Override
  public void measure(Consumer<String> found) {
    Binarisation measured = DataSet.measured(trainer.config().binarisation());
    float[] mean = data.train().mean();
    likelihoods.clear();
    plan.measure(
        rbm,
        test,
        measured,
        mean,
        likelihood -> {
          likelihoods.add(likelihood);
          found.accept(likelihood.line());
        });
  }

  @Override
  public Map<String, Object> results() {
    return Map.of("likelihood", likelihoods.stream().map(Likelihood::toMap).toList());
  }

  @Override
  public Report report(RunView run) {
    return new RbmReport(rbm.config(), trainer.config(), run)
        .page(List.copyOf(likelihoods), OBSERVED + " half");
  }

  @Override
  public void close() {
    scope.close();
  }
}
