// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.ExitCode;
import org.generatrix.cli.Interrupt;
import org.generatrix.cli.run.MetricsLog;
import org.generatrix.cli.run.ProgressReport;
import org.generatrix.cli.run.RunFolder;
import org.generatrix.cli.run.RunRecord;
import org.generatrix.data.Binarisation;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingEvent;

/**
 * A training run of a restricted Boltzmann machine from data to report. It writes, in this order:
 * the record; checkpoints and metrics while training; model, pictures and report; and the report
 * once more when the likelihood is known. Whenever it ends, what is there is whole.
 */
public final class RbmRun {
  private final RbmJob job;
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
  public RbmRun(
      RbmJob job, Interrupt interrupt, PrintWriter out, PrintWriter err, boolean interactive) {
    this.job = job;
    this.folder = job.folder();
    this.interrupt = interrupt;
    this.out = out;
    this.err = err;
    this.interactive = interactive;
  }

  /** Does all of it and returns the exit code. */
  public int execute(Device device) throws IOException {
    RunRecord record;
    DataSet data;
    if (job.resumes()) {
      folder.requireCheckpoint();
      record = RunRecord.read(folder.record());
      data = DataSet.load(record.data());
    } else {
      folder.requireFree(job.start() == RbmJob.Start.REPLACE);
      data = DataSet.load(job.data());
      record = RunRecord.of(data.folder(), data.train().height(), data.train().width());
      folder.create();
    }
    say("data    " + data.name());
    say("        " + data.size());
    float[] mean = data.train().mean();
    try (Scope scope = new Scope()) {
      Rbm rbm =
          scope.own(job.resumes() ? Rbm.load(device, folder.checkpoint()) : create(device, mean));
      Tensor train = scope.own(DataSet.intensities(device, data.train()));
      RbmTrainer trainer = scope.own(trainer(rbm, train));
      RbmResults results = new RbmResults(job, data, rbm, trainer, record, device.threads());
      say("model   " + results.title() + ", " + RbmReport.algorithm(trainer.config()));
      return execute(data, mean, trainer, results);
    }
  }

  private int execute(DataSet data, float[] mean, RbmTrainer trainer, RbmResults results)
      throws IOException {
    Rbm rbm = trainer.rbm();
    Binarisation binarisation = trainer.config().binarisation();
    long seed = trainer.config().seed();
    try (Tensor test = DataSet.states(rbm.device(), data.test(), binarisation, seed)) {
      results.begin();
      TrainingEvent.End end = train(data, trainer, results.metrics(), test);
      boolean stopped = end == TrainingEvent.End.STOPPED;
      interrupt.graceful(
          stopped ? () -> {} : () -> warn("Stopping when the report is written ..."));
      rbm.save(folder.model());
      results.draw();
      if (stopped) {
        return stopped(trainer, results);
      }
      results.write(null, List.of());
      if (job.likelihood() == null) {
        return ExitCode.OK;
      }
      String unmeasured =
          "Stopped before the likelihood was known; all else is in "
              + folder.path()
              + ". Measure it with: "
              + job.scoreCommand();
      if (!interrupt.immediate(() -> warn(unmeasured))) {
        warn(unmeasured);
        return ExitCode.INTERRUPTED;
      }
      say("Measuring the likelihood: " + job.likelihood().describe(rbm) + " ...");
      Binarisation measured = DataSet.measured(binarisation);
      List<Likelihood> likelihoods =
          job.likelihood().measure(rbm, test, measured, mean, found -> say("  " + found.line()));
      interrupt.graceful(() -> {}); // a moment only
      results.write(null, likelihoods);
      return ExitCode.OK;
    }
  }

  private int stopped(RbmTrainer trainer, RbmResults results) throws IOException {
    String where =
        "Stopped in epoch "
            + Math.min(trainer.epoch() + 1, trainer.epochs())
            + " of "
            + trainer.epochs();
    results.write(where + "; continue with: " + job.resumeCommand(), List.of());
    say(where + "; everything is saved in " + folder.path() + ".");
    say("Continue with: " + job.resumeCommand());
    return ExitCode.INTERRUPTED;
  }

  private Rbm create(Device device, float[] mean) {
    RbmJob.Machine machine = job.machine();
    RbmConfig config =
        new RbmConfig(mean.length, machine.hidden(), machine.centered(), machine.initialStddev());
    return Rbm.create(device, config, mean, job.training().seed());
  }

  private RbmTrainer trainer(Rbm rbm, Tensor train) throws IOException {
    if (!job.resumes()) {
      return new RbmTrainer(rbm, train, job.training());
    }
    return job.epochs() == 0
        ? RbmTrainer.resume(rbm, folder.checkpoint(), train)
        : RbmTrainer.resume(rbm, folder.checkpoint(), train, job.epochs());
  }

  /**
   * Trains to the last epoch or to a signal. The metrics look at the training pictures as the test
   * pictures are binarised.
   */
  private TrainingEvent.End train(DataSet data, RbmTrainer run, MetricsLog log, Tensor test) {
    Rbm rbm = run.rbm();
    int few = Math.min(RbmMetrics.FREE_ENERGY_ROWS, data.train().count());
    try (Tensor train =
            DataSet.states(
                rbm.device(),
                data.train().slice(0, few),
                run.config().binarisation(),
                run.config().seed());
        RbmMetrics metrics = new RbmMetrics(rbm, train, test, data.train().count())) {
      Trainer trainer = new Trainer(run).checkpoint(folder.checkpoint(), job.checkpointEvery());
      metrics.addTo(trainer);
      ProgressReport progress = ProgressReport.of(interactive, out, RbmMetrics.SHOWN);
      trainer.listen(log).listen(progress);
      interrupt.graceful(
          () -> {
            progress.quiet();
            warn("Stopping after this batch; saving to " + folder.path() + " ...");
            trainer.requestStop();
          });
      return trainer.fit();
    }
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
