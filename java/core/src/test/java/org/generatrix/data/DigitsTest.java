// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DigitsTest {
  @Test
  void sizesAndClasses() {
    Mnist.Split digits = Digits.split();
    assertEquals("Images[5000 of 28 x 28]", digits.train().toString());
    assertEquals("Images[1000 of 28 x 28]", digits.test().toString());
    int[] train = new int[10];
    int[] test = new int[10];
    for (byte label : digits.trainLabels()) {
      train[label]++;
    }
    for (byte label : digits.testLabels()) {
      test[label]++;
    }
    int[] expected = new int[10];
    Arrays.fill(expected, 500);
    assertArrayEquals(expected, train);
    Arrays.fill(expected, 100);
    assertArrayEquals(expected, test);
  }

  /** The pixels themselves, not their compression, which may differ between machines. */
  @Test
  void thePixelsAreThoseOfMnist() throws Exception {
    assertEquals(
        "9822dc776b14b6aa59062f1d14ea03b58590a3c5678234742b69053e6f85a609",
        sha256(Digits.train().pixels()));
    assertEquals(
        "5bc6f1f21129e43616a9224c5c7736f18a854a5015f2e2af327db37ee71e9731",
        sha256(Digits.test().pixels()));
  }

  /** One nearest neighbour must tell most test digits: images and labels belong together. */
  @Test
  void labelsBelongToTheImages() {
    Images train = Digits.train();
    Images test = Digits.test().slice(0, 200);
    byte[] trainLabels = Digits.trainLabels();
    byte[] testLabels = Digits.testLabels();
    int right = 0;
    for (int i = 0; i < test.count(); i++) {
      right += trainLabels[nearest(train, test, i)] == testLabels[i] ? 1 : 0;
    }
    assertTrue(right > 170, right + " of 200 right, expected about 95 %");
  }

  @Test
  void originAndLicenceAreThere() {
    assertNotNull(Digits.class.getResource("digits/README.txt"));
  }

  @Test
  void isTheCutOfTheFullSet() throws IOException {
    Path full = Path.of(System.getProperty("generatrix.test.mnist", "../../data/mnist"));
    assumeTrue(Files.isDirectory(full), "no full set at " + full + ": run gx data mnist");
    Mnist.Split cut = DigitsCut.cut(Mnist.load(full));
    assertEquals(cut.train(), Digits.train());
    assertEquals(cut.test(), Digits.test());
    assertArrayEquals(cut.trainLabels(), Digits.trainLabels());
    assertArrayEquals(cut.testLabels(), Digits.testLabels());
  }

  private static int nearest(Images among, Images of, int index) {
    int best = 0;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < among.count(); i++) {
      long distance = 0;
      for (int p = 0; p < of.size(); p++) {
        long d =
            (among.pixels()[i * of.size() + p] & 0xff)
                - (of.pixels()[index * of.size() + p] & 0xff);
        distance += d * d;
      }
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return best;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
