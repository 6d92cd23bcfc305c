// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.io.AtomicFile;

/**
 * A table that a program keeps in a Markdown file, between the lines {@code <!-- NAME:begin -->}
 * and {@code <!-- NAME:end -->}. Rows are known by their first cells: a new measurement takes the
 * place of the old one, and rows that were not measured stay.
 *
 * @param name of the section
 * @param columns titles of the table
 * @param keys how many leading cells make a row what it is
 */
public record MarkdownSection(String name, List<String> columns, int keys) {

  /**
   * Merges rows into the table.
   *
   * @param heading lines to stand above the table; they replace those that stood there
   * @throws IllegalArgumentException when the file has no such section
   */
  public void update(Path file, List<String> heading, List<List<String>> rows) throws IOException {
    String text = merged(Files.readString(file), file.toString(), heading, rows);
    AtomicFile.write(file, text);
  }

  String merged(String text, String file, List<String> heading, List<List<String>> rows) {
    String begin = "<!-- " + name + ":begin -->\n";
    String end = "<!-- " + name + ":end -->";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          "expected the lines "
              + begin.strip()
              + " and "
              + end
              + " in "
              + file
              + ", found no such section");
    }
    Map<List<String>, List<String>> table = parse(text.substring(from + begin.length(), to));
    for (List<String> row : rows) {
      table.put(List.copyOf(row.subList(0, keys)), row);
    }
    StringBuilder section = new StringBuilder();
    heading.forEach(line -> section.append(line).append('\n'));
    section.append(heading.isEmpty() ? "" : "\n");
    section.append(line(columns)).append("|").append(" --- |".repeat(columns.size())).append('\n');
    table.values().forEach(row -> section.append(line(row)));
    return text.substring(0, from + begin.length()) + section + text.substring(to);
  }

  /** The rows that stand in a section, by their keys; rows of another width are dropped. */
  private Map<List<String>, List<String>> parse(String section) {
    Map<List<String>, List<String>> table = new LinkedHashMap<>();
    for (String line : section.lines().filter(line -> line.startsWith("| ")).skip(1).toList()) {
      List<String> cells = new ArrayList<>();
      for (String cell : line.substring(1, line.lastIndexOf('|')).split("\\|", -1)) {
        cells.add(cell.strip());
      }
      if (cells.size() == columns.size() && !cells.get(0).equals("---")) {
        table.put(List.copyOf(cells.subList(0, keys)), cells);
      }
    }
    return table;
  }

  private static String line(List<String> cells) {
    return "| "
        + String.join(" | ", cells.stream().map(cell -> cell.replace("|", "/")).toList())
        + " |\n";
  }
}
