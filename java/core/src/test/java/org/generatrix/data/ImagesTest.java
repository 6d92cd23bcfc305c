// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImagesTest {
  private static final Images THREE =
      new Images(3, 1, 2, new byte[] {0, 51, (byte) 255, 102, 0, 0});

  @Test
  void intensitiesAreSharesOf255() {
    assertArrayEquals(new float[] {0, 51 / 255f, 1, 102 / 255f, 0, 0}, THREE.intensities());
    float[] into = {9, 9, 9};
    THREE.intensities(1, 2, into);
    assertArrayEquals(new float[] {1, 102 / 255f, 9}, into);
  }

  @Test
  void meanIsPerPixel() {
    assertArrayEquals(new float[] {(float) (1 / 3.0), (float) (0.6 / 3)}, THREE.mean());
    assertArrayEquals(new float[4], new Images(0, 2, 2, new byte[0]).mean());
  }

  @Test
  void slicesAreCopies() {
    Images slice = THREE.slice(1, 3);
    assertEquals(new Images(2, 1, 2, new byte[] {(byte) 255, 102, 0, 0}), slice);
    slice.pixels()[0] = 1;
    assertEquals((byte) 255, THREE.pixels()[2]);
    assertEquals(0, THREE.slice(3, 3).count());
    assertThrows(IndexOutOfBoundsException.class, () -> THREE.slice(2, 4));
    assertThrows(IndexOutOfBoundsException.class, () -> THREE.slice(-1, 1));
  }

  @Test
  void equalsByContent() {
    Images same = THREE.slice(0, 3);
    assertEquals(THREE, same);
    assertEquals(THREE.hashCode(), same.hashCode());
    assertNotEquals(THREE, new Images(3, 2, 1, THREE.pixels()));
    same.pixels()[0] = 1;
    assertNotEquals(THREE, same);
    assertEquals("Images[3 of 1 x 2]", THREE.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 1, 1, 0",
    "1, 0, 1, 0",
    "1, 1, 0, 0",
    "1, 2, 2, 3",
    "1, 2, 2, 5",
    "0, 2, 2, 1",
    "2147483647, 2147483647, 2147483647, 1",
    "65536, 65536, 1, 0",
    "2, 65536, 65536, 0"
  })
  void refusesSizesThatDoNotFit(int count, int height, int width, int pixels) {
    assertThrows(
        IllegalArgumentException.class, () -> new Images(count, height, width, new byte[pixels]));
  }

  @Test
  void refusesTooLittleRoom() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> THREE.intensities(0, 3, new float[5]));
    assertEquals("expected room for 6 intensities, got 5", e.getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> THREE.intensities(2, 1, new float[9]));
    assertThrows(NullPointerException.class, () -> new Images(0, 1, 1, null));
  }

  @Test
  void colourImagesHaveThreePlanes() {
    byte[] pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    Images two = new Images(2, 3, 1, 2, pixels);
    assertEquals(6, two.size());
    assertEquals("Images[2 of 3 x 1 x 2]", two.toString());
    assertEquals(new Images(1, 3, 1, 2, new byte[] {7, 8, 9, 10, 11, 12}), two.slice(1, 2));
    assertNotEquals(two, new Images(6, 1, 1, 2, pixels));
    assertEquals(6, two.mean().length);
    assertEquals(7 / 255f, two.intensities()[6]);
    assertEquals(new Images(1, 1, 1, 2, new byte[2]), new Images(1, 1, 2, new byte[2]));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new Images(1, 3, 1, 2, new byte[5]));
    assertEquals(
        "expected count x channels x height x width pixels, got 5 for 1 x 3 x 1 x 2",
        e.getMessage());
    for (int channels : new int[] {0, 2, 4, -1}) {
      assertThrows(
          IllegalArgumentException.class, () -> new Images(0, channels, 1, 1, new byte[0]));
    }
    int most = Integer.MAX_VALUE;
    assertThrows(IllegalArgumentException.class, () -> new Images(most, 3, most, 1, new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> new Images(0, 3, most, 1, new byte[0]));
  }

  @Test
  void intensitiesBecomeTheNearestBytes() {
    float[] values = {-1, 0, 0.5f, 1, 2, Float.NaN};
    assertEquals(
        new Images(2, 3, 1, 1, new byte[] {0, 0, (byte) 128, (byte) 255, (byte) 255, 0}),
        Images.of(2, 3, 1, 1, values));
  }

  @Test
  void spreadTakesFromTheWholeSet() {
    Images five = new Images(5, 1, 1, new byte[] {0, 1, 2, 3, 4});
    assertArrayEquals(new byte[] {0, 4}, five.spread(2).pixels());
    assertEquals(five, five.spread(9));
    assertEquals(0, five.spread(0).count());
  }

  @Test
  void spreadSeesAllOfAPeriod() {
    byte[] pixels = new byte[600];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 10);
    }
    int[] kinds = new int[10];
    for (byte pixel : new Images(600, 1, 1, 1, pixels).spread(60).pixels()) {
      kinds[pixel]++;
    }
    for (int kind : kinds) {
      assertTrue(kind >= 4 && kind <= 8, Arrays.toString(kinds));
    }
  }
}
