// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.generatrix.binding.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConversionTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  @Test
  void floatsToBitsAndBack() {
    float[] values = {0.2f, 0.5f, 0.7f, 1, 0, Float.NaN};
    try (Tensor floats = Tensor.of(device, values, 2, 3);
        Tensor bits = floats.toBits(0.5f);
        Tensor back = bits.toFloats();
        Tensor copy = bits.toBits(0.9f);
        Tensor floatCopy = floats.toFloats()) {
      float[] expected = {0, 1, 1, 1, 0, 0};
      assertEquals(DType.BITS, bits.dtype());
      assertArrayEquals(expected, bits.toArray());
      assertArrayEquals(expected, back.toArray());
      assertArrayEquals(new long[] {2, 3}, back.shape());
      assertArrayEquals(expected, copy.toArray());
      assertArrayEquals(values, floatCopy.toArray());
    }
  }

  @Test
  void rowsAreTakenInAnyOrder() {
    try (Tensor floats = Tensor.of(device, new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor taken = floats.rowsAt(new long[] {2, 0, 2, 1});
        Tensor bits = floats.toBits(4);
        Tensor takenBits = bits.rowsAt(new long[] {2, 1})) {
      assertArrayEquals(new float[] {5, 6, 1, 2, 5, 6, 3, 4}, taken.toArray());
      assertArrayEquals(new long[] {4, 2}, taken.shape());
      assertArrayEquals(new float[] {1, 1, 0, 1}, takenBits.toArray());
      assertThrows(IllegalArgumentException.class, () -> floats.rowsAt(new long[] {3}));
      assertThrows(IllegalArgumentException.class, () -> floats.rowsAt(new long[] {-1}));
    }
  }

  @Test
  void imagesKeepTheirShape() {
    try (Tensor images = Tensor.of(device, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 1, 2, 2);
        Tensor one = images.rowsAt(new long[] {1})) {
      assertArrayEquals(new long[] {1, 1, 2, 2}, one.shape());
      assertArrayEquals(new float[] {5, 6, 7, 8}, one.toArray());
    }
  }
}
