// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValue() {
    Map<String, Object> object =
        Json.parseObject(
            " {\"a\":[1, -2.5,1e3,true ,false,null], \"b\" : {\"\":\"x\"},\n\"c\":[],\t\"d\":{}\r} ");
    assertEquals(Arrays.asList(1L, -2.5, 1000.0, true, false, null), object.get("a"));
    assertEquals(Map.of("", "x"), object.get("b"));
    assertEquals(List.of(), object.get("c"));
    assertEquals(Map.of(), object.get("d"));
    assertEquals(
        List.of("a", "b", "c", "d"), new ArrayList<>(object.keySet()), "the order of the text");
  }

  @Test
  void readsEscapes() {
    assertEquals(
        "\"\\/\b\f\n\r\t\u00e9\ud83d\ude00",
        Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\""));
    assertEquals(
        "\u00e9\ud83d\ude00",
        Json.parse("\"\u00e9\ud83d\ude00\"".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void readsTheLimitsOfNumbers() {
    assertEquals(Long.MAX_VALUE, Json.parse("9223372036854775807"));
    assertEquals(Long.MIN_VALUE, Json.parse("-9223372036854775808"));
    assertEquals(Double.MAX_VALUE, Json.parse("1.7976931348623157E308"));
    assertEquals(Double.MIN_VALUE, Json.parse("4.9e-324"));
    assertEquals(-0.0, Json.parse("-0"), "a long has no negative zero");
    assertEquals(0L, Json.parse("0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1,]|expected a value, got ']' at character 3",
        "[1 2]|expected ',' or ']', got '2' at character 3",
        "[|expected a value, got the end of the text at character 1",
        "{\"a\":1,}|expected a key in double quotes, got '}' at character 7",
        "{a:1}|expected a key in double quotes, got 'a' at character 1",
        "{\"a\" 1}|expected ':', got '1' at character 5",
        "{\"a\":1 \"b\":2}|expected ',' or '}', got '\"' at character 7",
        "{\"a\":1,\"a\":2}|expected each key once, got \"a\" again at character 7",
        "01|expected a number without leading zeros, got 01 at character 0",
        "-|expected a digit, got the end of the text at character 1",
        "1.|expected a digit, got the end of the text at character 2",
        "1.e5|expected a digit, got 'e' at character 2",
        "1e|expected a digit, got the end of the text at character 2",
        "+1|expected a value, got '+' at character 0",
        ".5|expected a value, got '.' at character 0",
        "NaN|expected a value, got 'N' at character 0",
        "0x10|expected the end of the text, got 'x' at character 1",
        "9223372036854775808|expected a whole number of at most 64 bits, got 9223372036854775808 at character 0",
        "-1e999|expected a number that a double can hold, got -1e999 at character 0",
        "tru|expected true, got 't' at character 0",
        "nul|expected null, got 'n' at character 0",
        "fals|expected false, got 'f' at character 0",
        "1 1|expected the end of the text, got '1' at character 2",
        "\"abc|expected the closing '\"' of the string, got the end of the text at character 4",
        "\"\\x\"|expected one of \"\\/bfnrtu after a backslash, got 'x' at character 2",
        "\"\\|expected one of \"\\/bfnrtu after a backslash, got the end of the text at character 2",
        "\"\\u12g4\"|expected four hexadecimal digits after \\u, got 'g' at character 5",
        "\"\\ud800\"|expected whole surrogate pairs, got U+D800 alone in the string at character 0",
        "\"\\ude00\\ud83d\"|expected whole surrogate pairs, got U+DE00 alone in the string at character 0",
        "// no|expected a value, got '/' at character 0",
      })
  void refuses(String text, String message) {
    assertEquals(message, assertThrows(JsonException.class, () -> Json.parse(text)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "\n", "\ufeff1", "\u00001", "\"\t\"", "\"\u0000\"", "\u00a01", "'a'"})
  void refusesOddCharacters(String text) {
    assertThrows(JsonException.class, () -> Json.parse(text));
  }

  @Test
  void refusesFullWidthDigits() {
    assertThrows(JsonException.class, () -> Json.parse("\uff11"));
    assertThrows(JsonException.class, () -> Json.parse("\"\\u\uff11\uff11\uff11\uff11\""));
  }

  @Test
  void refusesIllFormedUtf8() {
    byte[] bytes = {'"', 'a', (byte) 0xc0, (byte) 0x80, '"'};
    JsonException e = assertThrows(JsonException.class, () -> Json.parse(bytes));
    assertEquals(
        "expected UTF-8, got ill-formed bytes after the character at character 2", e.getMessage());
    assertEquals(2, e.offset());
  }

  @Test
  void boundsTheDepth() {
    String deepest = "[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH);
    assertEquals(deepest, Json.print(Json.parse(deepest)));
    JsonException e = assertThrows(JsonException.class, () -> Json.parse("[".repeat(1_000_000)));
    assertEquals("expected at most 100 nested levels, got more at character 100", e.getMessage());
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    assertThrows(IllegalArgumentException.class, () -> Json.print(itself));
  }

  @Test
  void objectsOnlyWhereAsked() {
    JsonException e = assertThrows(JsonException.class, () -> Json.parseObject("[1]"));
    assertTrue(e.getMessage().startsWith("expected an object, got an array"), e.getMessage());
  }

  @Test
  void printsCompactlyAndIndented() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("z", Arrays.asList(1, 2L, (short) 3, (byte) 4, 0.5f, null, true));
    object.put("a", "q\"\\\n\u0001\u00e9");
    object.put("e", Map.of());
    assertEquals(
        "{\"z\":[1,2,3,4,0.5,null,true],\"a\":\"q\\\"\\\\\\n\\u0001\u00e9\",\"e\":{}}",
        Json.print(object));
    assertEquals("{\n  \"k\": [\n    1\n  ]\n}\n", Json.printIndented(Map.of("k", List.of(1))));
  }

  @Test
  void refusesToPrintWhatIsNotJson() {
    assertThrows(IllegalArgumentException.class, () -> Json.print(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Json.print(Float.NEGATIVE_INFINITY));
    assertThrows(IllegalArgumentException.class, () -> Json.print(new int[1]));
    assertThrows(IllegalArgumentException.class, () -> Json.print(Map.of(1, 2)));
    assertThrows(IllegalArgumentException.class, () -> Json.print("\ud800"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Json.print('c'));
    assertEquals(
        "expected a map, list, string, number, boolean or null, got java.lang.Character",
        e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1.0",
    "-1, -1.0",
    "0.1, 0.1",
    "100, 100.0",
    "0.05, 0.05",
    "1e-5, 0.00001",
    "1e-6, 1e-6",
    "1.5e-7, 1.5e-7",
    "1e15, 1000000000000000.0",
    "1e16, 1e16",
    "2e23, 2e23",
    "-1.25e300, -1.25e300",
    "4.9e-324, 5e-324",
    "1.7976931348623157e308, 1.7976931348623157e308",
    "0.30000000000000004, 0.30000000000000004",
    "-0.0, -0.0",
    "0.0, 0.0",
    "123456.789, 123456.789"
  })
  void printsTheShortestDecimal(double value, String text) {
    assertEquals(text, Json.print(value));
  }

  @Test
  void doublesSurviveBitForBit() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 20_000; i++) {
      double d = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(d)) {
        String text = Json.print(d);
        Object back = Json.parse(text);
        assertEquals(
            Double.doubleToRawLongBits(d), Double.doubleToRawLongBits((Double) back), text);
        assertEquals(text, Json.print(back));
      }
    }
  }
}
