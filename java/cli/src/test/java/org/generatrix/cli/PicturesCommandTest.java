// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.generatrix.data.PictureSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesCommandTest {
  @TempDir Path folder;
  private Path from;
  private Path to;

  @BeforeEach
  void folders() throws IOException {
    from = Files.createDirectory(folder.resolve("from"));
    to = Files.createDirectory(folder.resolve("to"));
  }

  private void write(String name, int argb) throws IOException {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 16; i++) {
      image.setRGB(i % 4, i / 4, argb);
    }
    ImageIO.write(image, "png", from.resolve(name).toFile());
  }

  @Test
  void makesASetThatOurLoaderReads() throws IOException {
    for (int i = 0; i < 40; i++) {
      write("p" + i + "-light.png", 0xff000000 | i << 16 | 200);
      write("p" + i + "-dark.png", 0xff000000 | i << 16 | 100);
    }
    write("p7-same.png", 0xff000000 | 7 << 16 | 100);
    Files.writeString(from.resolve("notes.txt"), "no picture");
    Cli cli =
        Cli.run("pictures", from, "--to", to, "--size", 2, "--test-every", 4, "--variants", "-.*");
    assertEquals(0, cli.code(), cli::toString);
    PictureSet set = PictureSet.load(to);
    assertEquals(80, set.train().count() + set.test().count());
    assertTrue(cli.out().contains("of 2 x 2 in " + to + "; 1 left out as equal"), cli::toString);
    assertTrue(set.test().count() >= 6 && set.test().count() <= 34, cli::toString);
    // Variants follow each other: a set of one of them alone would be odd.
    for (int i = 0; i < set.test().count(); i += 2) {
      int at = 12 * i;
      assertEquals(set.test().pixels()[at], set.test().pixels()[at + 12], "red of two variants");
    }
    Path again = Files.createDirectory(folder.resolve("again"));
    Cli.run("pictures", from, "--to", again, "--size", 2, "--test-every", 4, "--variants", "-.*");
    assertEquals(set, PictureSet.load(again));
  }

  @Test
  void groundIsBehind() throws IOException {
    write("clear.png", 0x00ff00ff);
    assertEquals(
        0, Cli.run("pictures", from, "--to", to, "--size", 1, "--ground", "102030").code());
    PictureSet set = PictureSet.load(to);
    byte[] one = set.train().count() == 1 ? set.train().pixels() : set.test().pixels();
    assertArrayEquals(new byte[] {0x10, 0x20, 0x30}, one);
  }

  @Test
  void refusesWhatItCannotUse() throws IOException {
    Cli none = Cli.run("pictures", from, "--to", to);
    assertEquals(1, none.code());
    assertTrue(none.error().contains("found none"), none::toString);
    Files.writeString(from.resolve("broken.png"), "no picture");
    Cli broken = Cli.run("pictures", from, "--to", to);
    assertTrue(broken.error().contains("broken.png: expected a picture"), broken::toString);
    write("cut.png", 1);
    Files.delete(from.resolve("broken.png"));
    byte[] bytes = Files.readAllBytes(from.resolve("cut.png"));
    Files.write(from.resolve("cut.png"), Arrays.copyOf(bytes, 45));
    Cli cut = Cli.run("pictures", from, "--to", to);
    assertEquals(1, cut.code(), cut::toString);
    assertTrue(cut.error().contains("cut.png"), cut::toString);
    assertEquals(
        "error: There is no folder " + folder.resolve("none") + ".",
        Cli.run("pictures", folder.resolve("none"), "--to", to).error());
    assertTrue(Cli.run("pictures", from, "--to", folder.resolve("none")).code() == 1);
  }
}
