// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeviceTest {
  @Test
  void saysWhatTheNativeLibraryIs() {
    assertTrue(NativeInfo.version().matches("\\d+\\.\\d+\\.\\d+"), NativeInfo.version());
    assertTrue(Set.of("baseline", "v3", "v4").contains(NativeInfo.isa()), NativeInfo.isa());
    assertFalse(NativeInfo.isaReason().isBlank());
    assertTrue(NativeInfo.defaultThreads() >= 1);
    assertFalse(NativeInfo.threadsReason().isBlank());
    assertTrue(
        java.nio.file.Files.exists(
            java.nio.file.Path.of(NativeInfo.libraryPath(), "libgeneratrix.so.0")));
    for (NativeInfo.Kernel kernel : NativeInfo.kernels()) {
      assertFalse(kernel.op().isBlank() || kernel.variant().isBlank(), kernel.toString());
    }
  }

  @Test
  void threadsAreSetAndRead() {
    try (Device device = Device.cpu(3)) {
      assertEquals(3, device.threads());
      assertEquals(1, device.setThreads(1).threads());
      assertThrows(IllegalArgumentException.class, () -> device.setThreads(-1));
      assertEquals(1, device.threads());
    }
    assertThrows(IllegalArgumentException.class, () -> Device.cpu(-1));
  }

  @Test
  void threadsComeFromTheProperty() {
    System.setProperty(Device.THREADS_PROPERTY, "5");
    try (Device device = Device.cpu()) {
      assertEquals(5, device.threads());
      System.setProperty(Device.THREADS_PROPERTY, "many");
      Exception e = assertThrows(IllegalArgumentException.class, Device::cpu);
      assertTrue(e.getMessage().contains("\"many\""), e.getMessage());
    } finally {
      System.clearProperty(Device.THREADS_PROPERTY);
    }
  }

  @Test
  void accountsForMemory() {
    try (Device device = Device.cpu(1)) {
      assertEquals(new Memory(0, 0, 0, 0, 0), device.memory());
      try (DeviceBuffer a = device.allocate(1000)) {
        assertEquals(1000, device.memory().live());
        device.allocate(24).close();
        assertEquals(1000, device.memory().live());
        assertEquals(1024, device.memory().peak());
        assertEquals(1000, a.bytes());
      }
      assertEquals(0, device.memory().live());
      assertEquals(1024, device.memory().peak());
    }
  }

  @Test
  void refusesBeyondTheLimit() {
    try (Device device = Device.cpu(1)) {
      device.setMemoryLimit(4096);
      try (DeviceBuffer a = device.allocate(4000)) {
        OutOfDeviceMemoryException e =
            assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(100));
        assertEquals(List.of(100L, 4000L, 4096L), List.of(e.requested(), e.live(), e.limit()));
        assertTrue(e.getMessage().contains(Device.MEMORY_LIMIT_PROPERTY), e.getMessage());
        device.allocate(96).close();
        assertFalse(a.isClosed());
      }
      assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(Long.MAX_VALUE));
      assertThrows(IllegalArgumentException.class, () -> device.allocate(-1));
      assertThrows(IllegalArgumentException.class, () -> device.setMemoryLimit(-1));
    }
  }

  @Test
  void keepsClosedBuffersForTheNext() {
    try (Device device = Device.cpu(1)) {
      try (DeviceBuffer buffer = device.allocate(4096)) {
        buffer.write(0, new float[] {3}, 0, 1);
      }
      assertEquals(4096, device.memory().cached());
      try (DeviceBuffer again = device.allocateUninitialized(4096)) {
        float[] first = new float[1];
        again.read(0, first, 0, 1);
        assertEquals(3, first[0]);
        assertEquals(0, device.memory().cached());
      }
      device.trim();
      assertEquals(0, device.memory().cached());
      device.allocate(4096).close();
      device.setMemoryLimit(5000);
      try (DeviceBuffer more = device.allocateUninitialized(2000)) {
        OutOfDeviceMemoryException e =
            assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(3001));
        assertEquals(List.of(3001L, 0L), List.of(e.requested(), e.cached()));
        assertEquals(
            "a buffer of 3001 bytes does not fit: 2000 bytes are live, 0 cached, 0 workspace, the"
                + " limit is 5000; close what is not needed, or raise the limit"
                + " (Device.setMemoryLimit, -Dgeneratrix.memory.limit)",
            e.getMessage());
        assertEquals(2000, more.bytes());
      }
      assertThrows(IllegalArgumentException.class, () -> device.allocateUninitialized(-1));
    }
  }

  @Test
  void closesAfterItsBuffers() {
    Device device = Device.cpu(1);
    DeviceBuffer buffer = device.allocate(8);
    Exception e = assertThrows(IllegalStateException.class, device::close);
    assertTrue(e.getMessage().contains("got 1"), e.getMessage());
    assertFalse(device.isClosed());
    buffer.close();
    device.close();
    device.close();
    assertTrue(device.isClosed());
    assertThrows(IllegalStateException.class, device::threads);
    assertThrows(IllegalStateException.class, () -> device.allocate(8));
    assertEquals("Device[cpu, closed]", device.toString());
  }

  @Test
  void emptyBuffersAreAllowed() {
    try (Device device = Device.cpu(1);
        DeviceBuffer empty = device.allocate(0)) {
      empty.write(0, new float[0], 0, 0);
      assertThrows(IndexOutOfBoundsException.class, () -> empty.write(0, new float[1], 0, 1));
    }
  }
}
