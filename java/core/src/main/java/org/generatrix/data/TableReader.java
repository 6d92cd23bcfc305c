// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.generatrix.data.TableFormat.Header;
import org.generatrix.data.TableFormat.Missing;
import org.generatrix.io.CsvReader;
import org.generatrix.io.FileErrors;
import org.generatrix.io.MalformedFileException;

/** Reads one table. */
final class TableReader {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Set<String> MISSING = Set.of("", "na", "n/a", "nan", "null", "?");
  private static final char[] DELIMITERS = {',', ';', '\t'};
  private static final int FIRST_LINE = 1 << 16; // bytes in which the delimiter is looked for
  private static final int SHOWN = 40; // characters of a field in a message

  private final CsvReader records;
  private final TableFormat format;
  private int[] chosen; // fields of a record
  private double[] values = new double[1 << 10];
  private int size;
  private int skipped;

  private TableReader(CsvReader records, TableFormat format) {
    this.records = records;
    this.format = format;
  }

  static Table read(Path file, TableFormat format) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("cannot read " + file + ": expected a file, found a folder");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), format);
    } catch (MalformedFileException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("cannot read " + file + ": " + FileErrors.reason(e), e);
    }
  }

  static Table read(InputStream in, String file, TableFormat format) throws IOException {
    char delimiter = format.delimiter();
    InputStream whole = in;
    if (delimiter == TableFormat.FIND) {
      byte[] start = in.readNBytes(FIRST_LINE);
      delimiter = delimiter(start, file);
      whole = new SequenceInputStream(new ByteArrayInputStream(start), in);
    }
    return new TableReader(new CsvReader(whole, file, delimiter), format).table();
  }

  /** The one kind of delimiter outside of quotes in the first line; a comma if there is none. */
  private static char delimiter(byte[] start, String file) throws IOException {
    boolean[] found = new boolean[DELIMITERS.length];
    boolean quoted = false;
    for (byte b : start) {
      if (b == '"') {
        quoted = !quoted;
      } else if (b == '\n' && !quoted) {
        break;
      }
      for (int i = 0; i < DELIMITERS.length; i++) {
        found[i] |= !quoted && b == DELIMITERS[i];
      }
    }
    char delimiter = DELIMITERS[0];
    int kinds = 0;
    for (int i = 0; i < DELIMITERS.length; i++) {
      if (found[i]) {
        delimiter = DELIMITERS[i];
        kinds++;
      }
    }
    if (kinds > 1) {
      throw new MalformedFileException(
          file
              + ": expected one of comma, semicolon and tab in the first line, got several;"
              + " say which is the delimiter");
    }
    return delimiter;
  }

  private Table table() throws IOException {
    if (!records.next()) {
      throw records.bad("expected a table, got an empty file");
    }
    boolean header = header();
    List<String> names = names(header);
    chosen = chosen(names);
    if (header) {
      while (records.next()) {
        row();
      }
    } else {
      do {
        row();
      } while (records.next());
    }
    List<String> columns = Arrays.stream(chosen).mapToObj(names::get).toList();
    return new Table(columns, Arrays.copyOf(values, size), skipped, null);
  }

  // --- Columns --------------------------------------------------------------------------------

  private boolean header() {
    if (format.header() != Header.FIND) {
      return format.header() == Header.YES;
    }
    boolean text = false;
    for (String field : records.fields()) {
      if (NUMBER.matcher(field.strip()).matches()) {
        return false;
      }
      text |= !missing(field.strip());
    }
    return text;
  }

  private List<String> names(boolean header) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (int i = 0; i < records.width(); i++) {
      String name = header ? records.field(i).strip() : "";
      name = name.isEmpty() ? String.valueOf(i + 1) : name;
      if (!names.add(name)) {
        throw records.bad(
            i, "expected columns of different names, got a second one called " + shorten(name));
      }
    }
    return new ArrayList<>(names);
  }

  private int[] chosen(List<String> names) throws IOException {
    int[] all = new int[format.columns().isEmpty() ? names.size() : format.columns().size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = format.columns().isEmpty() ? i : index(names, format.columns().get(i));
    }
    return all;
  }

  private int index(List<String> names, String wanted) throws IOException {
    int index = names.indexOf(wanted);
    if (index < 0 && wanted.matches("[1-9]\\d{0,8}")) {
      index = Integer.parseInt(wanted) - 1;
    }
    if (index < 0 || index >= names.size()) {
      throw records.bad(
          "expected a column of " + shorten(names.toString()) + ", got " + shorten(wanted));
    }
    return index;
  }

  // --- Rows -----------------------------------------------------------------------------------

  private void row() throws IOException {
    reserve(chosen.length);
    boolean whole = true;
    for (int i = 0; i < chosen.length; i++) {
      String field = records.field(chosen[i]).strip();
      if (!missing(field)) {
        values[size + i] = number(field, chosen[i]);
      } else if (format.missing() == Missing.SKIP) {
        whole = false;
      } else {
        throw records.bad(
            chosen[i],
            "expected a number, got "
                + (field.isEmpty() ? "an empty field" : field)
                + "; rows with missing values can be left out");
      }
    }
    size += whole ? chosen.length : 0;
    skipped += whole ? 0 : 1;
  }

  private static boolean missing(String field) {
    return field.length() < 5 && MISSING.contains(field.toLowerCase(Locale.ROOT));
  }

  private double number(String field, int column) throws IOException {
    if (!NUMBER.matcher(field).matches()) {
      throw records.bad(column, "expected a number, got " + shorten(field));
    }
    double value = Double.parseDouble(field);
    if (Double.isInfinite(value)) {
      throw records.bad(column, "expected a number that a double holds, got " + shorten(field));
    }
    return value;
  }

  private void reserve(int more) throws IOException {
    if (size > Integer.MAX_VALUE - 8 - more) {
      throw records.bad("expected at most " + (Integer.MAX_VALUE - 8) + " numbers, got more");
    }
    if (size + more > values.length) {
      long doubled = Math.max(2L * values.length, (long) size + more);
      values = Arrays.copyOf(values, (int) Math.min(Integer.MAX_VALUE - 8, doubled));
    }
  }

  private static String shorten(String s) {
    return s.length() <= SHOWN ? s : s.substring(0, s.offsetByCodePoints(0, SHOWN / 2)) + "...";
  }
}
