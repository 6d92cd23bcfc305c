// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownSectionTest {
  private static final MarkdownSection SECTION =
      new MarkdownSection("speed", List.of("row", "n", "ms"), 2);
  private static final String EMPTY = "# T\n<!-- speed:begin -->\n<!-- speed:end -->\ntail\n";

  private static String merge(String text, List<List<String>> rows) {
    return SECTION.merged(text, "R.md", List.of("today"), rows);
  }

  @Test
  void anEmptySectionBecomesATable() {
    assertEquals(
        "# T\n<!-- speed:begin -->\ntoday\n\n| row | n | ms |\n| --- | --- | --- |\n| a | 2 | 1.5 |\n<!-- speed:end -->\ntail\n",
        merge(EMPTY, List.of(List.of("a", "2", "1.5"))));
  }

  @Test
  void measuredRowsAreReplacedInPlaceAndOthersStay() {
    String before =
        merge(
            EMPTY, List.of(List.of("a", "2", "1"), List.of("b", "2", "1"), List.of("a", "1", "1")));
    String after = merge(before, List.of(List.of("b", "2", "9"), List.of("c", "1", "9")));
    assertEquals(
        merge(
            EMPTY,
            List.of(
                List.of("a", "2", "1"),
                List.of("b", "2", "9"),
                List.of("a", "1", "1"),
                List.of("c", "1", "9"))),
        after);
  }

  @Test
  void mergingTheSameAgainChangesNothing() {
    List<List<String>> rows = List.of(List.of("a", "2", ""), List.of("b", "2", "-"));
    String once = merge(EMPTY, rows);
    assertEquals(once, merge(once, rows));
  }

  @Test
  void aBarInACellDoesNotBreakTheTable() {
    String text = merge(EMPTY, List.of(List.of("p(v|h)", "2", "1")));
    assertTrue(text.contains("| p(v/h) | 2 | 1 |"), text);
  }

  @Test
  void aFileWithoutTheSectionIsRefusedByName() {
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> merge("# no section\n", List.of()));
    assertTrue(
        failure.getMessage().contains("R.md") && failure.getMessage().contains("speed:begin"));
  }
}
