// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_cuda_info;

/**
 * The CUDA backend: a native library that travels in an artifact of its own,
 * org.generatrix:generatrix-cuda with the platform as classifier, and is loaded when a GPU is first
 * asked for. It needs an NVIDIA driver and nothing else.
 */
public final class Cuda {
  /** System property: the backend's library, used as it is. */
  public static final String LIBRARY_PROPERTY = "generatrix.cuda.library";

  private static final String FILE = "libgeneratrix_cuda.so";

  private static volatile boolean loaded;

  /**
   * What a GPU is.
   *
   * @param ordinal for {@link Device#cuda}
   * @param computeCapability 10 major + minor: 90 for Hopper
   * @param memory bytes
   * @param l2Cache bytes
   * @param driver the CUDA version that the driver knows, 1000 major + 10 minor
   * @param emulated no GPU but the test suite's stand-in for one
   */
  public record Gpu(
      int ordinal,
      String name,
      int computeCapability,
      int multiprocessors,
      long memory,
      long l2Cache,
      int driver,
      boolean emulated) {}

  private Cuda() {}

  /**
   * The GPUs that can be used, at least one.
   *
   * @throws UnsupportedOperationException that says why if there are none
   */
  public static List<Gpu> gpus() {
    load();
    int[] count = new int[1];
    Status.check(Abi.gx_cuda_device_count(count), null, 0);
    List<Gpu> gpus = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      gpus.add(gpu(i));
    }
    return gpus;
  }

  private static Gpu gpu(int ordinal) {
    try (gx_cuda_info info = new gx_cuda_info()) {
      Status.check(Abi.gx_cuda_get_info(ordinal, info), null, 0);
      return new Gpu(
          ordinal,
          info.name().getString(),
          info.compute_capability(),
          info.multiprocessors(),
          info.memory(),
          info.l2_cache(),
          info.driver(),
          info.emulated() != 0);
    }
  }

  /** Why there is no GPU to compute on, in one sentence, or null if there is one. */
  public static String unavailable() {
    try {
      gpus();
      return null;
    } catch (UnsupportedOperationException e) {
      return e.getMessage();
    }
  }

  /** Does nothing once loaded. */
  static void load() {
    if (!loaded) {
      loadOnce();
    }
  }

  private static synchronized void loadOnce() {
    if (loaded) {
      return;
    }
    NativeLibrary.load();
    Path found = find();
    Status.check(
        found == null ? Abi.gx_cuda_load((String) null) : Abi.gx_cuda_load(found.toString()),
        null,
        0);
    loaded = true;
  }

  /** The library's file; null to leave it to the environment variable. */
  private static Path find() {
    String chosen = System.getProperty(LIBRARY_PROPERTY);
    if (chosen != null) {
      if (!Files.isRegularFile(Path.of(chosen))) {
        throw new UnsupportedOperationException(
            "-D" + LIBRARY_PROPERTY + " must be the CUDA backend's library, got " + chosen);
      }
      return Path.of(chosen).toAbsolutePath();
    }
    if (System.getenv("GENERATRIX_CUDA_LIBRARY") != null) {
      return null;
    }
    String platform = Loader.getPlatform();
    URL resource =
        Cuda.class.getClassLoader().getResource("org/generatrix/cuda/" + platform + "/" + FILE);
    if (resource == null) {
      throw new UnsupportedOperationException(
          "there is no CUDA backend on the class path: add org.generatrix:generatrix-cuda with the classifier "
              + platform);
    }
    try {
      if (resource.getProtocol().equals("file")) {
        return Path.of(resource.toURI());
      }
      return NativeCache.unpack(Loader.getCacheDir().toPath(), platform, Map.of(FILE, resource))
          .resolve(FILE);
    } catch (IOException | URISyntaxException e) {
      throw new UnsupportedOperationException("the CUDA backend cannot be unpacked: " + e, e);
    }
  }
}
