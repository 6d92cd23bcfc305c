// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import org.generatrix.binding.Device;
import org.generatrix.cli.rbm.RbmJob;
import org.generatrix.cli.rbm.RbmRun;
import org.generatrix.cli.run.RunFolder;
import org.generatrix.cli.run.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code train rbm}: from options to a {@link RbmJob}. */
@Command(
    name = "rbm",
    description = "Trains a restricted Boltzmann machine with binary units.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
      "",
      "Ctrl-C is a normal way to stop: everything is saved, and --resume goes on",
      "as if the run had never been stopped (exit code 130)."
    })
final class TrainRbmCommand implements Callable<Integer> {
  private final Interrupt interrupt;

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with IDX files named as MNIST's, plain or gz (default: the bundled digits).")
  private Path data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Run folder (default: runs/rbm-DATE-TIME).")
  private Path out;

  @Option(
      names = "--resume",
      description =
          "Go on with the run in --out; of the options below only --epochs may be changed.")
  private boolean resume;

  @Option(names = "--force", description = "Replace the run in --out.")
  private boolean force;

  @Mixin private RbmOptions options;

  @Mixin private ComputeOptions common;

  TrainRbmCommand(Interrupt interrupt) {
    this.interrupt = interrupt;
  }

  @Override
  public Integer call() throws Exception {
    common.check();
    options.check(common);
    RbmJob job = job();
    try (Device device = common.open()) {
      int code =
          new RbmRun(
                  job,
                  interrupt,
                  spec.commandLine().getOut(),
                  spec.commandLine().getErr(),
                  Terminal.interactive())
              .execute(device);
      if (code == ExitCode.OK) {
        spec.commandLine().getOut().println("Done: open " + job.folder().report());
      }
      return code;
    }
  }

  private RbmJob job() {
    if (resume && force) {
      throw common.usage(
          "--resume continues a run and --force replaces it; only one of them can be given.");
    }
    if (resume && out == null) {
      throw common.usage("--resume needs --out with the folder of the run to go on with.");
    }
    if (resume) {
      refuseWhatTheRunDecides();
    }
    Path folder =
        out != null
            ? out
            : Path.of(
                "runs",
                "rbm-"
                    + DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now()));
    return new RbmJob(
        new RunFolder(folder),
        resume ? RbmJob.Start.RESUME : force ? RbmJob.Start.REPLACE : RbmJob.Start.NEW,
        data,
        options.machine(),
        options.training(common),
        resume && common.given("--epochs") ? options.epochs() : 0,
        options.checkpointEvery(),
        options.likelihood(),
        common.line(),
        Main.name());
  }

  private void refuseWhatTheRunDecides() {
    for (String option : RbmOptions.DECIDED_BY_RUN) {
      if (common.given(option)) {
        throw common.usage(option + " cannot be changed when a run is resumed; only --epochs can.");
      }
    }
  }
}
