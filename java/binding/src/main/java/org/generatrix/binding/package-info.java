// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The C ABI from Java: devices and their memory, one class of static methods per header, and what
 * the native library says about itself.
 *
 * <p>Every call checks that its buffers are open, on the right device and large enough, then hands
 * over to the native checks of shapes, formats and aliasing. A failure is an exception with one
 * sentence: {@link IllegalArgumentException}, {@link IllegalStateException} for a use after close,
 * {@link org.generatrix.binding.OutOfDeviceMemoryException}, {@link UnsupportedOperationException},
 * or {@link org.generatrix.binding.GeneratrixException}.
 *
 * <p>From JDK 24 on the JVM warns about native code; {@code --enable-native-access=ALL-UNNAMED}
 * says that it is meant. On the module path the names are {@code org.generatrix.binding} and {@code
 * org.bytedeco.javacpp}; both are to be required and allowed.
 */
package org.generatrix.binding;
