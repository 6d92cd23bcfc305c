// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.testing;

import org.generatrix.binding.Cuda;
import org.generatrix.binding.Device;
import org.junit.jupiter.api.Assumptions;

/**
 * The device that a test computes on: the CPU with one thread, or what the system property
 * generatrix.test.device names, as the conformance runs of generatrix-cuda do.
 */
public final class TestDevice {
  public static final String PROPERTY = "generatrix.test.device";

  private TestDevice() {}

  public static Device open() {
    String name = System.getProperty(PROPERTY, "cpu");
    return name.equals("cpu") ? Device.cpu(1) : gpu();
  }

  /** A GPU, or the reason why the test is skipped. */
  public static Device gpu() {
    String reason = Cuda.unavailable();
    Assumptions.assumeTrue(reason == null, reason);
    return Device.cuda(0);
  }

  /** Skips what would take the emulated GPU minutes, and a real one no time. */
  public static void notEmulated(Device device) {
    Assumptions.assumeFalse(
        device.isGpu() && Cuda.gpus().get(device.ordinal()).emulated(),
        "takes minutes on the emulated GPU");
  }
}
