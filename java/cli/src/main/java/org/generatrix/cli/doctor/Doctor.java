// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.generatrix.binding.NativeInfo;
import org.generatrix.cli.Text;

/**
 * Looks at what bears on computing here: the machine, the JVM, the native library and its choices,
 * OpenBLAS, memory, the GPU.
 */
public final class Doctor {
  private static final long LITTLE_MEMORY = 1_000_000_000L;

  private final Path root;
  private final Map<String, String> environment;

  public Doctor() {
    this(Path.of("/"), System.getenv());
  }

  Doctor(Path root, Map<String, String> environment) {
    this.root = root;
    this.environment = environment;
  }

  public List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    findings.add(platform());
    findings.add(java());
    findings.addAll(library());
    findings.add(openBlas());
    findings.add(memory());
    findings.add(new Gpu(root, environment).find());
    return findings;
  }

  private static Finding platform() {
    String os = System.getProperty("os.name") + " " + System.getProperty("os.version");
    return Finding.ok("platform", os + ", " + System.getProperty("os.arch"));
  }

  private static Finding java() {
    String heap = Text.bytes(Runtime.getRuntime().maxMemory());
    String vm = System.getProperty("java.vm.name") + ", " + System.getProperty("java.vendor");
    return Finding.ok("Java", Runtime.version() + " (" + vm + "), heap limit " + heap);
  }

  private static List<Finding> library() {
    try {
      List<Finding> findings = new ArrayList<>();
      findings.add(
          Finding.ok("native library", NativeInfo.version() + " at " + NativeInfo.libraryPath()));
      findings.add(Finding.ok("instructions", NativeInfo.isaReason()));
      findings.add(
          Finding.ok("threads", NativeInfo.defaultThreads() + ": " + NativeInfo.threadsReason()));
      findings.add(Finding.ok("kernels", kernels(NativeInfo.kernels())));
      return findings;
    } catch (LinkageError | RuntimeException e) {
      Throwable cause =
          e instanceof ExceptionInInitializerError && e.getCause() != null ? e.getCause() : e;
      return List.of(
          new Finding(
              Finding.Level.FAIL,
              "native library",
              "cannot be loaded: " + cause.getMessage(),
              "check that the generatrix-binding jar for this platform is on the class path and that the folder for native files"
                  + " can be written and executed from (-Dorg.bytedeco.javacpp.cachedir=DIR)"));
    }
  }

  /** Per operation the variants that this process may run, best first. */
  private static String kernels(List<NativeInfo.Kernel> kernels) {
    Map<String, StringJoiner> byOp = new LinkedHashMap<>();
    for (NativeInfo.Kernel kernel : kernels) {
      if (kernel.usable()) {
        byOp.computeIfAbsent(kernel.op(), op -> new StringJoiner(", "))
            .add(kernel.variant() + " " + kernel.isa());
      }
    }
    StringJoiner all = new StringJoiner("\n");
    byOp.forEach((op, variants) -> all.add(op + ": " + variants));
    return all.toString();
  }

  /**
   * Settings that are right for one machine are often inherited by another, where they halve
   * OpenBLAS's speed.
   */
  private Finding openBlas() {
    List<String> set =
        List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE").stream()
            .filter(environment::containsKey)
            .toList();
    if (set.isEmpty()) {
      return Finding.ok("OpenBLAS", "its own choice of core type and cache size");
    }
    StringJoiner values = new StringJoiner(" and ");
    set.forEach(name -> values.add(name + "=" + environment.get(name)));
    return new Finding(
        Finding.Level.WARN,
        "OpenBLAS",
        values
            + (set.size() == 1 ? " is set" : " are set")
            + ", which can halve the speed of OpenBLAS",
        "unset " + String.join(" ", set));
  }

  private Finding memory() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long total = system.getTotalMemorySize();
    long available = available(system.getFreeMemorySize());
    String text = Text.bytes(available) + " available of " + Text.bytes(total);
    return available >= LITTLE_MEMORY
        ? Finding.ok("memory", text)
        : new Finding(
            Finding.Level.WARN,
            "memory",
            text,
            "training on full MNIST needs about 1.2 GB; close other programs");
  }

  /**
   * Free memory and what the kernel's caches would give up; the free memory alone where that is not
   * known.
   */
  private long available(long free) {
    try {
      for (String line : Files.readAllLines(root.resolve("proc/meminfo"))) {
        if (line.startsWith("MemAvailable:")) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return free;
    }
    return free;
  }
}
