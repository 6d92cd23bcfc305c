// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import java.util.Map;

/**
 * How the peers' thread pools wait for work, which the environment decides when a process starts.
 *
 * <p>bytedeco's libtorch runs its own loops on libgomp and its products on OpenBLAS's threads. As
 * they come, the workers of the one spin on the cores that the other needs, and on two cores a
 * product of 1.6 ms takes a whole slice of the scheduler, 8 ms. With a short spin it does not. Both
 * are measured: the first is what a user gets, the second the best there is.
 */
public enum Pools {
  /** As libtorch comes. */
  SHIPPED,
  /**
   * libgomp's workers spin 1000 times, some microseconds, before they sleep: the best of 300000
   * (libgomp's own), 10000, 1000 and 0.
   */
  TUNED;

  private static final String SPINS = "GOMP_SPINCOUNT";
  private static final String TUNED_SPINS = "1000";

  /** How this process was started. */
  public static Pools current() {
    return TUNED_SPINS.equals(System.getenv(SPINS)) ? TUNED : SHIPPED;
  }

  /**
   * Prepares the environment of a process. What would keep OpenBLAS from the kernels of this CPU
   * goes: a core type forced by OPENBLAS_CORETYPE can halve it.
   */
  public void apply(Map<String, String> environment) {
    environment.remove("OPENBLAS_CORETYPE");
    environment.remove("OPENBLAS_L2_SIZE");
    environment.remove("OMP_WAIT_POLICY");
    environment.remove(SPINS);
    if (this == TUNED) {
      environment.put(SPINS, TUNED_SPINS);
    }
  }
}
