// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.generatrix.binding.abi.Abi;

/** Copies between Java and a device, through a small direct buffer that stays in the cache. */
final class Transfer {
  private static final int CHUNK = 1 << 18;

  /**
   * Moves {@code count} 4-byte elements between the staging buffer, from its start, and element
   * {@code at} of the Java side.
   */
  interface Part {
    void move(ByteBuffer staging, long at, int count);
  }

  private Transfer() {}

  static void write(DeviceBuffer buffer, long offset, long length, Part part) {
    run(buffer, offset, length, part, true);
  }

  static void read(DeviceBuffer buffer, long offset, long length, Part part) {
    run(buffer, offset, length, part, false);
  }

  private static void run(
      DeviceBuffer buffer, long offset, long length, Part part, boolean writes) {
    Objects.checkFromIndexSize(offset, length, buffer.bytes());
    CallFrame frame = CallFrame.enter(buffer.device());
    try {
      long address = frame.use("buffer", buffer, 0);
      ByteBuffer staging = frame.scratch(Math.min(CHUNK, length));
      NativeAddress device = new NativeAddress();
      NativeAddress host = new NativeAddress(frame.scratchAddress());
      for (long done = 0; done < length; done += CHUNK) {
        int bytes = (int) Math.min(CHUNK, length - done);
        long at = done / 4;
        device.set(address + offset + done);
        if (writes) {
          part.move(staging, at, (bytes + 3) / 4);
          frame.check(Abi.gx_copy(frame.device(), device, host, bytes));
        } else {
          frame.check(Abi.gx_copy(frame.device(), host, device, bytes));
          part.move(staging, at, (bytes + 3) / 4);
        }
      }
    } finally {
      frame.exit();
      if (writes) {
        buffer.touch();
      }
    }
  }

  static void copy(
      DeviceBuffer to, long toOffset, DeviceBuffer from, long fromOffset, long length) {
    Objects.checkFromIndexSize(toOffset, length, to.bytes());
    Objects.checkFromIndexSize(fromOffset, length, from.bytes());
    CallFrame frame = CallFrame.enter(to.device());
    try {
      NativeAddress target = new NativeAddress(frame.use("to", to, 0) + toOffset);
      NativeAddress source = new NativeAddress(frame.use("from", from, 0) + fromOffset);
      frame.check(Abi.gx_copy(frame.device(), target, source, length));
    } finally {
      frame.exit();
      to.touch();
    }
  }
}
