// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowFilterTest {
  private static final String NAME = "gibbs-sweep:784x500:b1024";

  private static boolean matches(String... words) {
    return new RowFilter(List.of(words)).test(NAME);
  }

  @Test
  void noWordsMatchEverything() {
    assertTrue(matches());
  }

  @Test
  void aWordMatchesAnywhereInAnyCase() {
    assertTrue(matches("gibbs"));
    assertTrue(matches("784X500"));
    assertTrue(matches("1024"));
    assertFalse(matches("ais"));
  }

  @Test
  void anyOfSeveralWordsIsEnough() {
    assertTrue(matches("ais", "sweep"));
    assertFalse(matches("ais", "pcd"));
  }

  @Test
  void aStarStandsForAnything() {
    assertTrue(matches("gibbs*b1024"));
    assertTrue(matches("*:784*"));
    assertTrue(matches("*"));
    assertFalse(matches("b1024*gibbs"));
  }

  @Test
  void otherSignsStandForThemselves() {
    assertFalse(matches("gibbs.sweep"));
    assertFalse(matches("[a-z]"));
  }
}
