// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.generatrix.binding.Cuda;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor on made-up machines. */
class DoctorTest {
  private static final String KERNEL_MODULE = "proc/driver/nvidia/version";

  @TempDir Path root;

  private void file(String path, String content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private Finding find() {
    Finding finding =
        find(
            () -> {
              throw new UnsupportedOperationException("there is no CUDA backend");
            });
    assertEquals(Finding.Level.NONE, finding.level());
    assertTrue(finding.hint() != null && !finding.hint().isEmpty());
    return finding;
  }

  private Finding find(Supplier<List<Cuda.Gpu>> backend) {
    return new Gpu(root, Map.of("LD_LIBRARY_PATH", ":/opt/drivers:relative"), backend).find();
  }

  @Test
  void noDriver() {
    assertEquals("no NVIDIA driver: libcuda.so.1 not found", find().text());
  }

  @Test
  void aKernelModuleWithoutItsLibrary() throws IOException {
    file(
        KERNEL_MODULE,
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n");
    assertEquals(
        "the kernel has NVIDIA driver 550.54.15, but libcuda.so.1 not found", find().text());
    assertTrue(find().hint().contains("--gpus all"));
  }

  @Test
  void aLibraryWithoutADevice() throws IOException {
    file("opt/drivers/libcuda.so.1", "");
    Files.createDirectories(root.resolve("dev"));
    assertTrue(
        find().text().endsWith("libcuda.so.1 is there, but no device: /dev/nvidia0 not found"),
        find().text());
  }

  @Test
  void aDriverThatTheBackendDecidesAbout() throws IOException {
    file("usr/lib/x86_64-linux-gnu/libcuda.so.1", "");
    file(
        KERNEL_MODULE,
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.124.06  Release Build\n");
    file("dev/nvidia0", "");
    assertEquals("NVIDIA driver 570.124.06 present, but there is no CUDA backend", find().text());
    Finding found =
        find(() -> List.of(new Cuda.Gpu(0, "H200", 90, 132, 139L << 30, 1, 13000, false)));
    assertEquals(Finding.Level.OK, found.level());
    assertTrue(found.text().startsWith("cuda:0 H200, compute capability 9.0,"), found.text());
  }

  @Test
  void inheritedOpenBlasSettingsAreNamed() {
    Map<String, String> inherited =
        Map.of("OPENBLAS_CORETYPE", "Haswell", "OPENBLAS_L2_SIZE", "512");
    Finding both = openBlas(inherited);
    assertEquals(Finding.Level.WARN, both.level());
    assertEquals(
        "OPENBLAS_CORETYPE=Haswell and OPENBLAS_L2_SIZE=512 are set, which can halve the speed of OpenBLAS",
        both.text());
    assertEquals("unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE", both.hint());
    assertEquals("unset OPENBLAS_L2_SIZE", openBlas(Map.of("OPENBLAS_L2_SIZE", "512")).hint());
    assertEquals(Finding.Level.OK, openBlas(Map.of()).level());
  }

  private Finding openBlas(Map<String, String> environment) {
    List<Finding> findings = new Doctor(root, environment).examine();
    return findings.stream()
        .filter(finding -> finding.subject().equals("OpenBLAS"))
        .findFirst()
        .orElseThrow();
  }
}
