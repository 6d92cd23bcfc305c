// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.generatrix.binding.Device;
import org.generatrix.binding.OutOfDeviceMemoryException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  @Test
  void shapesAreRowsOfUnits() {
    try (Tensor matrix = Tensor.zeros(device, 3, 4);
        Tensor vector = Tensor.zeros(device, 5);
        Tensor images = Tensor.zeros(device, 2, 1, 3, 3);
        Tensor bits = Tensor.bits(device, 3, 33)) {
      assertEquals(12, matrix.size());
      assertEquals(3, matrix.rows());
      assertEquals(4, matrix.units());
      assertEquals(1, vector.rows());
      assertEquals(5, vector.units());
      assertEquals(2, images.rows());
      assertEquals(9, images.units());
      assertEquals(99, bits.size());
      assertEquals(3 * 2 * 4, bits.buffer().bytes());
      assertEquals(DType.BITS, bits.dtype());
      assertArrayEquals(new long[] {2, 1, 3, 3}, images.shape());
      images.shape()[0] = 9;
      assertEquals(2, images.shape()[0]);
      assertEquals("Tensor[BITS [3, 33], cpu]", bits.toString());
      assertEquals(4 * (12 + 5 + 18) + 24, device.memory().live());
    }
  }

  @Test
  void floatsRoundTrip() {
    float[] values = {1, -2, Float.NaN, Float.MIN_VALUE, Float.POSITIVE_INFINITY, -0f};
    try (Tensor tensor = Tensor.of(device, values, 2, 3);
        Tensor copy = tensor.copy();
        Tensor other = Tensor.zeros(device, 2, 3)) {
      assertArrayEquals(values, tensor.toArray());
      tensor.copyFrom(new float[6]);
      assertArrayEquals(values, copy.toArray());
      other.copyFrom(copy);
      assertArrayEquals(values, other.toArray());
      other.copyFrom(other);
      assertArrayEquals(values, other.toArray());
    }
  }

  @Test
  void bitsRoundTripAndKeepTheirPaddingZero() {
    for (int units : new int[] {1, 31, 32, 33, 64, 65}) {
      float[] values = new float[3 * units];
      for (int i = 0; i < values.length; i++) {
        values[i] = i % 3 == 0 || i % 7 == 1 ? 1 : 0;
      }
      try (Tensor bits = Tensor.bits(device, 3, units)) {
        float[] ones = new float[3 * units];
        java.util.Arrays.fill(ones, 1);
        bits.copyFrom(ones);
        int words = (units + 31) / 32;
        int[] raw = new int[3 * words];
        bits.buffer().read(0, raw, 0, raw.length);
        int last = units % 32 == 0 ? -1 : (1 << units % 32) - 1;
        for (int r = 0; r < 3; r++) {
          assertEquals(last, raw[r * words + words - 1]);
        }
        bits.copyFrom(values);
        assertArrayEquals(values, bits.toArray());
      }
    }
  }

  @Test
  void refusesWrongShapes() {
    Tensor tensor = Tensor.zeros(device, 2, 3);
    Tensor bits = Tensor.bits(device, 2, 3);
    try (tensor;
        bits) {
      Exception e =
          assertThrows(IllegalArgumentException.class, () -> Tensor.of(device, new float[5], 2, 3));
      assertEquals("expected 6 values for shape [2, 3], got 5", e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> tensor.copyFrom(new float[7]));
      assertThrows(IllegalArgumentException.class, () -> tensor.copyFrom(bits));
      assertThrows(
          IllegalArgumentException.class, () -> bits.copyFrom(new float[] {0, 1, 0.5f, 0, 0, 0}));
      assertThrows(
          IllegalArgumentException.class,
          () -> bits.copyFrom(new float[] {0, 1, Float.NaN, 0, 0, 0}));
      assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(device, 2, -1));
      assertThrows(IllegalArgumentException.class, () -> Tensor.bits(device, -1, 2));
      assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(device, 1L << 32, 1L << 32));
      assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(device, 1L << 62));
    }
  }

  @Test
  void emptyTensorsAreTensors() {
    try (Tensor none = Tensor.zeros(device, 0, 3);
        Tensor bits = Tensor.bits(device, 2, 0)) {
      assertEquals(0, none.toArray().length);
      assertEquals(0, bits.toArray().length);
      none.copyFrom(new float[0]);
    }
  }

  @Test
  void useAfterCloseIsAnException() {
    Tensor tensor = Tensor.zeros(device, 2);
    Tensor open = Tensor.zeros(device, 2);
    tensor.close();
    tensor.close();
    try (open) {
      assertTrue(tensor.isClosed());
      assertThrows(IllegalStateException.class, tensor::toArray);
      assertThrows(IllegalStateException.class, () -> tensor.copyFrom(new float[2]));
      assertThrows(IllegalStateException.class, () -> open.copyFrom(tensor));
      assertThrows(IllegalStateException.class, tensor::copy);
      assertEquals("Tensor[FLOAT32 [2], cpu, closed]", tensor.toString());
      assertEquals(8, device.memory().live());
    }
  }

  @Test
  void theMemoryLimitHolds() {
    device.setMemoryLimit(1000);
    try (Tensor first = Tensor.zeros(device, 100)) {
      OutOfDeviceMemoryException e =
          assertThrows(OutOfDeviceMemoryException.class, () -> Tensor.zeros(device, 200));
      assertEquals(800, e.requested());
      assertEquals(400, e.live());
      assertEquals(1000, e.limit());
      first.copyFrom(new float[100]);
    }
    Tensor.zeros(device, 200).close();
  }
}
