// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * JSON (RFC 8259) to and from plain Java values, strictly.
 *
 * <table>
 * <caption>Values</caption>
 * <tr><th>JSON</th><th>Java</th></tr>
 * <tr><td>object</td><td>{@link Map} with string keys, in the order of the text</td></tr>
 * <tr><td>array</td><td>{@link List}</td></tr>
 * <tr><td>string</td><td>{@link String}</td></tr>
 * <tr><td>number without fraction and exponent</td><td>{@link Long}</td></tr>
 * <tr><td>any other number, and -0</td><td>{@link Double}</td></tr>
 * <tr><td>true, false, null</td><td>{@link Boolean}, {@code null}</td></tr>
 * </table>
 *
 * <p>Parsing refuses what other parsers let pass in different ways: a key given twice, a number
 * that no long or finite double can hold, half of a surrogate pair, ill-formed UTF-8, anything
 * after the value, and nesting deeper than {@value #MAX_DEPTH}. Printing is deterministic on every
 * Java version: what was parsed from printed text prints as the same text again.
 *
 * <pre>{@code
 * Map<String, Object> config = Json.parseObject("{\"visible\": 784, \"centered\": true}");
 * long visible = (Long) config.get("visible");
 * String text = Json.print(config);  // {"visible":784,"centered":true}
 * }</pre>
 */
public final class Json {
  /** How deep objects and arrays may nest. */
  public static final int MAX_DEPTH = 100;

  private Json() {}

  /**
   * The value a text stands for; maps and lists in it may be modified.
   *
   * @throws JsonException when the text is not one JSON value
   */
  public static Object parse(String text) {
    return new JsonParser(text).document();
  }

  /** The same from UTF-8, without a byte order mark. */
  public static Object parse(byte[] utf8) {
    try {
      return parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (CharacterCodingException e) {
      throw new JsonException(
          "expected UTF-8, got ill-formed bytes after the character", wellFormedPrefix(utf8));
    }
  }

  /**
   * The object a text stands for.
   *
   * @throws JsonException when the text is not one JSON object
   */
  public static Map<String, Object> parseObject(String text) {
    Object value = parse(text);
    if (!(value instanceof Map)) {
      throw new JsonException("expected an object, got " + kind(value), 0);
    }
    @SuppressWarnings("unchecked") // the parser makes maps with string keys alone
    Map<String, Object> object = (Map<String, Object>) value;
    return object;
  }

  /**
   * The text of a value, on one line and without spaces.
   *
   * @param value maps with string keys, lists, strings, booleans, null, the integer types up to
   *     long, and float and double
   * @throws IllegalArgumentException for any other type, NaN, an infinity, half of a surrogate
   *     pair, or nesting deeper than {@value #MAX_DEPTH}
   */
  public static String print(Object value) {
    return new JsonPrinter(false).print(value);
  }

  /**
   * The text of a value over several lines, two spaces deeper at each level, for files that people
   * read.
   */
  public static String printIndented(Object value) {
    return new JsonPrinter(true).print(value);
  }

  /** What a parsed value is, with its article, for messages. */
  static String kind(Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof List) {
      return "an array";
    }
    if (value instanceof String) {
      return "a string";
    }
    return value instanceof Boolean ? "a boolean" : "the number " + value;
  }

  private static int wellFormedPrefix(byte[] utf8) {
    java.nio.CharBuffer chars = java.nio.CharBuffer.allocate(utf8.length);
    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8), chars, true);
    return chars.position();
  }
}
