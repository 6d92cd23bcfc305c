// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.variational;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.picture.LatentPlane;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.cli.run.RunView;
import org.generatrix.cli.run.Trainee;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.ActiveUnits;
import org.generatrix.io.Json;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeTraining;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.EarlyStop;
import org.generatrix.train.Trainable;
import org.generatrix.train.Trainer;

/** A variational autoencoder in training. */
final class VaeTrainee implements Trainee {
  private static final int SAMPLES = 100;
  private static final int ACROSS = 12;
  private static final int WAYS = 8;
  private static final int STEPS = 10;
  private static final int MANIFOLD = 16;

  private final Scope scope;
  private final DataSet data;
  private final Vae vae;
  private final VaeTraining training;
  private final int samples;
  private final Binarisation measured;
  private final Tensor test; // [n, visible]
  private final VaeMetrics metrics;
  private final List<VaeLikelihood> likelihoods = new ArrayList<>();
  private ActiveUnits units; // known when the pictures are drawn

  /**
   * A model with its training.
   *
   * @param scope owns both; taken over, closed with this
   * @param samples of the likelihood, 0 for no likelihood
   */
  VaeTrainee(Scope scope, DataSet data, Vae vae, VaeTraining training, int samples) {
    this.scope = scope;
    this.data = data;
    this.vae = vae;
    this.training = training;
    this.samples = samples;
    measured = LoadedVae.measured(vae, training.config().binarisation());
    long seed = training.config().seed();
    test = scope.own(DataSet.measured(vae.device(), data.test(), measured, seed));
    int few = Math.min(VaeMetrics.ROWS, data.train().count());
    Tensor trainFew =
        scope.own(DataSet.measured(vae.device(), data.train().slice(0, few), measured, seed));
    int fewTest = Math.min(VaeMetrics.ROWS, data.test().count());
    Tensor testFew =
        scope.own(DataSet.measured(vae.device(), data.test().slice(0, fewTest), measured, seed));
    metrics = new VaeMetrics(vae, training.config(), trainFew, testFew);
  }

  @Override
  public String describe() {
    return LoadedVae.size(vae.config()) + ", " + VaeReport.objective(training.config());
  }

  @Override
  public Map<String, Object> record() {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("kind", Vae.KIND);
    record.put("model", Json.parseObject(ConfigJson.write(vae.config())));
    record.put("training", Json.parseObject(ConfigJson.write(training.config())));
    return record;
  }

  @Override
  public Trainable training() {
    return training;
  }

  @Override
  public List<String> metrics() {
    return VaeMetrics.names(training.config());
  }

  @Override
  public List<Shown> shown() {
    return VaeMetrics.shown(training.config());
  }

  @Override
  public EarlyStop earlyStop(int patience) {
    String bound = VaeMetrics.test(VaeMetrics.objective(training.config()));
    return new EarlyStop(bound, EarlyStop.Goal.MAXIMIZE, patience, 0);
  }

  @Override
  public void measureWith(Trainer trainer) {
    metrics.addTo(trainer);
  }

  @Override
  public void save(Path model) throws IOException {
    vae.save(model);
  }

  @Override
  public Map<String, byte[]> draw() {
    VaePictures draw = new VaePictures(vae, data.tile());
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    pictures.put("samples", draw.samples(SAMPLES, training.config().seed()));
    try (Tensor some = DataSet.intensities(vae.device(), DataSet.spread(data.test(), 2 * ACROSS))) {
      pictures.put("reconstructions", draw.reconstructions(some, ACROSS));
    }
    try (Tensor some = DataSet.intensities(vae.device(), DataSet.spread(data.test(), 2 * WAYS))) {
      pictures.put("interpolation", draw.interpolations(some, STEPS));
    }
    try (Tensor codes = vae.encode(test)) {
      units = data.test().count() < 2 ? null : ActiveUnits.of(codes);
      pictures.put("manifold", draw.manifold(plane(Math.toIntExact(codes.units())), MANIFOLD));
    }
    return pictures;
  }

  /** The two units that tell the pictures apart most. */
  private LatentPlane plane(int latents) {
    int[] order = units == null ? new int[] {0, Math.min(1, latents - 1)} : units.byActivity();
    return latents <= 2
        ? new LatentPlane(latents, 0, latents - 1)
        : new LatentPlane(latents, order[0], order[1]);
  }

  @Override
  public String measurement() {
    return samples == 0
        ? null
        : "importance weighting with "
            + samples
            + " samples a picture, on "
            + data.test().count()
            + " test pictures "
            + DataSet.describe(measured);
  }

  @Override
  public void measure(Consumer<String> found) {
    likelihoods.clear();
    VaeLikelihood.measure(
        vae,
        test,
        measured,
        samples,
        training.config().seed(),
        each -> {
          likelihoods.add(each);
          found.accept(each.line());
        });
  }

  @Override
  public Map<String, Object> results() {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("active_units", units == null ? null : (long) units.count());
    results.put("likelihood", likelihoods.stream().map(VaeLikelihood::toMap).toList());
    return results;
  }

  @Override
  public Report report(RunView run) {
    return new VaeReport(vae.config(), training.config(), run)
        .page(List.copyOf(likelihoods), units, measured);
  }

  @Override
  public void close() {
    scope.close();
  }
}
