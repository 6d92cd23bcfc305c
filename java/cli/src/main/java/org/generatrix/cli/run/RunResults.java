// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.generatrix.binding.NativeInfo;
import org.generatrix.io.AtomicFile;

/**
 * What a run leaves behind besides model and checkpoint: its record, metrics, pictures and report.
 */
final class RunResults {
  private final RunJob job;
  private final RunFolder folder;
  private final RunData data;
  private final Trainee trainee;
  private final RunRecord record;
  private final int threads;
  private Map<String, byte[]> pictures = Map.of();
  private MetricsLog metrics;

  RunResults(RunJob job, RunData data, Trainee trainee, RunRecord record, int threads) {
    this.job = job;
    this.folder = job.folder();
    this.data = data;
    this.trainee = trainee;
    this.record = record;
    this.threads = threads;
  }

  /** Opens the metrics and writes the record, before the first update. */
  void begin() throws IOException {
    metrics =
        job.resumes()
            ? MetricsLog.resume(folder.metrics(), trainee.metrics(), trainee.training().epoch())
            : MetricsLog.create(folder.metrics(), trainee.metrics());
    trainee.record().forEach(record::put);
    record
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

  /** Draws the pictures of the model as it is now, and writes them. */
  void draw() throws IOException {
    pictures = trainee.draw();
    for (Map.Entry<String, byte[]> picture : pictures.entrySet()) {
      AtomicFile.write(folder.picture(picture.getKey()), picture.getValue());
    }
  }

  /** Writes report and record with what is known by now. */
  void write(String notice) throws IOException {
    RunView view = new RunView(data, metrics, pictures, job.command(), threads, notice);
    AtomicFile.write(folder.report(), trainee.report(view).html());
    record.put("epoch", trainee.training().epoch());
    record.put("seconds", metrics.isEmpty() ? 0 : metrics.last(MetricsLog.SECONDS));
    trainee.results().forEach(record::put);
    record.write(folder.record());
  }
}
