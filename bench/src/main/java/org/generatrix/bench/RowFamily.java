// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.util.List;

/**
 * The benchmark rows of one kernel family: the only thing a new family adds. Name the class in
 * {@code META-INF/services/org.generatrix.bench.RowFamily} and {@code gx bench} finds it.
 */
public interface RowFamily {
  /** The rows, in the order they are to be printed. Building the list allocates nothing native. */
  List<BenchRow> rows();
}
