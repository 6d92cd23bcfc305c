// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import org.generatrix.bench.run.Worker;
import org.junit.jupiter.api.Test;

class BenchRowTest {
  @Test
  void theShapeFollowsTheFirstColon() {
    assertEquals(
        "784x500:b1024", new BenchRow("gibbs-sweep:784x500:b1024", threads -> null).shape());
  }

  @Test
  void namesWithoutAShapeAreRefused() {
    for (String name : List.of("", "sweep", "sweep:", ":784")) {
      assertThrows(IllegalArgumentException.class, () -> new BenchRow(name, threads -> null));
    }
  }

  @Test
  void everyFamilyIsFoundAndNoNameOccursTwice() {
    List<String> names = Worker.rows().stream().map(BenchRow::name).toList();
    for (String family : List.of("gibbs-sweep", "pcd-epoch", "ais", "call")) {
      assertTrue(
          names.stream().anyMatch(name -> name.startsWith(family + ":")), family + " in " + names);
    }
    assertEquals(names.size(), new HashSet<>(names).size(), "distinct names in " + names);
  }
}
