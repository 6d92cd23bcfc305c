// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.generatrix.binding.NativeInfo;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Half;
import org.generatrix.cli.run.MetricsLog;
import org.generatrix.cli.run.RunFolder;
import org.generatrix.cli.run.RunRecord;
import org.generatrix.data.Images;
import org.generatrix.io.AtomicFile;
import org.generatrix.io.Json;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.tensor.Tensor;

/**
 * What a run leaves behind besides model and checkpoint: its record, metrics, pictures and report.
 */
final class RbmResults {
  private static final int SAMPLES = 100;
  private static final int SAMPLE_STEPS = 1000;
  private static final int ACROSS = 12;
  private static final Half OBSERVED = Half.LEFT;

  private final RbmJob job;
  private final RunFolder folder;
  private final DataSet data;
  private final Rbm rbm;
  private final RbmTrainer trainer;
  private final RunRecord record;
  private final int threads;
  private final Map<String, byte[]> pictures = new LinkedHashMap<>();
  private MetricsLog metrics;

  RbmResults(RbmJob job, DataSet data, Rbm rbm, RbmTrainer trainer, RunRecord record, int threads) {
    this.job = job;
    this.folder = job.folder();
    this.data = data;
    this.rbm = rbm;
    this.trainer = trainer;
    this.record = record;
    this.threads = threads;
  }

  /** "784 x 500, centered". */
  String title() {
    return rbm.config().visible()
        + " x "
        + rbm.config().hidden()
        + (rbm.config().centered() ? ", centered" : "");
  }

  /** Opens the metrics and writes the record, before the first update. */
  void begin() throws IOException {
    metrics =
        job.resumes()
            ? MetricsLog.resume(folder.metrics(), RbmMetrics.NAMES, trainer.epoch())
            : MetricsLog.create(folder.metrics(), RbmMetrics.NAMES);
    record
        .put("kind", Rbm.KIND)
        .put("machine", Json.parseObject(ConfigJson.write(rbm.config())))
        .put("training", Json.parseObject(ConfigJson.write(trainer.config())))
        .put(
            job.resumes() ? "resumed" : "started",
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
        .put(job.resumes() ? "resume_command" : "command", job.command())
        .put("generatrix", NativeInfo.version())
        .put("isa", NativeInfo.isa())
        .put("threads", threads)
        .put("java", Runtime.version().toString());
    record.write(folder.record());
  }

  MetricsLog metrics() {
    return metrics;
  }

  /** Draws the pictures of the machine as it is now, and writes them. */
  void draw() throws IOException {
    RbmPictures draw = new RbmPictures(rbm, data.tile());
    long seed = trainer.config().seed();
    pictures.put("samples", samples(draw, seed));
    pictures.put("filters", draw.filters());
    try (Tensor some = DataSet.intensities(rbm.device(), pick(data.test(), 2 * ACROSS))) {
      pictures.put("reconstructions", draw.reconstructions(some, ACROSS));
    }
    try (Tensor some = DataSet.intensities(rbm.device(), pick(data.test(), ACROSS))) {
      pictures.put("inpainting", draw.inpainting(some, OBSERVED, SAMPLE_STEPS, seed));
    }
    for (Map.Entry<String, byte[]> picture : pictures.entrySet()) {
      AtomicFile.write(folder.picture(picture.getKey()), picture.getValue());
    }
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

  /** Writes report and record with what is known by now. */
  void write(String notice, List<Likelihood> likelihoods) throws IOException {
    RbmReport report = new RbmReport(rbm.config(), trainer.config(), data, metrics);
    String html =
        report.html(notice, likelihoods, pictures, OBSERVED + " half", job.command(), threads);
    AtomicFile.write(folder.report(), html);
    record.put("epoch", trainer.epoch());
    record.put("seconds", metrics.isEmpty() ? 0 : metrics.last(MetricsLog.SECONDS));
    record.put("likelihood", likelihoods.stream().map(Likelihood::toMap).toList());
    record.write(folder.record());
  }

  /**
   * That many pictures, or all, spread over the set, so that one sorted by class shows all classes.
   */
  private static Images pick(Images images, int atMost) {
    int count = Math.min(atMost, images.count());
    byte[] pixels = new byte[count * images.size()];
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) i * images.count() / count);
      System.arraycopy(
          images.pixels(), from * images.size(), pixels, i * images.size(), images.size());
    }
    return new Images(count, images.height(), images.width(), pixels);
  }
}
