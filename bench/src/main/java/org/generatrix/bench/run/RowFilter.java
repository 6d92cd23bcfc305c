// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which rows to run: a name matches if any of the given words occurs in it, {@code *} standing for
 * anything; no words match all. Case does not matter.
 */
public final class RowFilter implements Predicate<String> {
  private final List<Pattern> patterns;

  public RowFilter(List<String> words) {
    patterns = words.stream().map(RowFilter::pattern).toList();
  }

  @Override
  public boolean test(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return patterns.isEmpty()
        || patterns.stream().anyMatch(pattern -> pattern.matcher(lower).find());
  }

  private static Pattern pattern(String word) {
    StringBuilder regex = new StringBuilder();
    for (String part : word.toLowerCase(Locale.ROOT).split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : ".*").append(part.isEmpty() ? "" : Pattern.quote(part));
    }
    return Pattern.compile(regex.toString());
  }
}
