// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.generatrix.cli.CliException;

/** The folder of one training run, and the names in it. */
public record RunFolder(Path path) {
  private static final List<String> NAMES =
      List.of(
          "run.json",
          "model.safetensors",
          "checkpoint.safetensors",
          "metrics.csv",
          "samples.png",
          "filters.png",
          "reconstructions.png",
          "inpainting.png",
          "interpolation.png",
          "manifold.png",
          "forming.png",
          "stages.png",
          "completions.png",
          "cool.png",
          "extremes.png",
          "density.png",
          "grid.png",
          "report.html");

  /** The run's own record: its data, configuration, command and results. */
  public Path record() {
    return path.resolve("run.json");
  }

  public Path model() {
    return path.resolve("model.safetensors");
  }

  public Path checkpoint() {
    return path.resolve("checkpoint.safetensors");
  }

  public Path metrics() {
    return path.resolve("metrics.csv");
  }

  public Path picture(String name) {
    return path.resolve(name + ".png");
  }

  public Path report() {
    return path.resolve("report.html");
  }

  /** Refuses a folder that holds a run already, unless that may be replaced. */
  public void requireFree(boolean replace) {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new CliException(path + " is a file; --out needs a folder.");
    }
    if (!replace && !present().isEmpty()) {
      throw new CliException(
          path
              + " already holds a run; continue it with --resume, replace it with --force, or choose another --out.");
    }
  }

  /**
   * Makes an empty folder for a new run; of what is there, the files of an earlier run are deleted,
   * and no others.
   */
  public void create() throws IOException {
    Files.createDirectories(path);
    for (Path file : present()) {
      Files.delete(file);
    }
  }

  private List<Path> present() {
    return NAMES.stream().map(path::resolve).filter(Files::exists).toList();
  }

  /** Checks that there is something to go on from. */
  public void requireCheckpoint() {
    if (!Files.isRegularFile(checkpoint()) || !Files.isRegularFile(record())) {
      throw new CliException(
          path + " holds no checkpoint to resume from; start anew without --resume.");
    }
  }
}
