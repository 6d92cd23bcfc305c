// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Recursive descent over one text; the depth limit bounds the stack. */
final class JsonParser {
  private final String text;
  private int at;
  private int depth;

  JsonParser(String text) {
    this.text = text;
  }

  Object document() {
    skipSpace();
    Object value = value();
    skipSpace();
    if (at < text.length()) {
      throw expected("the end of the text");
    }
    return value;
  }

  private Object value() {
    switch (peek()) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return string();
      case 't':
        return literal("true", Boolean.TRUE);
      case 'f':
        return literal("false", Boolean.FALSE);
      case 'n':
        return literal("null", null);
      default:
        return number();
    }
  }

  private Map<String, Object> object() {
    open();
    Map<String, Object> object = new LinkedHashMap<>();
    if (!closes('}')) {
      do {
        skipSpace();
        int start = at;
        if (peek() != '"') {
          throw expected("a key in double quotes");
        }
        String key = string();
        if (object.containsKey(key)) {
          throw new JsonException(
              "expected each key once, got \"" + Text.shorten(key) + "\" again", start);
        }
        skipSpace();
        take(':');
        skipSpace();
        object.put(key, value());
      } while (more('}'));
    }
    depth--;
    return object;
  }

  private List<Object> array() {
    open();
    List<Object> array = new ArrayList<>();
    if (!closes(']')) {
      do {
        skipSpace();
        array.add(value());
      } while (more(']'));
    }
    depth--;
    return array;
  }

  private void open() {
    if (++depth > Json.MAX_DEPTH) {
      throw new JsonException(
          "expected at most " + Json.MAX_DEPTH + " nested levels, got more", at);
    }
    at++;
    skipSpace();
  }

  private boolean closes(char close) {
    if (peek() != close) {
      return false;
    }
    at++;
    return true;
  }

  private boolean more(char close) {
    skipSpace();
    if (closes(close)) {
      return false;
    }
    if (peek() != ',') {
      throw expected("',' or '" + close + "'");
    }
    at++;
    return true;
  }

  private Object literal(String word, Object value) {
    if (!text.startsWith(word, at)) {
      throw expected(word);
    }
    at += word.length();
    return value;
  }

  private Object number() {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    boolean leadingZero = peek() == '0';
    int digits = digits(at == start ? "a value" : "a digit");
    if (leadingZero && digits > 1) {
      throw new JsonException(
          "expected a number without leading zeros, got " + Text.shorten(text.substring(start, at)),
          start);
    }
    boolean whole = true;
    if (peek() == '.') {
      at++;
      digits("a digit");
      whole = false;
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits("a digit");
      whole = false;
    }
    return convert(text.substring(start, at), whole, start);
  }

  private int digits(String what) {
    int start = at;
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
    if (at == start) {
      throw expected(what);
    }
    return at - start;
  }

  private static Object convert(String number, boolean whole, int start) {
    if (whole && !number.equals("-0")) {
      try {
        return Long.parseLong(number);
      } catch (NumberFormatException e) {
        throw new JsonException(
            "expected a whole number of at most 64 bits, got " + Text.shorten(number), start);
      }
    }
    double value = Double.parseDouble(number);
    if (Double.isInfinite(value)) {
      throw new JsonException(
          "expected a number that a double can hold, got " + Text.shorten(number), start);
    }
    return value;
  }

  private String string() {
    int start = at++;
    int plainEnd = at;
    while (plainEnd < text.length() && isPlain(text.charAt(plainEnd))) {
      plainEnd++;
    }
    StringBuilder out = new StringBuilder().append(text, at, plainEnd);
    at = plainEnd;
    while (true) {
      if (at >= text.length()) {
        throw new JsonException(
            "expected the closing '\"' of the string, got the end of the text", at);
      }
      char c = text.charAt(at++);
      if (c == '"') {
        break;
      } else if (c == '\\') {
        out.append(escape());
      } else if (c < ' ') {
        throw new JsonException(
            "expected control characters in strings to be escaped, got " + Text.show(c), at - 1);
      } else {
        out.append(c);
      }
    }
    int lone = Text.loneSurrogate(out);
    if (lone >= 0) {
      throw new JsonException(
          "expected whole surrogate pairs, got "
              + Text.show(out.charAt(lone))
              + " alone in the string",
          start);
    }
    return out.toString();
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c != '"' && c != '\\';
  }

  private char escape() {
    char c = peek();
    at++;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        return c;
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u':
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = peek() < 128 ? Character.digit(peek(), 16) : -1;
          if (digit < 0) {
            throw expected("four hexadecimal digits after \\u");
          }
          code = code * 16 + digit;
          at++;
        }
        return (char) code;
      default:
        at--;
        throw expected("one of \"\\/bfnrtu after a backslash");
    }
  }

  private void skipSpace() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
      at++;
    }
  }

  /** The next character, or 0 at the end: no rule of the grammar takes a 0, so neither passes. */
  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void take(char c) {
    if (peek() != c) {
      throw expected("'" + c + "'");
    }
    at++;
  }

  private JsonException expected(String what) {
    String got = at < text.length() ? Text.show(text.charAt(at)) : "the end of the text";
    return new JsonException("expected " + what + ", got " + got, at);
  }
}
