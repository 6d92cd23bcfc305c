// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.generatrix.io.MalformedFileException;

/**
 * Gzip (RFC 1952), strictly: every member's header, checksum and length are checked, and nothing
 * but members may follow. java.util.zip.GZIPInputStream silently drops what follows the last
 * member, and with it the tail of a damaged file.
 */
final class GzipInput extends InputStream {
  private static final int HEADER_CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final InputStream in;
  private final String file;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 headerChecksum = new CRC32();
  private final CRC32 checksum = new CRC32();
  private final byte[] buffer = new byte[1 << 14];
  private int at;
  private int limit;
  private boolean ended;

  /** Reads the first member's header; closing this closes the stream below. */
  GzipInput(InputStream in, String file) throws IOException {
    this.in = in;
    this.file = file;
    try {
      readHeader(nextByte());
    } catch (Throwable e) {
      inflater.end();
      throw e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      int got = inflate(into, offset, length);
      if (got > 0) {
        checksum.update(into, offset, got);
        return got;
      }
      if (inflater.finished()) {
        at = limit - inflater.getRemaining();
        readTrailer();
        int next = fill() ? nextByte() : -1;
        ended = next < 0;
        if (!ended) {
          readHeader(next);
        }
      } else if (inflater.needsDictionary()) {
        throw bad("damaged gzip data: it asks for a dictionary");
      } else {
        at = limit;
        if (!fill()) {
          throw bad("the gzip data is cut short");
        }
        inflater.setInput(buffer, at, limit - at);
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }

  private int inflate(byte[] into, int offset, int length) throws IOException {
    try {
      return inflater.inflate(into, offset, length);
    } catch (DataFormatException e) {
      throw bad("damaged gzip data: " + e.getMessage());
    }
  }

  private void readHeader(int first) throws IOException {
    headerChecksum.reset();
    headerChecksum.update(first);
    int second = headerByte();
    if (first != 0x1f || second != 0x8b) {
      throw bad(
          "expected the end of the file or another gzip member, got the bytes "
              + first
              + " and "
              + second);
    }
    int method = headerByte();
    int flags = headerByte();
    if (method != 8 || (flags & RESERVED) != 0) {
      throw bad(
          "expected gzip method 8 and no reserved flags, got method "
              + method
              + " and flags "
              + flags);
    }
    skipHeader(6); // time, hints, system
    if ((flags & EXTRA) != 0) {
      skipHeader(headerByte() | headerByte() << 8);
    }
    for (int flag : new int[] {NAME, COMMENT}) {
      while ((flags & flag) != 0 && headerByte() != 0) {
        continue;
      }
    }
    if ((flags & HEADER_CHECKSUM) != 0) {
      require("header checksum", headerChecksum.getValue() & 0xffff, little(2));
    }
    inflater.reset();
    checksum.reset();
    inflater.setInput(buffer, at, limit - at);
  }

  private void readTrailer() throws IOException {
    require("checksum", checksum.getValue(), little(4));
    require("length modulo 2^32", inflater.getBytesWritten() & 0xffffffffL, little(4));
  }

  private void require(String what, long actual, long stated) throws IOException {
    if (actual != stated) {
      throw bad("damaged gzip data: its " + what + " is " + stated + ", the data's is " + actual);
    }
  }

  private int headerByte() throws IOException {
    int b = nextByte();
    headerChecksum.update(b);
    return b;
  }

  private void skipHeader(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      headerByte();
    }
  }

  private long little(int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) nextByte() << 8 * i;
    }
    return value;
  }

  private int nextByte() throws IOException {
    if (!fill()) {
      throw bad("the gzip data is cut short");
    }
    return buffer[at++] & 0xff;
  }

  /** Whether there is a byte at {@code at}; reads on when the buffer is used up. */
  private boolean fill() throws IOException {
    while (at == limit) {
      int got = in.read(buffer, 0, buffer.length);
      if (got < 0) {
        return false;
      }
      at = 0;
      limit = got;
    }
    return true;
  }

  private MalformedFileException bad(String problem) {
    return new MalformedFileException(file + ": " + problem);
  }
}
