// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.doctor;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Supplier;
import org.generatrix.binding.Cuda;
import org.generatrix.cli.Text;

/**
 * The GPUs to compute on, or why there is none: no device, no driver, a driver that did not reach
 * this container, no CUDA backend. Looks at files first, so that nothing is loaded into this
 * process where that cannot help.
 */
final class Gpu {
  private static final String DRIVER_LIBRARY = "libcuda.so.1";
  private static final List<String> LIBRARY_FOLDERS =
      List.of(
          "usr/lib/x86_64-linux-gnu",
          "usr/lib/aarch64-linux-gnu",
          "usr/lib64",
          "usr/lib",
          "lib64",
          "usr/local/nvidia/lib64",
          "usr/local/cuda/compat",
          "usr/lib/wsl/lib",
          "opt/cuda/lib64",
          "run/opengl-driver/lib");

  private final Path root;
  private final Map<String, String> environment;
  private final Supplier<List<Cuda.Gpu>> gpus;

  /** Looks below {@code root}, "/" outside tests. */
  Gpu(Path root, Map<String, String> environment) {
    this(root, environment, Cuda::gpus);
  }

  /** With an answer of the backend's, which throws UnsupportedOperationException with a reason. */
  Gpu(Path root, Map<String, String> environment, Supplier<List<Cuda.Gpu>> gpus) {
    this.root = root;
    this.environment = environment;
    this.gpus = gpus;
  }

  Finding find() {
    String version = kernelDriver();
    Path library = driverLibrary();
    boolean device = hasDevice();
    if (library == null && version == null) {
      return none(
          "no NVIDIA driver: " + DRIVER_LIBRARY + " not found",
          "nothing to do without an NVIDIA GPU; with one, install its driver, or start the container with --gpus all");
    }
    if (library == null) {
      return none(
          "the kernel has NVIDIA driver " + version + ", but " + DRIVER_LIBRARY + " not found",
          "in a container, start it with --gpus all (NVIDIA Container Toolkit); else reinstall the driver's user libraries");
    }
    if (!device) {
      return none(
          library + " is there, but no device: /dev/nvidia0 not found",
          "in a container, start it with --gpus all; else check that the kernel module nvidia is loaded");
    }
    String driver = "NVIDIA driver " + (version == null ? "" : version + " ") + "present, ";
    try {
      StringJoiner names = new StringJoiner("\n");
      gpus.get().forEach(gpu -> names.add(describe(gpu)));
      return Finding.ok("GPU", names.toString());
    } catch (UnsupportedOperationException e) {
      return none(driver + "but " + e.getMessage(), "nothing to do; the CPU kernels are used");
    }
  }

  private static String describe(Cuda.Gpu gpu) {
    return "cuda:%d %s, compute capability %d.%d, %d multiprocessors, %s, driver of CUDA %d.%d"
        .formatted(
            gpu.ordinal(),
            gpu.name(),
            gpu.computeCapability() / 10,
            gpu.computeCapability() % 10,
            gpu.multiprocessors(),
            Text.bytes(gpu.memory()),
            gpu.driver() / 1000,
            gpu.driver() % 1000 / 10);
  }

  private static Finding none(String text, String hint) {
    return new Finding(Finding.Level.NONE, "GPU", text, hint);
  }

  /** The version that the loaded kernel module reports, or null. */
  private String kernelDriver() {
    Path file = root.resolve("proc/driver/nvidia/version");
    try {
      for (String word : Files.readString(file).split("\\s+")) {
        if (word.matches("\\d+\\.\\d+(\\.\\d+)?")) {
          return word;
        }
      }
      return "of unknown version";
    } catch (IOException e) {
      return null;
    }
  }

  private Path driverLibrary() {
    List<Path> folders = new ArrayList<>();
    for (String folder : environment.getOrDefault("LD_LIBRARY_PATH", "").split(":")) {
      if (folder.startsWith("/")) {
        folders.add(root.resolve(folder.substring(1)));
      }
    }
    LIBRARY_FOLDERS.forEach(folder -> folders.add(root.resolve(folder)));
    return folders.stream()
        .map(folder -> folder.resolve(DRIVER_LIBRARY))
        .filter(Files::exists)
        .findFirst()
        .orElse(null);
  }

  /** A device node of the driver, or the paravirtual one of Windows' Linux subsystem. */
  private boolean hasDevice() {
    if (Files.exists(root.resolve("dev/dxg"))) {
      return true;
    }
    try (DirectoryStream<Path> devices =
        Files.newDirectoryStream(root.resolve("dev"), "nvidia[0-9]*")) {
      return devices.iterator().hasNext();
    } catch (IOException e) {
      return false;
    }
  }
}
