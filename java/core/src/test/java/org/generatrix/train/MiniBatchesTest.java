// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.binding.Format;
import org.generatrix.binding.Rng;
import org.generatrix.binding.StateOps;
import org.generatrix.binding.States;
import org.generatrix.data.Binarisation;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Batches: every row once an epoch, in an order that the seed and the epoch alone decide. */
class MiniBatchesTest {
  private static final Device DEVICE = Device.cpu(1);
  private static final int ROWS = 10;

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  // Row r holds r / 10 in each of 3 units, so that rows can be told apart.
  private static Tensor numbered() {
    float[] rows = new float[ROWS * 3];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = (k / 3) / 10f;
    }
    return Tensor.of(DEVICE, rows, ROWS, 3);
  }

  private static float[] read(States states) {
    if (states.format() == Format.FLOAT32) {
      float[] rows = new float[(int) (states.rows() * states.units())];
      states.data().read(0, rows, 0, rows.length);
      return rows;
    }
    try (Tensor floats = Tensor.zeros(DEVICE, states.rows(), states.units())) {
      StateOps.convert(DEVICE, states, 0, floats.states());
      return floats.toArray();
    }
  }

  private static float[] epoch(MiniBatches batches) {
    float[] order = new float[ROWS];
    int row = 0;
    for (long b = 0; b < batches.batches(); b++) {
      float[] rows = read(batches.next(new Rng(1, b)));
      for (int k = 0; k < rows.length; k += 3) {
        assertEquals(rows[k], rows[k + 2]);
        order[row++] = rows[k];
      }
    }
    assertEquals(ROWS, row);
    return order;
  }

  @Test
  void eachEpochHoldsEveryRowOnceInANewOrder() {
    try (Tensor data = numbered();
        MiniBatches batches = new MiniBatches(data, 4, Binarisation.INTENSITIES, 5)) {
      assertEquals(3, batches.batches());
      assertEquals(4, batches.batchSize());
      float[] first = epoch(batches);
      assertEquals(1, batches.epoch());
      assertEquals(0, batches.batch());
      float[] second = epoch(batches);
      assertFalse(Arrays.equals(first, second));
      batches.seek(0, 0);
      assertArrayEquals(first, epoch(batches));
      Arrays.sort(first);
      Arrays.sort(second);
      assertArrayEquals(first, second);
      assertArrayEquals(first, new float[] {0, .1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f});
    }
  }

  @Test
  void seekingGoesToTheSameBatch() {
    try (Tensor data = numbered();
        MiniBatches batches = new MiniBatches(data, 4, Binarisation.INTENSITIES, 5)) {
      epoch(batches);
      batches.next(new Rng(1, 0));
      float[] second = read(batches.next(new Rng(1, 0)));
      assertEquals(2, batches.batch());
      batches.seek(1, 1);
      assertArrayEquals(second, read(batches.next(new Rng(1, 0))));
      for (long[] bad : new long[][] {{-1, 0}, {0, -1}, {0, 3}}) {
        assertThrows(IllegalArgumentException.class, () -> batches.seek((int) bad[0], bad[1]));
      }
    }
  }

  @Test
  void thresholdCutsAtOneHalf() {
    try (Tensor data = numbered();
        MiniBatches batches = new MiniBatches(data, 4, Binarisation.THRESHOLD, 5)) {
      assertEquals(Format.BITS, batches.next(new Rng(1, 0)).format());
      batches.seek(0, 0);
      float[] order = epoch(batches);
      float sum = 0;
      for (float value : order) {
        sum += value;
      }
      assertEquals(5, sum); // .5 to .9
    }
  }

  @Test
  void resamplingDrawsAnewWithTheIntensityAsProbability() {
    float[] rows = new float[1000 * 3];
    for (int k = 0; k < rows.length; k++) {
      rows[k] = k % 3 / 2f; // 0, 1/2, 1
    }
    try (Tensor data = Tensor.of(DEVICE, rows, 1000, 3);
        MiniBatches batches = new MiniBatches(data, 1000, Binarisation.RESAMPLED, 5)) {
      float[] first = read(batches.next(new Rng(1, 0)));
      float[] second = read(batches.next(new Rng(1, 1)));
      assertFalse(Arrays.equals(first, second));
      double half = 0;
      for (int k = 0; k < first.length; k += 3) {
        assertEquals(0, first[k]);
        half += first[k + 1];
        assertEquals(1, first[k + 2]);
      }
      assertEquals(500, half, 4.5 * Math.sqrt(250)); // z = 4.5
    }
  }

  @Test
  void aBatchLargerThanTheDataIsTheData() {
    try (Tensor data = numbered();
        MiniBatches batches = new MiniBatches(data, 64, Binarisation.INTENSITIES, 5)) {
      assertEquals(1, batches.batches());
      assertEquals(ROWS, batches.next(new Rng(1, 0)).rows());
      assertEquals(1, batches.epoch());
    }
  }

  @Test
  void fingerprintsTellDataApart() {
    try (Tensor data = numbered();
        Tensor other = numbered()) {
      float[] changed = other.toArray();
      changed[7] += 0.01f;
      String first = fingerprint(data);
      assertEquals(first, fingerprint(other));
      assertTrue(first.startsWith("10x3:"), first);
      other.copyFrom(changed);
      assertNotEquals(first, fingerprint(other));
    }
  }

  private static String fingerprint(Tensor data) {
    try (MiniBatches batches = new MiniBatches(data, 4, Binarisation.INTENSITIES, 5)) {
      return batches.fingerprint();
    }
  }

  @Test
  void argumentsAreCheckedAndNothingIsLeft() {
    try (Tensor data = numbered();
        Tensor flat = Tensor.zeros(DEVICE, 3);
        Tensor none = Tensor.zeros(DEVICE, 0, 3)) {
      long live = DEVICE.memory().live();
      Binarisation how = Binarisation.RESAMPLED;
      assertThrows(IllegalArgumentException.class, () -> new MiniBatches(data, 0, how, 5));
      assertThrows(IllegalArgumentException.class, () -> new MiniBatches(flat, 4, how, 5));
      assertThrows(IllegalArgumentException.class, () -> new MiniBatches(none, 4, how, 5));
      assertThrows(NullPointerException.class, () -> new MiniBatches((Tensor) null, 4, how, 5));
      assertThrows(NullPointerException.class, () -> new MiniBatches(data, 4, null, 5));
      new MiniBatches(data, 4, how, 5).close();
      assertEquals(live, DEVICE.memory().live());
    }
  }

  /** Targets and labels travel with their rows; x keeps its shape, as floats, whatever it was. */
  @Test
  void whatStandsBesideARowComesWithIt() {
    float[] images = new float[ROWS * 4];
    float[] targets = new float[ROWS * 2];
    long[] labels = new long[ROWS];
    for (int r = 0; r < ROWS; r++) {
      Arrays.fill(images, 4 * r, 4 * r + 4, r % 2);
      targets[2 * r] = r;
      targets[2 * r + 1] = -r;
      labels[r] = r;
    }
    try (Tensor x = Tensor.of(DEVICE, images, ROWS, 1, 2, 2);
        Tensor t = Tensor.of(DEVICE, targets, ROWS, 2)) {
      for (Binarisation how : Binarisation.values()) {
        Examples examples = Examples.of(x).with(t).labelled(labels);
        try (MiniBatches batches = new MiniBatches(examples, 4, how, 5)) {
          boolean[] seen = new boolean[ROWS];
          for (int b = 0; b < 3; b++) {
            Examples batch = batches.nextBatch(new Rng(1, b));
            assertEquals(b == 2 ? 2 : 4, batch.rows());
            assertArrayEquals(new long[] {batch.rows(), 1, 2, 2}, batch.x().shape());
            assertArrayEquals(new long[] {batch.rows(), 2}, batch.target().shape());
            float[] pixels = batch.x().toArray();
            float[] beside = batch.target().toArray();
            for (int r = 0; r < batch.rows(); r++) {
              int row = (int) batch.labels()[r];
              assertFalse(seen[row]);
              seen[row] = true;
              assertEquals(row % 2, pixels[4 * r + 3], how.name());
              assertEquals(row, beside[2 * r]);
              assertEquals(-row, beside[2 * r + 1]);
            }
          }
          assertEquals(1, batches.epoch());
        }
      }
      try (MiniBatches alone = new MiniBatches(x, 4, Binarisation.INTENSITIES, 5);
          MiniBatches aimed =
              new MiniBatches(Examples.of(x).with(t), 4, Binarisation.INTENSITIES, 5);
          MiniBatches named =
              new MiniBatches(Examples.of(x).labelled(labels), 4, Binarisation.INTENSITIES, 5)) {
        assertNotEquals(alone.fingerprint(), aimed.fingerprint());
        assertNotEquals(alone.fingerprint(), named.fingerprint());
      }
      assertThrows(IllegalStateException.class, () -> Examples.of(x).target());
      assertThrows(
          IllegalArgumentException.class, () -> Examples.of(x).labelled(new long[ROWS - 1]));
      try (Tensor few = Tensor.zeros(DEVICE, ROWS - 1, 2);
          Tensor flat = Tensor.zeros(DEVICE, ROWS);
          Tensor bits = Tensor.bits(DEVICE, ROWS, 2);
          Tensor wide = Tensor.of(DEVICE, new double[2 * ROWS], ROWS, 2)) {
        for (Tensor bad : new Tensor[] {few, flat, bits, wide}) {
          assertThrows(IllegalArgumentException.class, () -> Examples.of(x).with(bad));
        }
        assertThrows(IllegalArgumentException.class, () -> Examples.of(wide));
      }
    }
  }
}
