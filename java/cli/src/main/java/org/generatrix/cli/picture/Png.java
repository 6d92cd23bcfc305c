// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/**
 * PNG encoding in memory, so that files can be written atomically and reports can inline the same
 * bytes.
 */
public final class Png {
  static {
    // ImageIO would otherwise spool every picture through a file in the temporary folder.
    ImageIO.setUseCache(false);
  }

  private Png() {}

  public static byte[] encode(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
    try {
      if (!ImageIO.write(image, "png", bytes)) {
        throw new IllegalStateException("This Java installation has no PNG writer.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a byte array cannot fail
    }
    return bytes.toByteArray();
  }
}
