// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.util.List;

/**
 * Another library doing the same work.
 *
 * @param name {@code libtorch}
 * @param variants the ways its user could write the work; the fastest one on this machine is the
 *     one that counts
 */
public record Peer(String name, List<Contender> variants) {
  public Peer {
    variants = List.copyOf(variants);
    if (variants.isEmpty()) {
      throw new IllegalArgumentException("expected at least one variant of " + name + ", got none");
    }
  }

  public Peer(String name, Contender only) {
    this(name, List.of(only));
  }
}
