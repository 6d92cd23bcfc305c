// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import java.util.ArrayList;
import java.util.List;

/**
 * A map [channels, height, width] of a {@link CausalProgram}: runs of channels of its nodes, one
 * after another. So concatenating and cutting out channels costs nothing.
 *
 * @param parts at least one
 */
record Planes(List<Part> parts, int height, int width) {

  /** Channels [first, first + count) of a node. */
  record Part(int node, long first, long count) {}

  Planes {
    parts = List.copyOf(parts);
  }

  long channels() {
    return parts.stream().mapToLong(Part::count).sum();
  }

  /** Channels [first, first + count). */
  Planes slice(long first, long count) {
    if (first < 0 || count < 1 || first > channels() - count) {
      throw new IllegalArgumentException(
          "expected a part of %d channels, got %d from %d".formatted(channels(), count, first));
    }
    List<Part> some = new ArrayList<>();
    long at = 0; // of a part's first channel
    for (Part part : parts) {
      long from = Math.max(first, at);
      long to = Math.min(first + count, at + part.count);
      if (from < to) {
        some.add(new Part(part.node, part.first + from - at, to - from));
      }
      at += part.count;
    }
    return new Planes(some, height, width);
  }

  /** One below the other. */
  static Planes concat(Planes... all) {
    List<Part> parts = new ArrayList<>();
    for (Planes planes : all) {
      planes.requireResolutionOf(all[0]);
      parts.addAll(planes.parts);
    }
    return new Planes(parts, all[0].height, all[0].width);
  }

  void requireResolutionOf(Planes other) {
    if (height != other.height || width != other.width) {
      throw new IllegalArgumentException(
          "expected maps of %d x %d, got %d x %d"
              .formatted(other.height, other.width, height, width));
    }
  }

  /** Channels at which a part begins, but for the first. */
  List<Long> cuts() {
    List<Long> cuts = new ArrayList<>();
    long at = 0;
    for (Part part : parts.subList(0, parts.size() - 1)) {
      at += part.count;
      cuts.add(at);
    }
    return cuts;
  }
}
