// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Shape;

/**
 * An operand [batch, channels, length] or [batch, channels, height, width]; a line has height 1.
 */
record Pictures(long batch, long channels, long height, long width, boolean line) {

  static Pictures of(String name, Var x) {
    long[] shape = Shape.of(x.value());
    if (shape.length != 3 && shape.length != 4) {
      throw new IllegalArgumentException(
          "expected %s [batch, channels, length] or [batch, channels, height, width], got %s"
              .formatted(name, Arrays.toString(shape)));
    }
    boolean line = shape.length == 3;
    return new Pictures(shape[0], shape[1], line ? 1 : shape[2], shape[shape.length - 1], line);
  }

  /** The shape of as many examples with other channels and sizes. */
  long[] shape(long otherChannels, long otherHeight, long otherWidth) {
    return line
        ? new long[] {batch, otherChannels, otherWidth}
        : new long[] {batch, otherChannels, otherHeight, otherWidth};
  }

  long pixels() {
    return Math.multiplyExact(height, width);
  }

  long planes() {
    return Math.multiplyExact(batch, channels);
  }

  /** Refuses what has no height. */
  Pictures flat(String operation) {
    if (line) {
      throw new IllegalArgumentException(
          "expected [batch, channels, height, width] for %s, got three axes".formatted(operation));
    }
    return this;
  }
}
