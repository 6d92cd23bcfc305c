// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Var;

/** Operands whose first axis is the batch: [rows, ..], a row being the units of one example. */
final class Batch {
  private Batch() {}

  static long rows(String name, Var x) {
    if (x.shape().length == 0) {
      throw new IllegalArgumentException("expected " + name + " with a batch axis, got shape []");
    }
    return x.shape()[0];
  }

  /** The product of the other axes. */
  static long units(Var x) {
    return product(x.shape(), 1);
  }

  static long product(long[] shape, int from) {
    long product = 1;
    for (int i = from; i < shape.length; i++) {
      product *= shape[i];
    }
    return product;
  }

  static void sameShape(String name, Var x, String other, Var y) {
    if (!Arrays.equals(x.shape(), y.shape())) {
      throw new IllegalArgumentException(
          "expected %s with the shape of %s, %s, got %s"
              .formatted(other, name, Arrays.toString(x.shape()), Arrays.toString(y.shape())));
    }
  }

  static IllegalArgumentException shape(String name, String expected, Var x) {
    return new IllegalArgumentException(
        "expected %s with shape %s, got %s".formatted(name, expected, Arrays.toString(x.shape())));
  }
}
