// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * An address as JavaCPP takes it, without the deallocator and the bookkeeping of a JavaCPP
 * allocation: memory of a device has its own account.
 */
final class NativeAddress extends FloatPointer {
  /** For operands that are not there. */
  static final NativeAddress NULL = new NativeAddress();

  NativeAddress() {
    super((Pointer) null);
  }

  NativeAddress(long address) {
    super((Pointer) null);
    this.address = address;
  }

  void set(long address) {
    this.address = address;
  }

  /** The same for operands that the C ABI declares as double whatever the others are. */
  static final class OfDoubles extends DoublePointer {
    OfDoubles() {
      super((Pointer) null);
    }

    void set(long address) {
      this.address = address;
    }
  }
}
