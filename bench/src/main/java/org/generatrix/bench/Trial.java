// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.util.List;

/** The operands of one row at one thread count, and the calls that are timed on them. */
public interface Trial extends AutoCloseable {
  Contender ours();

  /** Who we are measured against; empty for rows that state a time only. */
  default List<Peer> peers() {
    return List.of();
  }

  /** How much work one call is, so that times become rates. */
  Work work();

  /**
   * Checks what the timed calls compute, before anything is timed.
   *
   * @throws AssertionError naming the expected and the actual value
   */
  void verify();

  /** One remark for the reader of the table, or "". Asked for after {@link #verify()}. */
  default String note() {
    return "";
  }

  @Override
  void close();
}
