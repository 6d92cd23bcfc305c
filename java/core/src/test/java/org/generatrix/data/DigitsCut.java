// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Cuts the bundled sample out of the full MNIST set. Run as a program with the folder of the full
 * set ({@code gx data mnist}) and the folder to write; DigitsTest checks that the resources are
 * what this makes.
 */
final class DigitsCut {
  static final int CLASSES = 10;
  static final int TRAIN_PER_CLASS = 500;
  static final int TEST_PER_CLASS = 100;

  private DigitsCut() {}

  static Mnist.Split cut(Mnist.Split full) {
    int[] train = select(full.trainLabels(), TRAIN_PER_CLASS);
    int[] test = select(full.testLabels(), TEST_PER_CLASS);
    return new Mnist.Split(
        images(full.train(), train),
        labels(full.trainLabels(), train),
        images(full.test(), test),
        labels(full.testLabels(), test));
  }

  /**
   * Of each class, every (its number / perClass)th, in the order of the file: the halves of the
   * test set differ in writers.
   */
  private static int[] select(byte[] labels, int perClass) {
    boolean[] selected = new boolean[labels.length];
    for (int digit = 0; digit < CLASSES; digit++) {
      int[] members = positions(labels, digit);
      for (int k = 0; k < perClass; k++) {
        selected[members[k * members.length / perClass]] = true;
      }
    }
    int[] out = new int[CLASSES * perClass];
    int n = 0;
    for (int i = 0; i < labels.length; i++) {
      if (selected[i]) {
        out[n++] = i;
      }
    }
    return out;
  }

  private static int[] positions(byte[] labels, int digit) {
    int[] out = new int[labels.length];
    int n = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == digit) {
        out[n++] = i;
      }
    }
    return Arrays.copyOf(out, n);
  }

  private static Images images(Images from, int[] index) {
    byte[] pixels = new byte[index.length * from.size()];
    for (int i = 0; i < index.length; i++) {
      System.arraycopy(from.pixels(), index[i] * from.size(), pixels, i * from.size(), from.size());
    }
    return new Images(index.length, from.height(), from.width(), pixels);
  }

  private static byte[] labels(byte[] from, int[] index) {
    byte[] labels = new byte[index.length];
    for (int i = 0; i < index.length; i++) {
      labels[i] = from[index[i]];
    }
    return labels;
  }

  public static void main(String[] args) throws IOException {
    Path out = Files.createDirectories(Path.of(args[1]));
    Mnist.Split sample = cut(Mnist.load(Path.of(args[0])));
    Idx.writeImages(out.resolve("train-images-idx3-ubyte.gz"), sample.train());
    Idx.writeLabels(out.resolve("train-labels-idx1-ubyte.gz"), sample.trainLabels());
    Idx.writeImages(out.resolve("t10k-images-idx3-ubyte.gz"), sample.test());
    Idx.writeLabels(out.resolve("t10k-labels-idx1-ubyte.gz"), sample.testLabels());
  }
}
