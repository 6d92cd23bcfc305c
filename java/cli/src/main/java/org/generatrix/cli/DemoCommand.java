// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.generatrix.binding.Device;
import org.generatrix.binding.NativeInfo;
import org.generatrix.cli.rbm.LikelihoodPlan;
import org.generatrix.cli.rbm.RbmRecipe;
import org.generatrix.cli.run.RunFolder;
import org.generatrix.cli.run.RunJob;
import org.generatrix.cli.run.Terminal;
import org.generatrix.cli.run.TrainingRun;
import org.generatrix.data.Binarisation;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code demo}: a good machine on the bundled digits, from nothing to the report, in well under a
 * minute.
 */
@Command(
    name = "demo",
    description =
        "Trains a restricted Boltzmann machine on the bundled digits and shows what it has learnt, in under a minute.",
    sortOptions = false,
    abbreviateSynopsis = true)
final class DemoCommand implements Callable<Integer> {
  private final Interrupt interrupt;

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/demo",
      description =
          "Run folder; an earlier demo in the default one is replaced (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(names = "--force", description = "Replace the run in --out.")
  private boolean force;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "200",
      description = "Passes over the digits (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "500",
      description = "Hidden units (default: ${DEFAULT-VALUE}).")
  private int hidden;

  @Option(
      names = "--ais-temperatures",
      paramLabel = "N",
      defaultValue = "14500",
      description = "Temperatures of the likelihood's annealing (default: ${DEFAULT-VALUE}).")
  private int temperatures;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of all draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private ComputeOptions common;

  DemoCommand(Interrupt interrupt) {
    this.interrupt = interrupt;
  }

  @Override
  public Integer call() throws Exception {
    common.check();
    common.atLeast("--epochs", epochs, 1);
    common.atLeast("--hidden", hidden, 1);
    common.atLeast("--ais-temperatures", temperatures, 3);
    long start = System.nanoTime();
    PrintWriter console = spec.commandLine().getOut();
    RunJob job = job();
    try (Device device = common.open()) {
      console.println(
          "Generatrix "
              + NativeInfo.version()
              + ", "
              + NativeInfo.isa()
              + " kernels, "
              + device.threads()
              + " threads");
      int code =
          new TrainingRun(
                  job,
                  recipe(),
                  interrupt,
                  console,
                  spec.commandLine().getErr(),
                  Terminal.interactive())
              .execute(device);
      if (code == ExitCode.OK) {
        finish(console, job.folder(), (System.nanoTime() - start) / 1e9);
      }
      return code;
    }
  }

  private RunJob job() {
    boolean replace = force || !common.given("--out");
    return new RunJob(
        "rbm",
        new RunFolder(out),
        replace ? RunJob.Start.REPLACE : RunJob.Start.NEW,
        null,
        0,
        10,
        0,
        common.line(),
        Main.name());
  }

  /**
   * The recipe of the 500-unit machine in the literature, with a rate that starts ten times higher:
   * the small set needs fewer epochs then.
   */
  private RbmRecipe recipe() {
    RbmTrainingConfig training =
        RbmTrainingConfig.builder()
            .algorithm(RbmTrainingConfig.Algorithm.PCD)
            .batchSize(100)
            .chains(100)
            .epochs(epochs)
            .learningRate(0.1)
            .finalLearningRate(0.0005)
            .binarisation(Binarisation.RESAMPLED)
            .seed(seed)
            .build();
    return new RbmRecipe(
        new RbmRecipe.Machine(hidden, true, 0.01),
        training,
        new LikelihoodPlan(temperatures, 100, seed));
  }

  private static void finish(PrintWriter console, RunFolder folder, double seconds) {
    console.println();
    console.println("Done in " + Text.duration(seconds) + ". Open these:");
    console.println("  " + folder.report() + "    everything on one page");
    console.println("  " + folder.picture("samples") + "    digits the machine invented");
    console.println("  " + folder.picture("filters") + "    the strokes it has learnt");
    console.println("  " + folder.picture("reconstructions"));
    console.println("  " + folder.picture("inpainting"));
    console.println(
        "Draw more: " + Main.name() + " sample " + folder.path() + " -n 400 --out more.png");
    console.flush();
  }
}
