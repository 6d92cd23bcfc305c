// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Unpacks native files from jars into a folder named after their content.
 *
 * <p>JavaCPP's own cache tells files apart by name, size and time, which two builds with
 * reproducible times can share. Here another content is another folder, a file appears by an atomic
 * move, and one that is not what it should be is replaced; so any number of processes may start at
 * once, and none sees half a file.
 */
final class NativeCache {
  private NativeCache() {}

  /** The folder with {@code resources}, by file name, complete. */
  static Path unpack(Path cache, String platform, Map<String, URL> resources) throws IOException {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    MessageDigest digest = sha256();
    for (Map.Entry<String, URL> resource : resources.entrySet()) {
      byte[] content = read(resource.getValue());
      contents.put(resource.getKey(), content);
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, content.length));
      digest.update(content);
    }
    String hash = HexFormat.of().formatHex(digest.digest(), 0, 16);
    Path folder = Files.createDirectories(cache.resolve("generatrix-" + platform + "-" + hash));
    for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
      place(folder.resolve(entry.getKey()), entry.getValue());
    }
    return folder;
  }

  private static void place(Path file, byte[] content) throws IOException {
    if (Files.isRegularFile(file)
        && Files.size(file) == content.length
        && Arrays.equals(Files.readAllBytes(file), content)) {
      return;
    }
    Path temporary = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp");
    try {
      Files.write(temporary, content);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static byte[] read(URL url) throws IOException {
    try (InputStream in = url.openStream()) {
      return in.readAllBytes();
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
