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

  @Option(
      names = "--device",
      paramLabel = "NAME",
      order = 901,
      defaultValue = "cpu",
      description =
          "Where to compute: cpu, or cuda:0 for the first NVIDIA GPU (default: ${DEFAULT-VALUE}).")
  private String device;

  /** Refuses a wrong thread count before any work is done. */
  void check() {
    atLeast("--threads", threads, 1);
  }

  /** The device that the command computes on; the caller closes it. */
  Device open() {
    check();
    if (!device.equals("cpu")) {
      return onGpu();
    }
    return threads == null ? Device.cpu() : Device.cpu(threads);
  }

  private Device onGpu() {
    if (threads != null) {
      throw usage("--threads is of the CPU and means nothing to --device " + device + ".");
    }
    try {
      return Device.of(device);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      throw usage("--device " + device + ": " + e.getMessage());
    }
  }
}
