// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * What is learned from, a whole set or a batch of it: rows, and what stands beside each.
 *
 * @param x [n, ..], floats or bits
 * @param targets float [n, ..] each, such as what a regression is to give; may be empty
 * @param labels [n], the class of each row, or null
 */
public record Examples(Tensor x, List<Tensor> targets, long[] labels) {

  public Examples {
    Objects.requireNonNull(x, "x");
    targets = List.copyOf(targets);
    if (x.shape().length < 2 || x.rows() < 1) {
      throw new IllegalArgumentException(
          "data must be [n, units] with n at least 1, got " + x.describe());
    }
    if (x.dtype() == DType.FLOAT64) {
      throw new IllegalArgumentException("data must be float32 or bits, got " + x.describe());
    }
    for (Tensor target : targets) {
      boolean floats = target.dtype() == DType.FLOAT32 && target.device() == x.device();
      if (!floats || target.shape().length < 2 || target.rows() != x.rows()) {
        throw new IllegalArgumentException(
            "targets must be float [%d, ..] on the device of the data, got %s"
                .formatted(x.rows(), target.describe()));
      }
    }
    if (labels != null && labels.length != x.rows()) {
      throw new IllegalArgumentException(
          "expected a label for each of " + x.rows() + " rows, got " + labels.length);
    }
  }

  /** Rows alone. */
  public static Examples of(Tensor x) {
    return new Examples(x, List.of(), null);
  }

  /** The same rows with another target beside them. */
  public Examples with(Tensor target) {
    List<Tensor> more = new ArrayList<>(targets);
    more.add(target);
    return new Examples(x, more, labels);
  }

  /** The same rows with classes beside them. */
  public Examples labelled(long[] classes) {
    return new Examples(x, targets, classes);
  }

  /** The only target. */
  public Tensor target() {
    if (targets.size() != 1) {
      throw new IllegalStateException("expected one target, got " + targets.size());
    }
    return targets.get(0);
  }

  public long rows() {
    return x.rows();
  }
}
