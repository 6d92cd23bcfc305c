// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which pictures a command works on. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder with IDX files named as MNIST's, plain or gz (default: the bundled digits).")
  private Path folder;

  /** The folder, null for the bundled digits. */
  Path folder() {
    return folder;
  }
}
