// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.binding.Shapes;

/** A shape as [outer, n, inner] about one axis. */
record AxisLayout(int axis, long outer, long n, long inner) {
  static AxisLayout of(long[] shape, int axis) {
    int at = Integer.numberOfTrailingZeros(Axes.bits(shape, axis));
    return new AxisLayout(
        at,
        Shapes.size(Arrays.copyOf(shape, at)),
        shape[at],
        Shapes.size(Arrays.copyOfRange(shape, at + 1, shape.length)));
  }
}
