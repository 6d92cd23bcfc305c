// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import org.generatrix.cli.run.RunFolder;
import org.generatrix.cli.run.RunJob;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A training run as options, whatever the model: its data, its folder, its length and its seed. */
final class RunOptions {
  /** What may be said when a run is resumed; all else was decided when it began. */
  private static final Set<String> FREE_ON_RESUME =
      Set.of(
          "--out",
          "--resume",
          "--epochs",
          "--checkpoint-every",
          "--early-stop",
          "--likelihood",
          "--ais-temperatures",
          "--ais-chains",
          "--likelihood-samples",
          "--threads",
          "--debug");

  @Mixin private DataOption data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Run folder (default: runs/${COMMAND-NAME}-DATE-TIME).")
  private Path out;

  @Option(
      names = "--resume",
      description =
          "Go on with the run in --out; of the options below only --epochs may be changed.")
  private boolean resume;

  @Option(names = "--force", description = "Replace the run in --out.")
  private boolean force;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "50",
      description = "Passes over the data (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "100",
      description = "Examples per update (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--seed",
      paramLabel = "N",
      order = 800,
      defaultValue = "1",
      description = "Seed of all draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      order = 800,
      defaultValue = "1",
      description = "Epochs between checkpoints (default: ${DEFAULT-VALUE}).")
  private int checkpointEvery;

  @Option(
      names = "--early-stop",
      paramLabel = "N",
      order = 800,
      description =
          "Stop after N epochs without a better test figure, the first that the progress shows (default: never).")
  private Integer patience;

  void check(HelpOptions options) {
    options.atLeast("--checkpoint-every", checkpointEvery, 1);
    options.atLeast("--early-stop", patience, 1);
  }

  int epochs() {
    return epochs;
  }

  int batchSize() {
    return batchSize;
  }

  long seed() {
    return seed;
  }

  /**
   * What is to be done.
   *
   * @param kind of model, as in {@code train rbm}
   */
  RunJob job(String kind, HelpOptions options) {
    if (resume && force) {
      throw options.usage(
          "--resume continues a run and --force replaces it; only one of them can be given.");
    }
    if (resume && out == null) {
      throw options.usage("--resume needs --out with the folder of the run to go on with.");
    }
    if (resume) {
      for (String option : options.given()) {
        if (!FREE_ON_RESUME.contains(option)) {
          throw options.usage(
              option + " cannot be changed when a run is resumed; only --epochs can.");
        }
      }
    }
    String now = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now());
    return new RunJob(
        kind,
        new RunFolder(out != null ? out : Path.of("runs", kind + "-" + now)),
        resume ? RunJob.Start.RESUME : force ? RunJob.Start.REPLACE : RunJob.Start.NEW,
        data.folder(),
        resume && options.given("--epochs") ? epochs : 0,
        checkpointEvery,
        patience == null ? 0 : patience,
        options.line(),
        Main.name());
  }
}
