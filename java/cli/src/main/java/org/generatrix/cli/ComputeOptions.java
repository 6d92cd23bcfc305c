// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.binding.Device;
import picocli.CommandLine.Option;

/** What every command that computes understands besides. */
final class ComputeOptions extends HelpOptions {
  @Option(
      names = "--threads",
      paramLabel = "N",
      order = 900,
      description =
          "CPU threads; results do not depend on them (default: the CPUs this process may use).")
  private Integer threads;

  /** Refuses a wrong thread count before any work is done. */
  void check() {
    atLeast("--threads", threads, 1);
  }

  /** The device that the command computes on; the caller closes it. */
  Device open() {
    check();
    return threads == null ? Device.cpu() : Device.cpu(threads);
  }
}
