// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_kernel_info;

/**
 * What the native library is and what it chose on this machine. Every method loads it, or says why
 * it cannot.
 */
public final class NativeInfo {
  private static final String[] ISA_NAMES = {"baseline", "v3", "v4"};

  /**
   * A kernel variant.
   *
   * @param op such as "gibbs.layer_sample"
   * @param variant such as "tables"
   * @param isa as {@link NativeInfo#isa()}
   * @param usable whether this CPU, under the cap of GENERATRIX_ISA, can run it
   */
  public record Kernel(String op, String variant, String isa, boolean usable) {}

  private NativeInfo() {}

  /** "MAJOR.MINOR.PATCH". */
  public static String version() {
    NativeLibrary.load();
    return Abi.gx_version().getString();
  }

  /**
   * The instruction set of the kernels: "baseline" (x86-64-v2), "v3" (AVX2, FMA) or "v4" (AVX-512).
   */
  public static String isa() {
    NativeLibrary.load();
    return ISA_NAMES[Abi.gx_cpu_isa()];
  }

  /** Why {@link #isa()} is what it is, in one sentence. */
  public static String isaReason() {
    NativeLibrary.load();
    return Abi.gx_cpu_isa_reason().getString();
  }

  /**
   * Threads of a device that names none, before the system property {@value
   * Device#THREADS_PROPERTY}.
   */
  public static int defaultThreads() {
    NativeLibrary.load();
    return Abi.gx_default_threads();
  }

  /** Why {@link #defaultThreads()} is what it is, in one sentence. */
  public static String threadsReason() {
    NativeLibrary.load();
    return Abi.gx_default_threads_reason().getString();
  }

  /** The folder of the loaded native files. */
  public static String libraryPath() {
    return NativeLibrary.directory().toString();
  }

  /** Every kernel variant of the library, best first within an op. */
  public static List<Kernel> kernels() {
    NativeLibrary.load();
    List<Kernel> kernels = new ArrayList<>();
    try (gx_kernel_info info = new gx_kernel_info()) {
      for (int i = 0; Abi.gx_kernel_at(i, info) == Abi.GX_OK; i++) {
        kernels.add(
            new Kernel(
                info.op().getString(),
                info.variant().getString(),
                ISA_NAMES[info.isa()],
                info.usable() != 0));
      }
    }
    return List.copyOf(kernels);
  }
}
