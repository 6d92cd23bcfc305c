// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.generatrix.binding.Device;
import org.generatrix.binding.OutOfDeviceMemoryException;
import org.generatrix.binding.Rng;
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
      assertEquals("Tensor[BITS [3, 33], cpu]", bits.describe());
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

  @Test
  void isMadeInManyWays() {
    Rng rng = new Rng(7, 0);
    try (Tensor ones = Tensor.ones(device, 2, 2);
        Tensor full = Tensor.full(device, DType.FLOAT64, 0.1, 3);
        Tensor eye = Tensor.eye(device, 3);
        Tensor hot = Tensor.oneHot(device, new long[] {2, 0}, 3);
        Tensor up = Tensor.arange(device, DType.FLOAT32, 1, 2, 0.25);
        Tensor down = Tensor.arange(device, DType.FLOAT64, 1, -1, -1);
        Tensor none = Tensor.arange(device, DType.FLOAT32, 1, 0, 1);
        Tensor uniform = Tensor.uniform(device, rng, 100, 100);
        Tensor normal = Tensor.normal(device, rng, 100, 100);
        Tensor again = Tensor.normal(device, rng, 100, 100);
        Tensor number = Tensor.of(device, new float[] {5})) {
      assertArrayEquals(new float[] {1, 1, 1, 1}, ones.toArray());
      assertArrayEquals(new double[] {0.1, 0.1, 0.1}, full.toDoubleArray());
      assertArrayEquals(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, eye.toArray());
      assertArrayEquals(new float[] {0, 0, 1, 1, 0, 0}, hot.toArray());
      assertArrayEquals(new float[] {1, 1.25f, 1.5f, 1.75f}, up.toArray());
      assertArrayEquals(new double[] {1, 0}, down.toDoubleArray());
      assertEquals(0, none.size());
      double mean = 0;
      double square = 0;
      for (float x : uniform.toArray()) {
        assertTrue(x >= 0 && x < 1);
      }
      for (float x : normal.toArray()) {
        mean += x / 1e4;
        square += x * x / 1e4;
      }
      assertEquals(0, mean, 0.05);
      assertEquals(1, square, 0.05);
      assertArrayEquals(normal.toArray(), again.toArray());
      assertEquals(0, number.rank());
      assertEquals(1, number.size());
      assertEquals(5, number.item());
      assertEquals(5, number.get());
      assertEquals(2, hot.size(0));
      assertEquals(3, hot.size(-1));
      assertThrows(IllegalStateException.class, ones::item);
    }
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.arange(device, DType.FLOAT32, 0, 1, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> Tensor.arange(device, DType.FLOAT32, 0, Double.NaN, 1));
    assertThrows(IllegalArgumentException.class, () -> Tensor.full(device, DType.BITS, 1, 2, 2));
    assertThrows(IllegalArgumentException.class, () -> Tensor.oneHot(device, new long[] {3}, 3));
    assertThrows(IllegalArgumentException.class, () -> Tensor.eye(device, -1));
  }

  @Test
  void elementsAreReadAndWrittenOneByOne() {
    try (Tensor floats = Tensor.zeros(device, 2, 3);
        Tensor doubles = Tensor.zeros(device, DType.FLOAT64, 2, 3);
        Tensor bits = Tensor.bits(device, 2, 40)) {
      floats.set(0.1, 1, -1);
      doubles.set(0.1, -1, 2);
      bits.set(1, 1, 39);
      bits.set(1, 0, 5);
      bits.set(0, 0, 5);
      assertEquals(0.1f, floats.get(1, 2));
      assertEquals(0.1, doubles.get(1, 2));
      assertEquals(1, bits.get(-1, -1));
      assertEquals(0, bits.get(0, 5));
      assertArrayEquals(new float[] {0, 0, 0, 0, 0, 0.1f}, floats.toArray());
      assertThrows(IndexOutOfBoundsException.class, () -> floats.get(2, 0));
      assertThrows(IndexOutOfBoundsException.class, () -> floats.get(0, -4));
      assertThrows(IndexOutOfBoundsException.class, () -> floats.get(0));
      assertThrows(IndexOutOfBoundsException.class, () -> floats.set(1, 0, 0, 0));
      assertThrows(IllegalArgumentException.class, () -> bits.set(0.5, 0, 0));
    }
  }

  @Test
  void buffersGoInAndOut() {
    FloatBuffer values = FloatBuffer.wrap(new float[] {9, 1, 2, 3, 4, 9}).position(1).limit(5);
    ByteBuffer bytes = ByteBuffer.allocate(40).order(ByteOrder.nativeOrder());
    try (Tensor floats = Tensor.of(device, values, 2, 2);
        Tensor doubles = Tensor.zeros(device, DType.FLOAT64, 2, 2);
        Tensor bits = Tensor.bits(device, 1, 33)) {
      assertEquals(1, values.position());
      assertArrayEquals(new float[] {1, 2, 3, 4}, floats.toArray());
      FloatBuffer out = FloatBuffer.allocate(6).position(1);
      floats.narrow(0, 1, 1).copyTo(out);
      assertArrayEquals(new float[] {0, 3, 4, 0, 0, 0}, out.array());
      doubles.copyFrom(new float[] {5, 6, 7, 8});
      doubles.copyTo(bytes.position(8));
      assertEquals(8, bytes.position());
      assertEquals(7, bytes.getDouble(24));
      doubles.narrow(0, 0, 1).copyFrom(bytes.position(24).limit(40));
      assertArrayEquals(new double[] {7, 8, 7, 8}, doubles.toDoubleArray());
      bits.copyFrom(ByteBuffer.wrap(new byte[] {2, 0, 0, 0, 1, 0, 0, 0}));
      assertEquals(1, bits.get(0, 1) * bits.get(0, 32));
      assertThrows(IllegalArgumentException.class, () -> doubles.copyTo(out));
      assertThrows(IllegalArgumentException.class, () -> doubles.copyFrom(values));
      assertThrows(IllegalArgumentException.class, () -> floats.copyFrom(out));
      assertThrows(IllegalArgumentException.class, () -> floats.copyTo(FloatBuffer.allocate(3)));
      assertThrows(IllegalArgumentException.class, () -> floats.copyTo(ByteBuffer.allocate(15)));
      assertThrows(IllegalArgumentException.class, () -> floats.copyFrom(ByteBuffer.allocate(17)));
      assertThrows(IllegalArgumentException.class, () -> Tensor.of(device, values, 3).close());
    }
  }

  @Test
  void everyWriteMovesTheVersion() {
    try (Tensor t = Tensor.zeros(device, 2, 3);
        Tensor other = Tensor.ones(device, 2, 3)) {
      List<Runnable> writes =
          List.of(
              () -> t.copyFrom(new float[6]),
              () -> t.copyFrom(new double[6]),
              () -> t.copyFrom(FloatBuffer.allocate(6)),
              () -> t.copyFrom(ByteBuffer.allocate(24)),
              () -> t.copyFrom(other),
              () -> t.set(1, 1, 2),
              () -> t.reshape(6).copyFrom(new float[6]),
              () -> t.narrow(0, 1, 1).set(3, 0, 0),
              t::touch);
      for (Runnable write : writes) {
        long before = t.version();
        write.run();
        assertTrue(t.version() > before);
        assertEquals(t.version(), t.reshape(3, 2).version(), "a view shares it");
      }
      long before = t.version();
      t.toArray();
      t.get(0, 0);
      t.copy().close();
      assertEquals(before, t.version());
    }
  }

  @Test
  void typesAreConverted() {
    try (Tensor bits = Tensor.bits(device, 2, 3);
        Tensor wide = Tensor.of(device, new double[] {0.1, 1e300, -2}, 3);
        Tensor narrow = wide.toFloats();
        Tensor back = narrow.to(DType.FLOAT64)) {
      bits.copyFrom(new float[] {1, 0, 1, 0, 0, 1});
      try (Tensor doubles = bits.to(DType.FLOAT64)) {
        assertArrayEquals(new double[] {1, 0, 1, 0, 0, 1}, doubles.toDoubleArray());
      }
      assertArrayEquals(new float[] {0.1f, Float.POSITIVE_INFINITY, -2}, narrow.toArray());
      assertArrayEquals(new double[] {0.1f, Double.POSITIVE_INFINITY, -2}, back.toDoubleArray());
      assertThrows(IllegalArgumentException.class, () -> wide.to(DType.BITS));
    }
  }

  /** 2.2 GB of which only a few pages are ever touched. */
  @Test
  void mayHaveMoreThanTwoGigabytes() {
    long n = 550_000_000;
    Tensor huge;
    try {
      huge = Tensor.zeros(device, n);
    } catch (OutOfDeviceMemoryException e) {
      assumeTrue(false, e.getMessage());
      return;
    }
    try (huge) {
      huge.set(5, -1);
      huge.narrow(0, n - 3, 2).copyFrom(new float[] {3, 4});
      assertEquals(5, huge.get(n - 1));
      assertArrayEquals(new float[] {3, 4, 5}, huge.narrow(0, n - 3, 3).toArray());
      assertEquals("[0. 0. 0. ... 3. 4. 5.]", huge.toString());
      try (Tensor end =
          huge.reshape(1000, -1).slice(new long[] {999, 549_998}, new long[] {1000, 550_000})) {
        assertArrayEquals(new float[] {4, 5}, end.toArray());
      }
      assertEquals(4 * n, device.memory().live());
    }
    device.trim();
  }
}
