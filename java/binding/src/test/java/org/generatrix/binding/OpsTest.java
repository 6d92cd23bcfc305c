// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpsTest {
  private final Device device = Device.cpu(1);
  private final List<DeviceBuffer> made = new ArrayList<>();

  @AfterEach
  void close() {
    made.forEach(DeviceBuffer::close);
    device.close();
  }

  private DeviceBuffer buffer(float... values) {
    DeviceBuffer buffer = device.allocate(4L * values.length);
    made.add(buffer);
    buffer.write(0, values, 0, values.length);
    return buffer;
  }

  private static float[] read(DeviceBuffer buffer) {
    float[] values = new float[(int) (buffer.bytes() / 4)];
    buffer.read(0, values, 0, values.length);
    return values;
  }

  @Test
  void uniformIsSeededAndInRange() {
    DeviceBuffer a = buffer(new float[300]);
    DeviceBuffer b = buffer(new float[300]);
    RandomOps.uniform(device, new Rng(1, 2), 3, 100, a);
    RandomOps.uniform(device, new Rng(1, 2), 3, 100, b);
    assertArrayEquals(read(a), read(b));
    double sum = 0;
    for (float u : read(a)) {
      assertTrue(u >= 0 && u < 1);
      sum += u;
    }
    assertEquals(0.5, sum / 300, 5 / Math.sqrt(12 * 300));
    RandomOps.uniform(device, new Rng(1, 3), 3, 100, b);
    assertTrue(!java.util.Arrays.equals(read(a), read(b)));
    assertThrows(
        IllegalArgumentException.class, () -> RandomOps.uniform(device, new Rng(1, 0), 3, 101, a));
    assertThrows(
        IllegalArgumentException.class, () -> RandomOps.uniform(device, new Rng(1, 0), -1, 5, a));
  }

  @Test
  void normalHasItsMeanAndDeviation() {
    DeviceBuffer out = buffer(new float[4000]);
    RandomOps.normal(device, new Rng(4, 0), 3f, 2f, 40, 100, out);
    double sum = 0;
    double squares = 0;
    for (float x : read(out)) {
      sum += x;
      squares += (x - 3.0) * (x - 3.0);
    }
    assertEquals(3, sum / 4000, 5 * 2 / Math.sqrt(4000));
    assertEquals(4, squares / 4000, 5 * 4 * Math.sqrt(2.0 / 4000));
    assertThrows(
        IllegalArgumentException.class,
        () -> RandomOps.normal(device, new Rng(4, 0), 0, -1, 1, 1, out));
  }

  @Test
  void statesConvertGatherAndAverage() {
    States floats = new States(buffer(0.2f, 0.5f, 0.9f, Float.NaN, 1, 0), 2, 3, Format.FLOAT32);
    States bits = new States(buffer(new float[2]), 2, 3, Format.BITS);
    StateOps.convert(device, floats, 0.5f, bits);
    int[] words = new int[2];
    bits.data().read(0, words, 0, 2);
    assertArrayEquals(new int[] {0b110, 0b010}, words);

    States back = new States(buffer(new float[6]), 2, 3, Format.FLOAT32);
    StateOps.convert(device, bits, 0, back);
    assertArrayEquals(new float[] {0, 1, 1, 0, 1, 0}, read(back.data()));

    States rows = new States(buffer(new float[9]), 3, 3, Format.FLOAT32);
    StateOps.gather(device, back, new long[] {1, 0, 1}, rows);
    assertArrayEquals(new float[] {0, 1, 0, 0, 1, 1, 0, 1, 0}, read(rows.data()));
    assertThrows(
        IllegalArgumentException.class,
        () -> StateOps.gather(device, back, new long[] {0, 2, 0}, rows));
    assertThrows(
        IllegalArgumentException.class,
        () -> StateOps.gather(device, back, new long[] {0, 1}, rows));

    DeviceBuffer mean = buffer(new float[3]);
    StateOps.mean(device, rows, mean);
    assertArrayEquals(new float[] {0, 1, 1 / 3f}, read(mean), 1e-6f);
    assertThrows(IllegalArgumentException.class, () -> StateOps.mean(device, rows, buffer(0, 0)));
  }

  @Test
  void bernoulliOfZeroAndOneIsCertain() {
    States to = new States(buffer(new float[6]), 2, 3, Format.FLOAT32);
    StateOps.bernoulli(device, buffer(0, 1, 0, 1, 1, 0), new Rng(9, 9), to);
    assertArrayEquals(new float[] {0, 1, 0, 1, 1, 0}, read(to.data()));
    assertThrows(
        IllegalArgumentException.class,
        () -> StateOps.bernoulli(device, buffer(0, 1), new Rng(9, 9), to));
  }

  private static View view(DeviceBuffer buffer) {
    return new View(buffer, 0, buffer.bytes() / Float.BYTES, Format.FLOAT32);
  }

  @Test
  void functionsOfOneNumber() {
    View x = view(buffer(0.5f, 1, 2));
    View y = view(buffer(new float[3]));
    Elementwise.unary(device, Unary.EXP, 0, x, y);
    assertEquals(Math.exp(2), read(y.buffer())[2], 1e-5);
    Elementwise.unary(device, Unary.LOG, 0, x, y);
    assertEquals(Math.log(0.5), read(y.buffer())[0], 1e-6);
    Elementwise.unary(device, Unary.LEAKY_RELU, 0.5, x, x);
    assertEquals(2, read(x.buffer())[2]);
    View four = view(buffer(new float[4]));
    assertThrows(
        IllegalArgumentException.class, () -> Elementwise.unary(device, Unary.EXP, 0, x, four));
  }

  @Test
  void everyFunctionHasItsNumber() {
    assertEquals(org.generatrix.binding.abi.Abi.GX_EXPM1, Unary.EXPM1.ordinal());
    assertEquals(org.generatrix.binding.abi.Abi.GX_PRELU, Binary.PRELU.ordinal());
    assertEquals(org.generatrix.binding.abi.Abi.GX_MIN, Reduction.MIN.ordinal());
  }

  @Test
  void manyThreadsShareADevice() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<float[]>> results = new ArrayList<>();
      for (int seed = 0; seed < 64; seed++) {
        Rng rng = new Rng(seed, 0);
        results.add(
            threads.submit(
                () -> {
                  try (DeviceBuffer out = device.allocate(4 * 1000)) {
                    RandomOps.uniform(device, rng, 10, 100, out);
                    return read(out);
                  }
                }));
      }
      DeviceBuffer alone = buffer(new float[1000]);
      for (int seed = 0; seed < 64; seed++) {
        RandomOps.uniform(device, new Rng(seed, 0), 10, 100, alone);
        assertArrayEquals(read(alone), results.get(seed).get());
      }
      assertEquals(4000, device.memory().live());
    } finally {
      threads.shutdownNow();
    }
  }
}
