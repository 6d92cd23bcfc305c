// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.io.PrintWriter;
import org.generatrix.binding.Device;
import org.generatrix.cli.ExitCode;
import org.generatrix.cli.Interrupt;
import org.generatrix.train.Trainable;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingEvent;

/**
 * A training run of any model from data to report. It writes, in this order: the record;
 * checkpoints and metrics while training; model, pictures and report; and the report once more when
 * what takes long to measure is known. Whenever it ends, what is there is whole.
 */
public final class TrainingRun {
  private final RunJob job;
  private final Recipe<?> recipe;
  private final RunFolder folder;
  private final Interrupt interrupt;
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean interactive;

  /**
   * A run that is to be executed.
   *
   * @param out for what the user asked for, err for remarks
   * @param interactive whether a progress bar can be drawn
   */
  public TrainingRun(
      RunJob job,
      Recipe<?> recipe,
      Interrupt interrupt,
      PrintWriter out,
      PrintWriter err,
      boolean interactive) {
    this.job = job;
    this.recipe = recipe;
    this.folder = job.folder();
    this.interrupt = interrupt;
    this.out = out;
    this.err = err;
    this.interactive = interactive;
  }

  /** Does all of it and returns the exit code. */
  public int execute(Device device) throws IOException {
    return execute(device, recipe);
  }

  private <D extends RunData> int execute(Device device, Recipe<D> recipe) throws IOException {
    RunRecord record;
    D data;
    if (job.resumes()) {
      folder.requireCheckpoint();
      record = RunRecord.read(folder.record());
      data = recipe.data(record);
    } else {
      folder.requireFree(job.start() == RunJob.Start.REPLACE);
      data = recipe.data(job);
      record = data.record();
      folder.create();
    }
    say("data    " + data.name());
    say("        " + data.size());
    try (Trainee trainee =
        job.resumes()
            ? recipe.resume(device, data, folder.checkpoint(), job.epochs())
            : recipe.begin(device, data)) {
      say("model   " + trainee.describe());
      return execute(trainee, new RunResults(job, data, trainee, record, device.threads()));
    }
  }

  private int execute(Trainee trainee, RunResults results) throws IOException {
    results.begin();
    boolean stopped = train(trainee, results.metrics()) == TrainingEvent.End.STOPPED;
    interrupt.graceful(stopped ? () -> {} : () -> warn("Stopping when the report is written ..."));
    trainee.save(folder.model());
    results.draw();
    if (stopped) {
      return stopped(trainee.training(), results);
    }
    results.write(null);
    return trainee.measurement() == null ? ExitCode.OK : measure(trainee, results);
  }

  private int measure(Trainee trainee, RunResults results) throws IOException {
    String unmeasured =
        "Stopped before the likelihood was known; all else is in "
            + folder.path()
            + ". Measure it with: "
            + job.scoreCommand();
    if (!interrupt.immediate(() -> warn(unmeasured))) {
      warn(unmeasured);
      return ExitCode.INTERRUPTED;
    }
    say("Measuring the likelihood: " + trainee.measurement() + " ...");
    trainee.measure(found -> say("  " + found));
    interrupt.graceful(() -> {}); // a moment only
    results.write(null);
    return ExitCode.OK;
  }

  private int stopped(Trainable training, RunResults results) throws IOException {
    String where =
        "Stopped in epoch "
            + Math.min(training.epoch() + 1, training.epochs())
            + " of "
            + training.epochs();
    results.write(where + "; continue with: " + job.resumeCommand());
    say(where + "; everything is saved in " + folder.path() + ".");
    say("Continue with: " + job.resumeCommand());
    return ExitCode.INTERRUPTED;
  }

  /** Trains to the last epoch, to an early stop or to a signal. */
  private TrainingEvent.End train(Trainee trainee, MetricsLog log) {
    Trainer trainer =
        new Trainer(trainee.training()).checkpoint(folder.checkpoint(), job.checkpointEvery());
    trainee.measureWith(trainer);
    if (job.patience() > 0) {
      trainer.earlyStop(trainee.earlyStop(job.patience()));
    }
    ProgressReport progress = ProgressReport.of(interactive, out, trainee.shown());
    trainer.listen(log).listen(progress);
    interrupt.graceful(
        () -> {
          progress.quiet();
          warn("Stopping after this batch; saving to " + folder.path() + " ...");
          trainer.requestStop();
        });
    TrainingEvent.End end = trainer.fit();
    if (end == TrainingEvent.End.EARLY_STOP) {
      say(
          "Stopped early: "
              + trainee.earlyStop(job.patience()).metric()
              + " has not improved for "
              + job.patience()
              + (job.patience() == 1 ? " epoch." : " epochs."));
    }
    return end;
  }

  private void warn(String line) {
    err.println(line);
    err.flush();
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }
}
