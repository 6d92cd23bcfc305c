// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.concurrent.Callable;
import org.generatrix.binding.Device;
import org.generatrix.cli.run.Recipe;
import org.generatrix.cli.run.RunJob;
import org.generatrix.cli.run.Terminal;
import org.generatrix.cli.run.TrainingRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What {@code train rbm} and its like have in common: from options to a run. */
@Command(
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
      "",
      "Ctrl-C is a normal way to stop: everything is saved, and --resume goes on",
      "as if the run had never been stopped (exit code 130)."
    })
abstract class TrainModelCommand implements Callable<Integer> {
  private final Interrupt interrupt;

  @Spec private CommandSpec spec;

  @Mixin private RunOptions run;

  @Mixin private ComputeOptions common;

  TrainModelCommand(Interrupt interrupt) {
    this.interrupt = interrupt;
  }

  /**
   * The model as the options ask for it; what is out of range is refused with the option's name.
   */
  abstract Recipe<?> recipe(RunOptions run, HelpOptions options);

  @Override
  public final Integer call() throws Exception {
    common.check();
    run.check(common);
    Recipe<?> recipe = recipe(run, common);
    RunJob job = run.job(spec.name(), common);
    try (Device device = common.open()) {
      int code =
          new TrainingRun(
                  job,
                  recipe,
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
}
