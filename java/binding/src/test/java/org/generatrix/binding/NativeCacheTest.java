// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
  @TempDir private Path temporary;

  private URL resource(String name, byte[] content) throws IOException {
    Path file = Files.write(temporary.resolve(name), content);
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    return file.toUri().toURL();
  }

  @Test
  void otherContentIsAnotherFolderWhateverItsSizeAndTime() throws IOException {
    Path cache = temporary.resolve("cache");
    Path a = NativeCache.unpack(cache, "p", Map.of("lib.so", resource("first", new byte[] {1, 2})));
    Path b =
        NativeCache.unpack(cache, "p", Map.of("lib.so", resource("second", new byte[] {1, 3})));
    assertNotEquals(a, b);
    assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(a.resolve("lib.so")));
    assertArrayEquals(new byte[] {1, 3}, Files.readAllBytes(b.resolve("lib.so")));
  }

  @Test
  void keepsWhatIsRightAndReplacesWhatIsNot() throws IOException {
    Path cache = temporary.resolve("cache");
    Map<String, URL> resources = Map.of("lib.so", resource("lib", new byte[] {1, 2, 3}));
    Path file = NativeCache.unpack(cache, "p", resources).resolve("lib.so");
    Object before = Files.getAttribute(file, "unix:ino");
    NativeCache.unpack(cache, "p", resources);
    assertEquals(before, Files.getAttribute(file, "unix:ino"));
    Files.write(file, new byte[] {1, 2, 4});
    NativeCache.unpack(cache, "p", resources);
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(file));
  }

  @Test
  void manyAtOnceSeeWholeFiles() throws Exception {
    Path cache = temporary.resolve("cache");
    byte[] content = new byte[1 << 20];
    new Random(1).nextBytes(content);
    Map<String, URL> resources = Map.of("lib.so", resource("lib", content));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<byte[]> one =
          () -> Files.readAllBytes(NativeCache.unpack(cache, "p", resources).resolve("lib.so"));
      List<Future<byte[]>> all = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        all.add(threads.submit(one));
      }
      for (Future<byte[]> result : all) {
        assertArrayEquals(content, result.get());
      }
    } finally {
      threads.shutdownNow();
    }
    try (Stream<Path> files = Files.walk(cache).filter(Files::isRegularFile)) {
      assertEquals(1, files.count());
    }
  }
}
