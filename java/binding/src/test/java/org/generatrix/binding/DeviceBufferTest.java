// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceBufferTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  @Test
  void startsZeroedAndKeepsWhatIsWritten() {
    try (DeviceBuffer buffer = device.allocate(40)) {
      float[] all = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
      buffer.read(0, all, 0, 10);
      assertArrayEquals(new float[10], all);
      buffer.write(8, new float[] {0, 1.5f, -2.5f, 0}, 1, 2);
      buffer.write(16, new int[] {0x3f800000, 0}, 0, 2);
      buffer.read(0, all, 0, 10);
      assertArrayEquals(new float[] {0, 0, 1.5f, -2.5f, 1, 0, 0, 0, 0, 0}, all);
      int[] bits = new int[3];
      buffer.read(16, bits, 1, 1);
      assertArrayEquals(new int[] {0, 0x3f800000, 0}, bits);
    }
  }

  @Test
  void movesMoreThanOneChunk() {
    int count = 300_001;
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    try (DeviceBuffer a = device.allocate(4L * count);
        DeviceBuffer b = device.allocate(4L * count)) {
      a.write(0, values, 0, count);
      b.copyFrom(4, a, 0, 4L * (count - 1));
      float[] back = new float[count];
      b.read(4, back, 0, count - 1);
      for (int i = 0; i < count - 1; i++) {
        assertEquals(i, back[i]);
      }
      ByteBuffer bytes = ByteBuffer.allocate(4 * count);
      a.read(0, bytes);
      b.write(0, bytes);
      b.read(0, back, 0, count);
      assertArrayEquals(values, back);
    }
  }

  @Test
  void movesDoubles() {
    double[] values = new double[100_003];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + 1e-9;
    }
    try (DeviceBuffer buffer = device.allocate(8L * values.length + 8)) {
      buffer.write(8, values, 0, values.length);
      double[] back = new double[values.length];
      buffer.read(8, back, 0, back.length);
      assertArrayEquals(values, back);
      buffer.read(8 * 50_001, back, 1, 2);
      assertArrayEquals(
          new double[] {values[50_000], values[50_001]}, Arrays.copyOfRange(back, 1, 3));
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.write(0, values, 1, 100_003));
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(16, back, 0, back.length));
    }
  }

  @Test
  void bytesOfAnyLengthKeepTheirPlace() {
    byte[] source = new byte[13];
    for (int i = 0; i < source.length; i++) {
      source[i] = (byte) (i + 1);
    }
    try (DeviceBuffer buffer = device.allocate(16)) {
      ByteBuffer from = ByteBuffer.wrap(source).position(2).limit(9);
      buffer.write(5, from);
      assertEquals(2, from.position());
      ByteBuffer to = ByteBuffer.allocateDirect(20).position(3).limit(3 + 16);
      buffer.read(0, to);
      assertEquals(3, to.position());
      byte[] all = new byte[20];
      to.clear().get(0, all);
      assertArrayEquals(
          new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0}, all);
    }
  }

  @Test
  void refusesRangesOutside() {
    try (DeviceBuffer buffer = device.allocate(16)) {
      float[] host = new float[8];
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.write(0, host, 0, 5));
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(-4, host, 0, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(0, host, 6, 3));
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.read(Long.MAX_VALUE, host, 0, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.write(4, ByteBuffer.allocate(13)));
    }
  }

  @Test
  void useAfterCloseIsAnException() {
    DeviceBuffer buffer = device.allocate(16);
    buffer.close();
    buffer.close();
    assertTrue(buffer.isClosed());
    Exception e =
        assertThrows(IllegalStateException.class, () -> buffer.read(0, new float[1], 0, 1));
    assertTrue(e.getMessage().contains("closed"), e.getMessage());
    assertThrows(
        IllegalStateException.class, () -> RandomOps.uniform(device, new Rng(1, 0), 1, 1, buffer));
  }

  @Test
  void anotherDevicesBufferIsRefused() {
    try (Device other = Device.cpu(1);
        DeviceBuffer theirs = other.allocate(16);
        DeviceBuffer ours = device.allocate(16)) {
      assertThrows(IllegalArgumentException.class, () -> ours.copyFrom(0, theirs, 0, 16));
      assertThrows(
          IllegalArgumentException.class,
          () -> RandomOps.uniform(device, new Rng(1, 0), 1, 1, theirs));
    }
  }

  /**
   * Readers on one thread, a close on another: a read either works or says that the buffer is
   * closed.
   */
  @Test
  void closingWhileInUseIsSafe() throws Exception {
    for (int round = 0; round < 50; round++) {
      DeviceBuffer buffer = device.allocate(1 << 20);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread reader =
          new Thread(
              () -> {
                float[] to = new float[1 << 18];
                try {
                  while (true) {
                    buffer.read(0, to, 0, to.length);
                  }
                } catch (IllegalStateException e) {
                  // the expected end
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      reader.start();
      Thread.sleep(1);
      buffer.close();
      reader.join();
      assertEquals(null, failure.get());
    }
  }

  @Test
  void aDroppedBufferIsFreedAndReported() throws Exception {
    boolean before = Allocations.isTracking();
    Allocations.setTracking(true);
    Allocations.clearDropped();
    try {
      drop();
      long end = System.nanoTime() + 20_000_000_000L;
      while (device.memory().live() > 0 && System.nanoTime() < end) {
        System.gc();
        Thread.sleep(10);
      }
      assertEquals(0, device.memory().live());
      assertEquals(1, Allocations.dropped().size());
      Allocations.Site site = Allocations.dropped().get(0);
      assertEquals(123, site.bytes());
      assertEquals("drop", site.stack().get(0).getMethodName());
      assertEquals(DeviceBufferTest.class.getName(), site.stack().get(0).getClassName());
    } finally {
      Allocations.clearDropped();
      Allocations.setTracking(before);
    }
  }

  private void drop() {
    assertFalse(device.allocate(123).isClosed());
  }

  @Test
  void trackingSaysWhereABufferWasClosed() {
    boolean before = Allocations.isTracking();
    Allocations.setTracking(true);
    try {
      DeviceBuffer buffer = device.allocate(16);
      assertTrue(Allocations.live().stream().anyMatch(s -> s.bytes() == 16));
      buffer.close();
      assertTrue(Allocations.live().stream().noneMatch(s -> s.bytes() == 16));
      Exception e =
          assertThrows(IllegalStateException.class, () -> buffer.read(0, new float[1], 0, 1));
      assertTrue(e.getMessage().contains("trackingSaysWhereABufferWasClosed"), e.getMessage());
    } finally {
      Allocations.setTracking(before);
    }
  }
}
