// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.Test;

class CodeLinesTest {
  @Test
  void linesGoFromOneCodeToTheNext() {
    float[] codes = {0, 10, 4, 20, 1, 1, 3, 5};
    assertArrayEquals(
        new float[] {0, 10, 2, 15, 4, 20, 1, 1, 2, 3, 3, 5}, CodeLines.between(codes, 2, 3));
    assertArrayEquals(new float[] {7, 7}, CodeLines.between(new float[] {7}, 1, 2), "its own");
  }

  @Test
  void aLineIsARowOfPictures() throws IOException {
    try (Device device = Device.cpu(1);
        Tensor pictures = Tensor.of(device, new float[] {0, 1, 0.2f, 0.4f}, 4, 1)) {
      byte[] png = CodeLines.draw(pictures, 5, Tensor::copy, Tensor::copy, new TileShape(1, 1));
      var image = ImageIO.read(new ByteArrayInputStream(png));
      assertEquals(2 + 7 * (8 + 2) + 2 * 6, image.getWidth());
      assertEquals(2 + 2 * (8 + 2), image.getHeight());
      assertEquals(0, device.memory().live() - pictures.size() * Float.BYTES, 64);
    }
  }
}
