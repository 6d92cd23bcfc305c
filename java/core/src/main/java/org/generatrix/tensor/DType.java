// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import org.generatrix.binding.Format;

/** What a tensor's elements are. */
public enum DType {
  /** IEEE single precision, any shape. */
  FLOAT32(Format.FLOAT32),
  /** Binary units packed 32 to a word, shape [rows, units]; padding bits are 0. */
  BITS(Format.BITS),
  /** IEEE double precision, any shape: for references and gradient checks, on slow kernels. */
  FLOAT64(Format.FLOAT64);

  private final Format format;

  DType(Format format) {
    this.format = format;
  }

  /** The same as the kernels name it. */
  public Format format() {
    return format;
  }
}
