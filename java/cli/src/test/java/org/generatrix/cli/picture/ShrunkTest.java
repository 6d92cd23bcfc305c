// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ShrunkTest {
  private static final int WHITE = 0xffffff;

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static BufferedImage argb(int width, int... pixels) {
    BufferedImage image =
        new BufferedImage(width, pixels.length / width, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, width, pixels.length / width, pixels, 0, width);
    return image;
  }

  @Test
  void averagesOverTheGround() {
    // (0 + 10 + 20 + 31) / 4 = 15.25; half transparent 128 / 255 of 100 on white, with white.
    BufferedImage image = argb(2, 0xff000064, 0xff0a0064, 0xff140064, 0xff1f0064);
    assertArrayEquals(bytes(15, 0, 100), Shrunk.planes(image, 1, WHITE));
    BufferedImage half = argb(1, 0x80640000);
    // (128 * 100 + 127 * 255) / 255 = 177.2; (127 * 255) / 255 = 127
    assertArrayEquals(bytes(177, 127, 127), Shrunk.planes(half, 1, WHITE));
    assertArrayEquals(bytes(50, 0, 0), Shrunk.planes(half, 1, 0));
  }

  /** Three pixels to two: the middle one counts half in either. */
  @Test
  void sharesPixelsThatLieAcross() {
    int[] row = {0xff000000, 0xff5a0000, 0xffff0000};
    BufferedImage image =
        argb(3, row[0], row[1], row[2], row[0], row[1], row[2], row[0], row[1], row[2]);
    assertArrayEquals(
        bytes(30, 200, 30, 200, 0, 0, 0, 0, 0, 0, 0, 0), Shrunk.planes(image, 2, WHITE));
    // And to more: each pixel where it lies.
    byte[] six = Shrunk.planes(image, 6, WHITE);
    assertArrayEquals(bytes(0, 0, 90, 90, 255, 255), Arrays.copyOf(six, 6));
  }

  @Test
  void standsInTheMiddleOfASquare() {
    BufferedImage wide = argb(3, 0xff000000, 0xff000000, 0xff000000);
    byte[] planes = Shrunk.planes(wide, 3, WHITE);
    assertArrayEquals(bytes(255, 255, 255, 0, 0, 0, 255, 255, 255), Arrays.copyOf(planes, 9));
  }

  /** What PNG files hold comes through unchanged, whatever kind of file it is. */
  @Test
  void keepsTheNumbersOfEveryKindOfPng() throws IOException {
    Random random = new Random(4);
    BufferedImage grey = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage rgb = new BufferedImage(4, 4, BufferedImage.TYPE_3BYTE_BGR);
    byte[] shades = bytes(5, 77, 200, 255);
    IndexColorModel palette = new IndexColorModel(2, 4, shades, shades, bytes(0, 1, 2, 3));
    BufferedImage indexed = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_INDEXED, palette);
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY),
            true,
            false,
            Transparency.TRANSLUCENT,
            DataBuffer.TYPE_BYTE);
    WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 4, 4, 2, null);
    BufferedImage greyAlpha = new BufferedImage(model, raster, false, null);
    BufferedImage deep = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
    int[] value = new int[16];
    for (int i = 0; i < 16; i++) {
      value[i] = random.nextInt(256);
      grey.getRaster().setSample(i % 4, i / 4, 0, value[i]);
      deep.getRaster().setSample(i % 4, i / 4, 0, 257 * value[i]);
      raster.setSample(i % 4, i / 4, 0, value[i]);
      raster.setSample(i % 4, i / 4, 1, 255);
      for (int c = 0; c < 3; c++) {
        rgb.getRaster().setSample(i % 4, i / 4, c, c == 1 ? value[i] : 9);
      }
      indexed.getRaster().setSample(i % 4, i / 4, 0, i % 4);
    }
    for (int i = 0; i < 16; i++) {
      assertEquals(value[i], stored(grey)[i] & 0xff);
      assertEquals(value[i], stored(greyAlpha)[i] & 0xff);
      assertEquals(value[i], stored(deep)[i] & 0xff);
      assertEquals(9, stored(rgb)[i]);
      assertEquals(value[i], stored(rgb)[16 + i] & 0xff);
      assertEquals(shades[i % 4], stored(indexed)[i]);
      assertEquals(i % 4, stored(indexed)[32 + i]);
    }
  }

  private static byte[] stored(BufferedImage image) throws IOException {
    return Shrunk.planes(ImageIO.read(new ByteArrayInputStream(Png.encode(image))), 4, WHITE);
  }
}
