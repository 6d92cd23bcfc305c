// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReaderTest {
  private static List<List<String>> read(byte[] bytes) throws IOException {
    List<List<String>> all = new ArrayList<>();
    try (CsvReader records = new CsvReader(new ByteArrayInputStream(bytes), "t.csv", ',')) {
      while (records.next()) {
        all.add(records.fields());
      }
    }
    return all;
  }

  private static List<List<String>> read(String text) throws IOException {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String refusal(String text) {
    return assertThrows(MalformedFileException.class, () -> read(text)).getMessage();
  }

  /** The rules of RFC 4180, section 2, in their order. */
  @Test
  void theRules() throws IOException {
    List<List<String>> two = List.of(List.of("aaa", "bbb"), List.of("zzz", "yyy"));
    assertEquals(two, read("aaa,bbb\r\nzzz,yyy\r\n"));
    assertEquals(two, read("aaa,bbb\r\nzzz,yyy"));
    assertEquals(two, read("aaa,bbb\nzzz,yyy\n"));
    assertEquals(List.of(List.of(" a", "b ")), read(" a,b "));
    assertEquals(two, read("\"aaa\",\"bbb\"\r\nzzz,yyy"));
    assertEquals(List.of(List.of("a", "b\r\n,b", "c")), read("\"a\",\"b\r\n,b\",\"c\"\r\n"));
    assertEquals(List.of(List.of("a\"b", "\"")), read("\"a\"\"b\",\"\"\"\"\n"));
  }

  @Test
  void emptyFieldsAndRecords() throws IOException {
    assertEquals(List.of(), read(""));
    assertEquals(List.of(List.of("")), read("\n"));
    assertEquals(List.of(List.of("")), read("\"\""));
    assertEquals(List.of(List.of("", "")), read(","));
    assertEquals(List.of(List.of("", ""), List.of("a", "")), read(",\na,\n"));
    assertEquals(List.of(List.of("a"), List.of(""), List.of("b")), read("a\n\nb\n"));
  }

  @Test
  void aByteOrderMarkIsNoText() throws IOException {
    assertEquals(List.of(List.of("é", "\ud83d\ude00")), read("\ufeffé,\ud83d\ude00\n"));
    assertEquals(List.of(), read("\ufeff"));
    assertEquals(List.of(List.of("a", "\ufeffb")), read("a,\ufeffb"));
  }

  @Test
  void errorsNameLineAndColumn() throws IOException {
    assertEquals(
        "t.csv: line 2, column 3: expected no quote inside a field that does not begin with one",
        refusal("a,b,c\nd,e,f\"\n"));
    assertEquals(
        "t.csv: line 2, column 1: expected a delimiter or the end of the line after a closing"
            + " quote, got 'x'",
        refusal("a\n\"b\"x\n"));
    assertEquals(
        "t.csv: line 1, column 2: expected a line feed after a carriage return, got 'b'",
        refusal("a,c\rb"));
    assertEquals(
        "t.csv: line 1, column 1: expected a line feed after a carriage return, got the end of the"
            + " file",
        refusal("a\r"));
    assertEquals(
        "t.csv: line 4, column 2: the quote opened on line 2 is never closed",
        refusal("a,b\nc,\"d\ne\nf"));
    assertEquals(
        "t.csv: line 2: expected 1 field as in the first record, got 2", refusal("a\nb,c\n"));
    // A field of two lines: the record behind it begins on the fourth.
    assertEquals(
        "t.csv: line 4: expected 2 fields as in the first record, got 1",
        refusal("a,b\n\"c\nc\",d\ne\n"));
    byte[] latin = {'a', ',', (byte) 0xe9, '\n'};
    assertEquals(
        "t.csv: line 1, column 2: expected UTF-8, got bytes that are not",
        assertThrows(MalformedFileException.class, () -> read(latin)).getMessage());
    assertTrue(refusal("x".repeat(CsvReader.LONGEST_FIELD + 1)).contains("got a longer one"));
    assertEquals(1, read("x".repeat(CsvReader.LONGEST_FIELD)).size());
  }

  @ParameterizedTest
  @ValueSource(chars = {'"', '\n', '\r', 0, 127, 'é'})
  void refusesDelimitersThatAreNone(char delimiter) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new CsvReader(InputStream.nullInputStream(), "t.csv", delimiter));
  }

  /** Any fields, written by the rules and in all the ways they allow, come back. */
  @Test
  void whatIsWrittenByTheRulesIsRead() throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    String alphabet = "ab,\"\r\n é\ud83d\ude00";
    for (int round = 0; round < 2000; round++) {
      int width = 1 + random.nextInt(4);
      List<List<String>> expected = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      for (int r = random.nextInt(4); r >= 0; r--) {
        List<String> record = new ArrayList<>();
        for (int c = 0; c < width; c++) {
          StringBuilder field = new StringBuilder();
          for (int i = random.nextInt(5); i > 0; i--) {
            int at = random.nextInt(alphabet.codePointCount(0, alphabet.length()));
            field.appendCodePoint(alphabet.codePointAt(alphabet.offsetByCodePoints(0, at)));
          }
          String value = field.toString();
          boolean quoted =
              value.matches("(?s).*[,\"\r\n].*")
                  || random.nextBoolean()
                  || width == 1 && value.isEmpty();
          text.append(c > 0 ? "," : "")
              .append(quoted ? "\"" + value.replace("\"", "\"\"") + "\"" : value);
          record.add(value);
        }
        expected.add(record);
        text.append(r == 0 && random.nextBoolean() ? "" : random.nextBoolean() ? "\n" : "\r\n");
      }
      assertEquals(expected, read(text.toString()), text::toString);
    }
  }

  @Test
  void recordsLongerThanTheBufferAndTheirLines() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append(i).append(",\"").append("x".repeat(i % 7)).append("\n\"\n");
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    try (CsvReader records = new CsvReader(new ByteArrayInputStream(bytes), "t.csv", ',')) {
      for (int i = 0; i < 20_000; i++) {
        assertTrue(records.next());
        assertEquals(2 * i + 1, records.line());
        assertEquals(String.valueOf(i), records.field(0));
        assertEquals(i % 7 + 1, records.field(1).length());
      }
      assertFalse(records.next());
      assertFalse(records.next());
      assertEquals(2, records.width());
    }
  }

  @Test
  void filesThatCannotBeReadSayWhy(@TempDir Path folder) throws IOException {
    IOException missing =
        assertThrows(IOException.class, () -> CsvReader.open(folder.resolve("none"), ','));
    assertTrue(missing.getMessage().endsWith("no such file or folder"), missing.getMessage());
    assertThrows(IOException.class, () -> CsvReader.open(folder, ','));
    Path file = folder.resolve("t.csv");
    Files.writeString(file, "a;b");
    try (CsvReader records = CsvReader.open(file, ';')) {
      assertTrue(records.next());
      assertEquals("b", records.field(1));
      assertEquals(file + ": wrong", records.bad("wrong").getMessage());
      assertEquals(file + ": line 1, column 2: wrong", records.bad(1, "wrong").getMessage());
    }
  }
}
