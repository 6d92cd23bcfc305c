// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Prints one value. */
final class JsonPrinter {
  private final StringBuilder out = new StringBuilder();
  private final boolean indented;
  private int depth;

  JsonPrinter(boolean indented) {
    this.indented = indented;
  }

  String print(Object value) {
    value(value);
    return indented ? out.append('\n').toString() : out.toString();
  }

  private void value(Object value) {
    if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof String) {
      string((String) value);
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      out.append(value);
    } else if (value instanceof Double || value instanceof Float) {
      number(((Number) value).doubleValue());
    } else if (value instanceof Map) {
      object((Map<?, ?>) value);
    } else if (value instanceof List) {
      array((List<?>) value);
    } else {
      throw new IllegalArgumentException(
          "expected a map, list, string, number, boolean or null, got "
              + value.getClass().getName());
    }
  }

  private void object(Map<?, ?> map) {
    open('{');
    Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<?, ?> entry = entries.next();
      if (!(entry.getKey() instanceof String)) {
        throw new IllegalArgumentException("expected string keys, got " + entry.getKey());
      }
      newLine();
      string((String) entry.getKey());
      out.append(indented ? ": " : ":");
      value(entry.getValue());
      if (entries.hasNext()) {
        out.append(',');
      }
    }
    close('}', map.isEmpty());
  }

  private void array(List<?> list) {
    open('[');
    Iterator<?> items = list.iterator();
    while (items.hasNext()) {
      newLine();
      value(items.next());
      if (items.hasNext()) {
        out.append(',');
      }
    }
    close(']', list.isEmpty());
  }

  // The depth limit also ends the recursion of a list that holds itself.
  private void open(char bracket) {
    if (++depth > Json.MAX_DEPTH) {
      throw new IllegalArgumentException(
          "expected at most " + Json.MAX_DEPTH + " nested levels, got more");
    }
    out.append(bracket);
  }

  private void close(char bracket, boolean empty) {
    depth--;
    if (!empty) {
      newLine();
    }
    out.append(bracket);
  }

  private void newLine() {
    if (indented) {
      out.append('\n').append("  ".repeat(depth));
    }
  }

  private void string(String s) {
    int lone = Text.loneSurrogate(s);
    if (lone >= 0) {
      throw new IllegalArgumentException(
          String.format(
              "expected whole surrogate pairs, got U+%04X alone in a string",
              (int) s.charAt(lone)));
    }
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c == '\n') {
        out.append("\\n");
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private void number(double d) {
    if (Double.isNaN(d) || Double.isInfinite(d)) {
      throw new IllegalArgumentException("expected a finite number, got " + d);
    }
    out.append(shortest(d));
  }

  /**
   * The shortest decimal that reads back as d, always with a fraction or an exponent so that it
   * reads back as a double. Double.toString gives the shortest only from Java 19 on, and files must
   * not depend on the Java version.
   */
  static String shortest(double d) {
    if (d == 0) {
      return 1 / d < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(d);
    BigDecimal decimal = exact;
    for (int digits = 1; digits <= 17; digits++) {
      decimal = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (decimal.doubleValue() == d) {
        break; // at 17 digits at the latest
      }
    }
    decimal = decimal.stripTrailingZeros();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -5 && exponent < 16) {
      return (decimal.scale() < 1 ? decimal.setScale(1) : decimal).toPlainString();
    }
    String digits = decimal.unscaledValue().abs().toString();
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    return (d < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + exponent;
  }
}
