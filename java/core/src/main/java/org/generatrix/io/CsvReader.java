// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Records of text fields, one after the other, as RFC 4180 lays them out: fields end at a
 * delimiter, records at a line feed with or without a carriage return before it; a field in double
 * quotes may hold all three, and a quote as two. The last record may lack its end. The text is
 * UTF-8, with or without a byte order mark.
 *
 * <p>The reader is strict where others guess: a quote inside a bare field, text behind a closing
 * quote, a quote that is never closed, a carriage return alone, bytes that are not UTF-8, and a
 * record of more or fewer fields than the first are errors. Every message names the file, the line
 * and, for a field, its column, both counted from 1.
 */
public final class CsvReader implements Closeable {
  /** The bytes that a field may have. */
  static final int LONGEST_FIELD = 1 << 20;

  private static final int END = -1;

  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int limit;

  private final String file;
  private final int delimiter;
  private final List<String> fields = new ArrayList<>();
  private byte[] bytes = new byte[64];
  private int length;
  private int next; // the byte that comes next, or END
  private long line; // of next
  private long recordLine;
  private int column; // of next, counted from 1
  private int width = -1; // fields of the first record

  /**
   * Reads from a stream, which closing this closes.
   *
   * @param file names it in messages
   * @param delimiter an ASCII character, no quote and no end of a line
   */
  public CsvReader(InputStream in, String file, char delimiter) throws IOException {
    if (delimiter == 0 || delimiter > 126 || "\"\r\n".indexOf(delimiter) >= 0) {
      throw new IllegalArgumentException(
          "expected an ASCII character that is no quote and no end of a line as the delimiter,"
              + " got "
              + Text.show(delimiter));
    }
    this.in = in;
    this.file = file;
    this.delimiter = delimiter;
    limit = in.readNBytes(buffer, 0, buffer.length);
    boolean marked =
        limit >= 3
            && buffer[0] == (byte) 0xef
            && buffer[1] == (byte) 0xbb
            && buffer[2] == (byte) 0xbf;
    at = marked ? 3 : 0;
    line = 1;
    advance();
  }

  /** Opens a file. */
  public static CsvReader open(Path file, char delimiter) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("cannot read " + file + ": expected a file, found a folder");
    }
    InputStream in = null;
    try {
      in = Files.newInputStream(file);
      return new CsvReader(in, file.toString(), delimiter);
    } catch (IOException e) {
      if (in != null) {
        in.close();
      }
      throw new IOException("cannot read " + file + ": " + FileErrors.reason(e), e);
    }
  }

  /**
   * Goes to the next record.
   *
   * @return false at the end
   * @throws MalformedFileException when what follows is none
   */
  public boolean next() throws IOException {
    if (next == END) {
      return false;
    }
    fields.clear();
    recordLine = line;
    while (!field()) {
      continue;
    }
    if (width < 0) {
      width = fields.size();
    } else if (fields.size() != width) {
      throw new MalformedFileException(
          "%s: line %d: expected %d field%s as in the first record, got %d"
              .formatted(file, recordLine, width, width == 1 ? "" : "s", fields.size()));
    }
    return true;
  }

  /** How many fields each record has; known once the first is read. */
  public int width() {
    return width;
  }

  /** A field of the record, counted from 0. */
  public String field(int index) {
    return fields.get(index);
  }

  /** All fields of the record, a copy. */
  public List<String> fields() {
    return List.copyOf(fields);
  }

  /** The line on which the record begins, counted from 1. */
  public long line() {
    return recordLine;
  }

  /** Something wrong with a field of the record: an exception to throw, not thrown here. */
  public MalformedFileException bad(int index, String problem) {
    return new MalformedFileException(
        "%s: line %d, column %d: %s".formatted(file, recordLine, index + 1, problem));
  }

  /** Something wrong with the file as a whole. */
  public MalformedFileException bad(String problem) {
    return new MalformedFileException(file + ": " + problem);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  // Reads a field and what ends it; whether that was the record's end.
  private boolean field() throws IOException {
    length = 0;
    column = fields.size() + 1;
    if (next == '"') {
      quoted();
    } else {
      bare();
    }
    fields.add(text());
    return ended();
  }

  private boolean ended() throws IOException {
    if (next == delimiter) {
      advance();
      return false;
    }
    if (next == '\r') {
      advance();
      if (next != '\n') {
        throw here("expected a line feed after a carriage return, got " + show());
      }
    }
    if (next == '\n') {
      advance();
      line++;
    } else if (next != END) {
      throw here(
          "expected a delimiter or the end of the line after a closing quote, got " + show());
    }
    return true;
  }

  private void bare() throws IOException {
    while (next != delimiter && next != '\r' && next != '\n' && next != END) {
      if (next == '"') {
        throw here("expected no quote inside a field that does not begin with one");
      }
      take();
    }
  }

  private void quoted() throws IOException {
    long opened = line;
    advance();
    while (true) {
      if (next == '"') {
        advance();
        if (next != '"') {
          return;
        }
      } else if (next == END) {
        throw here("the quote opened on line " + opened + " is never closed");
      } else if (next == '\n') {
        line++;
      }
      take();
    }
  }

  private void take() throws IOException {
    if (length == LONGEST_FIELD) {
      throw here("expected fields of at most " + LONGEST_FIELD + " bytes, got a longer one");
    }
    if (length == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * length);
    }
    bytes[length++] = (byte) next;
    advance();
  }

  private void advance() throws IOException {
    if (at == limit) {
      at = 0;
      limit = Math.max(0, in.read(buffer));
    }
    next = at < limit ? buffer[at++] & 0xff : END;
  }

  private String text() throws IOException {
    int ascii = 0;
    while (ascii < length && bytes[ascii] >= 0) {
      ascii++;
    }
    if (ascii == length) {
      return length == 0 ? "" : new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
    try {
      ByteBuffer stored = ByteBuffer.wrap(bytes, 0, length);
      return StandardCharsets.UTF_8.newDecoder().decode(stored).toString();
    } catch (CharacterCodingException e) {
      throw bad(fields.size(), "expected UTF-8, got bytes that are not");
    }
  }

  private MalformedFileException here(String problem) {
    return new MalformedFileException(
        "%s: line %d, column %d: %s".formatted(file, line, column, problem));
  }

  // What comes next, for a message.
  private String show() {
    if (next == END) {
      return "the end of the file";
    }
    return next > ' ' && next < 127
        ? "'" + (char) next + "'"
        : String.format("the byte %02x", next);
  }
}
