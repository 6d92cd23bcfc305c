// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.generatrix.data.TableFormat.Header;
import org.generatrix.data.TableFormat.Missing;
import org.generatrix.io.MalformedFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {
  private static Table read(String text, TableFormat format) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return TableReader.read(new ByteArrayInputStream(bytes), "t.csv", format);
  }

  private static Table read(String text) throws IOException {
    return read(text, TableFormat.standard());
  }

  private static String refusal(String text, TableFormat format) {
    return assertThrows(MalformedFileException.class, () -> read(text, format)).getMessage();
  }

  private static String refusal(String text) {
    return refusal(text, TableFormat.standard());
  }

  @Test
  void findsHeaderAndDelimiter() throws IOException {
    Table commas = read("height,\"wei\"\"ght\"\n1.5, 2\n-3e2,+.5\r\n");
    assertEquals(List.of("height", "wei\"ght"), commas.columns());
    assertEquals(2, commas.rows());
    assertArrayEquals(new float[] {1.5f, 2, -300, 0.5f}, commas.floats());
    assertEquals(-300, commas.value(1, 0));
    Table semicolons = read("1;2;3\n4;5;6");
    assertEquals(List.of("1", "2", "3"), semicolons.columns());
    assertEquals(2, semicolons.rows());
    Table tabs = read("a\tb\n1\t2\n");
    assertEquals(List.of("a", "b"), tabs.columns());
    Table one = read("7\n8\n");
    assertEquals(1, one.width());
    assertEquals(2, one.rows());
    assertEquals("Table[2 rows of [1]]", one.toString());
    // A delimiter inside of quotes is none.
    assertEquals(List.of("a;b", "c"), read("\"a;b\",c\n1,2\n").columns());
    assertEquals(0, read("a,b\n").rows());
    assertEquals(List.of("1", "b"), read(",b\n1,2\n").columns());
  }

  @Test
  void takesTheWordOfTheFormat() throws IOException {
    TableFormat bare = TableFormat.standard().withDelimiter('|').withHeader(Header.NO);
    assertArrayEquals(new float[] {1, 2}, read("1|2\n", bare).floats());
    TableFormat headed = TableFormat.standard().withHeader(Header.YES);
    assertEquals(List.of("1980", "1990"), read("1980,1990\n1,2\n", headed).columns());
    assertTrue(
        refusal("a,b\n1,2\n", TableFormat.standard().withHeader(Header.NO)).contains("got a"));
  }

  @Test
  void readsTheChosenColumnsOnly() throws IOException {
    String text = "name,x,y\nfirst,1,2\nsecond,3,4\n";
    Table named = read(text, TableFormat.standard().withColumns("y", "x"));
    assertEquals(List.of("y", "x"), named.columns());
    assertArrayEquals(new float[] {2, 1, 4, 3}, named.floats());
    Table numbered = read(text, TableFormat.standard().withColumns("3"));
    assertArrayEquals(new float[] {2, 4}, numbered.floats());
    // Without a header a text column stands beside numbers.
    Table flowers = read("5.1,3.5,setosa\n", TableFormat.standard().withColumns("1", "2"));
    assertEquals(1, flowers.rows());
    assertEquals(
        "t.csv: expected a column of [name, x, y], got z",
        refusal(text, TableFormat.standard().withColumns("z")));
    assertEquals("t.csv: line 2, column 1: expected a number, got first", refusal(text));
    assertThrows(
        IllegalArgumentException.class, () -> TableFormat.standard().withColumns("x", "x"));
    Table both = read("x,y\n1,2\n").select("y", "x");
    assertArrayEquals(new float[] {2, 1}, both.floats());
    assertThrows(IllegalArgumentException.class, () -> both.select("z"));
    assertThrows(IllegalArgumentException.class, both::select);
  }

  @Test
  void missingValuesAreRefusedOrSkipped() throws IOException {
    String text = "x,y\n1,2\n3,\nNaN,4\n5, NA \n?,1\n6,7\n";
    assertEquals(
        "t.csv: line 3, column 2: expected a number, got an empty field; rows with missing values"
            + " can be left out",
        refusal(text));
    Table left = read(text, TableFormat.standard().withMissing(Missing.SKIP));
    assertArrayEquals(new float[] {1, 2, 6, 7}, left.floats());
    assertEquals(4, left.skipped());
    assertEquals(0, left.original().standardised(Standardisation.of(left)).skipped() - 4);
    // Only in columns that are read.
    TableFormat first = TableFormat.standard().withMissing(Missing.SKIP).withColumns("x");
    assertEquals(4, read(text, first).rows());
  }

  @Test
  void refusesWhatIsNoTable() {
    assertEquals("t.csv: expected a table, got an empty file", refusal(""));
    assertEquals(
        "t.csv: line 3: expected 2 fields as in the first record, got 3",
        refusal("x,y\n1,2\n1,2,3\n"));
    assertEquals(
        "t.csv: line 3: expected 2 fields as in the first record, got 1", refusal("x,y\n1,2\n\n"));
    assertEquals(
        "t.csv: line 1, column 2: expected columns of different names, got a second one called x",
        refusal("x,x\n1,2\n"));
    assertTrue(refusal("a,b;c\n").contains("say which is the delimiter"));
    for (String number :
        List.of("1,5", "0x10", "1d", "Infinity", "1e", "--1", "1 2", "\u0661", "inf")) {
      String text = "\"x\"\n\"" + number + "\"\n";
      assertEquals("t.csv: line 2, column 1: expected a number, got " + number, refusal(text));
    }
    assertEquals(
        "t.csv: line 2, column 1: expected a number that a double holds, got 1e999",
        refusal("x\n1e999\n"));
    String longText = "y".repeat(100);
    assertEquals(
        "t.csv: line 2, column 1: expected a number, got " + "y".repeat(20) + "...",
        refusal("x\n" + longText + "\n"));
  }

  @Test
  void refusesTablesInMemoryThatDoNotFit() {
    assertThrows(IllegalArgumentException.class, () -> new Table(List.of(), new double[0]));
    assertThrows(IllegalArgumentException.class, () -> new Table(List.of("a", "b"), new double[3]));
    assertThrows(IllegalArgumentException.class, () -> new Table(List.of("a", "a"), new double[2]));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Table(List.of("a", "b"), new double[] {1, 2, 3, Double.NaN}));
    assertEquals("expected finite numbers, got NaN in row 1 of column b", e.getMessage());
    Table table = new Table(List.of("a"), new double[2]);
    assertThrows(IndexOutOfBoundsException.class, () -> table.value(2, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> table.value(0, 1));
  }

  @Test
  void partsHoldEachRowOnce() {
    double[] values = new double[100];
    for (int i = 0; i < 100; i++) {
      values[i] = i;
    }
    Table table = new Table(List.of("a", "b"), values);
    Table.Split split = table.split(0.2, 0.1, 3);
    assertEquals(35, split.train().rows());
    assertEquals(10, split.validation().rows());
    assertEquals(5, split.test().rows());
    List<Double> firsts = new ArrayList<>();
    for (Table part : List.of(split.train(), split.validation(), split.test())) {
      for (int r = 0; r < part.rows(); r++) {
        firsts.add(part.value(r, 0));
        assertEquals(part.value(r, 0) + 1, part.value(r, 1));
      }
    }
    assertEquals(50, firsts.stream().distinct().count());
    assertArrayEquals(split.test().floats(), table.split(0.2, 0.1, 3).test().floats());
    assertTrue(
        !java.util.Arrays.equals(split.test().floats(), table.split(0.2, 0.1, 4).test().floats()));
    assertEquals(50, table.split(0, 0, 1).train().rows());
    assertThrows(IllegalArgumentException.class, () -> table.split(0.5, 0.5, 1));
    assertThrows(IllegalArgumentException.class, () -> table.split(-0.1, 0.5, 1));
    assertThrows(IllegalArgumentException.class, () -> table.split(Double.NaN, 0.5, 1));
  }

  @Test
  void standardisationIsKeptAndUndone() {
    Table table = new Table(List.of("a", "b"), new double[] {1, 100, 2, 300, 3, 500, 4, 300});
    Table.Split split = table.split(0, 0.25, 1).standardised();
    Standardisation by = split.train().standardisation();
    assertEquals(by, split.test().standardisation());
    double sum = 0;
    double squares = 0;
    for (int r = 0; r < 3; r++) {
      sum += split.train().value(r, 0);
      squares += split.train().value(r, 0) * split.train().value(r, 0);
    }
    assertEquals(0, sum, 1e-12);
    assertEquals(3, squares, 1e-12);
    Table back = split.test().original();
    assertNull(back.standardisation());
    assertEquals(table.split(0, 0.25, 1).test().value(0, 1), back.value(0, 1), 1e-12);
    assertThrows(IllegalStateException.class, () -> split.train().standardised(by));
    assertThrows(IllegalStateException.class, () -> split.train().select("a"));
  }

  /** A Gaussian's nats in either unit. */
  @Test
  void densitiesAreReportedInTheOriginalUnits() {
    Standardisation by = new Standardisation(new double[] {5, -1}, new double[] {3, 0.1});
    double[] x = {6.5, -0.93};
    double[] z = by.apply(x, 2);
    double original = 0;
    double standardised = 0;
    for (int i = 0; i < 2; i++) {
      double d = by.deviation()[i];
      original -= Math.pow((x[i] - by.mean()[i]) / d, 2) / 2 + Math.log(d * Math.sqrt(2 * Math.PI));
      standardised -= z[i] * z[i] / 2 + Math.log(Math.sqrt(2 * Math.PI));
    }
    assertEquals(original, standardised + by.logDensityShift(), 1e-12);
    assertArrayEquals(x, by.invert(z, 2), 1e-12);
    assertEquals(by, Standardisation.ofJson(by.toJson()));
    assertEquals(by.hashCode(), Standardisation.ofJson(by.toJson()).hashCode());
  }

  @Test
  void refusesStandardisationsThatAreNone() {
    Table constant = new Table(List.of("a", "b"), new double[] {1, 2, 3, 2});
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Standardisation.of(constant));
    assertEquals(
        "expected columns that vary, got the same value in all 2 rows of column b", e.getMessage());
    double[] one = {1};
    assertThrows(IllegalArgumentException.class, () -> new Standardisation(one, new double[2]));
    assertThrows(IllegalArgumentException.class, () -> new Standardisation(one, new double[1]));
    assertThrows(
        IllegalArgumentException.class, () -> new Standardisation(new double[] {Double.NaN}, one));
    Standardisation by = new Standardisation(one, one);
    assertThrows(IllegalArgumentException.class, () -> by.apply(new double[2], 2));
    assertThrows(IllegalArgumentException.class, () -> Standardisation.ofJson("{\"mean\": 1}"));
  }

  @Test
  void filesThatCannotBeReadSayWhy(@TempDir Path folder) throws IOException {
    IOException missing =
        assertThrows(IOException.class, () -> Table.read(folder.resolve("none.csv")));
    assertTrue(missing.getMessage().endsWith("no such file or folder"), missing.getMessage());
    IOException noFile = assertThrows(IOException.class, () -> Table.read(folder));
    assertTrue(noFile.getMessage().contains("found a folder"), noFile.getMessage());
    Path file = folder.resolve("t.csv");
    Files.writeString(file, "x\n1\n");
    assertEquals(1, Table.read(file).rows());
    Files.writeString(file, "x\ny\n");
    assertTrue(
        assertThrows(MalformedFileException.class, () -> Table.read(file))
            .getMessage()
            .startsWith(file + ": line 2"));
  }
}
