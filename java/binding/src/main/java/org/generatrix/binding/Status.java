// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_device;
import org.generatrix.binding.abi.gx_memory;

/** Turns gx_status into exceptions that carry the native sentence. */
final class Status {
  private Status() {}

  /**
   * {@code requested} is for the out-of-memory exception; {@code device} may be null where there is
   * none yet.
   */
  static void check(int status, gx_device device, long requested) {
    if (status != Abi.GX_OK) {
      throw exception(status, device, requested);
    }
  }

  private static RuntimeException exception(int status, gx_device device, long requested) {
    String sentence = Abi.gx_last_error().getString();
    switch (status) {
      case Abi.GX_INVALID_ARGUMENT:
        return new IllegalArgumentException(sentence);
      case Abi.GX_UNSUPPORTED:
        return new UnsupportedOperationException(sentence);
      case Abi.GX_OUT_OF_MEMORY:
        Memory memory = device == null ? new Memory(0, 0, 0, 0, 0) : memory(device);
        return new OutOfDeviceMemoryException(sentence, requested, memory);
      default:
        return new GeneratrixException("internal error, please report it: " + sentence);
    }
  }

  static Memory memory(gx_device device) {
    try (gx_memory memory = new gx_memory()) {
      check(Abi.gx_device_get_memory(device, memory), null, 0);
      return new Memory(
          memory.live(), memory.peak(), memory.workspace(), memory.cached(), memory.memoryLimit());
    }
  }
}
