// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * Native memory of one C struct that is filled again and again. Fields are plain stores at the
 * offsets the C++ compiler reported; JavaCPP's own setters are a JNI call each, which would cost
 * more than many a kernel.
 */
class Struct<P extends Pointer> {
  final P pointer;
  final ByteBuffer fields;
  final long address;

  Struct(Class<P> type, Function<Pointer, P> view) {
    fields = ByteBuffer.allocateDirect(Loader.sizeof(type)).order(ByteOrder.nativeOrder());
    pointer = view.apply(new BytePointer(fields));
    address = pointer.address();
  }

  static int at(Class<? extends Pointer> type, String field) {
    return Loader.offsetof(type, field);
  }
}
