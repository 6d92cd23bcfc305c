// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.generatrix.data.Images;
import org.generatrix.data.PictureSet;
import org.generatrix.io.MalformedFileException;

/**
 * The pictures of a folder as a data set. Whether a picture is one to learn from or to measure on
 * depends on its file's name alone: on the SHA-256 of it, without its ending and without what
 * {@code variants} finds in it. So variants of one picture are on one side, a picture stays where
 * it is when others are added, and every machine divides alike.
 *
 * @param side of the pictures made
 * @param ground colour 0xRRGGBB behind and beside them
 * @param testEvery one name in so many is a test picture's
 * @param variants what makes files of one picture differ in their names, or null
 */
public record PictureFolder(int side, int ground, int testEvery, Pattern variants) {
  private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".gif", ".bmp");

  static {
    ImageIO.setUseCache(false); // as in Png
  }

  /** What was made, and how many pictures were left out as they were equal to others. */
  public record Result(PictureSet set, int repeated) {}

  /**
   * Reads all pictures of a folder, in the order of their names; of equal ones the first.
   *
   * @throws IOException when there are none, or one cannot be read
   */
  public Result read(Path folder) throws IOException {
    List<byte[]> train = new ArrayList<>();
    List<byte[]> test = new ArrayList<>();
    Set<ByteBuffer> known = new HashSet<>();
    int repeated = 0;
    for (Path file : files(folder)) {
      byte[] planes = planes(file);
      if (known.add(ByteBuffer.wrap(planes))) {
        (isTest(file.getFileName().toString()) ? test : train).add(planes);
      } else {
        repeated++;
      }
    }
    return new Result(new PictureSet(images(train), images(test)), repeated);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> files =
          entries
              .filter(
                  file -> {
                    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
                    return ENDINGS.stream().anyMatch(name::endsWith);
                  })
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new IOException(
            "expected files that end in %s in %s, found none"
                .formatted(String.join(", ", ENDINGS), folder));
      }
      return files;
    }
  }

  private byte[] planes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      BufferedImage image = ImageIO.read(in);
      if (image == null) {
        throw new MalformedFileException(file, "expected a picture, got something else");
      }
      return Shrunk.planes(image, side, ground);
    } catch (MalformedFileException e) {
      throw e;
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // ImageIO's words, which do not name the file
      throw new MalformedFileException(file, "the picture cannot be read: " + e.getMessage());
    }
  }

  boolean isTest(String name) {
    String stem = name.substring(0, name.lastIndexOf('.'));
    String shared = variants == null ? stem : variants.matcher(stem).replaceAll("");
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(shared.getBytes(StandardCharsets.UTF_8));
      return Integer.remainderUnsigned(ByteBuffer.wrap(digest).getInt(), testEvery) == 0;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }

  private Images images(List<byte[]> all) {
    byte[] pixels = new byte[Math.multiplyExact(all.size(), 3 * side * side)];
    for (int i = 0; i < all.size(); i++) {
      System.arraycopy(all.get(i), 0, pixels, i * 3 * side * side, 3 * side * side);
    }
    return new Images(all.size(), 3, side, side, pixels);
  }
}
