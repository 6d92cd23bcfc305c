// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.generatrix.io.MalformedFileException;
import org.junit.jupiter.api.Test;

class GzipInputTest {
  private static final byte[] CONTENT = "ten ten ten ten digits".getBytes();

  @Test
  void unzips() throws IOException {
    SplittableRandom random = new SplittableRandom(2);
    for (int size : new int[] {0, 1, 100, 16_384, 1_000_000}) {
      byte[] content = new byte[size];
      random.nextBytes(content);
      assertArrayEquals(content, unzip(zip(content)));
    }
  }

  /** One byte at a time below and above: no boundary of the buffer is special. */
  @Test
  void unzipsFromADrip() throws IOException {
    InputStream drip =
        new ByteArrayInputStream(join(zip(CONTENT), zip(CONTENT))) {
          @Override
          public int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(length, 1));
          }
        };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GzipInput in = new GzipInput(drip, "test")) {
      for (int b = in.read(); b >= 0; b = in.read()) {
        out.write(b);
      }
      assertEquals(-1, in.read());
    }
    assertArrayEquals(join(CONTENT, CONTENT), out.toByteArray());
  }

  @Test
  void readsOptionalHeaderFields() throws IOException {
    byte[] plain = zip(CONTENT);
    byte[] fields = {3, 0, 'x', 'y', 'z', 'n', 'a', 'm', 'e', 0, 'c', 0};
    byte[] header = join(Arrays.copyOf(plain, 10), fields);
    header[3] = 2 | 4 | 8 | 16;
    CRC32 crc = new CRC32();
    crc.update(header);
    byte[] checksum = {(byte) crc.getValue(), (byte) (crc.getValue() >>> 8)};
    byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
    assertArrayEquals(CONTENT, unzip(join(join(header, checksum), rest)));
    checksum[0]++;
    refuses(join(join(header, checksum), rest), "damaged gzip data: its header checksum is ");
  }

  @Test
  void refusesWhatFollowsTheLastMember() {
    for (int extra : new int[] {1, 2, 8, 30, 20_000}) {
      byte[] garbage = new byte[extra];
      Arrays.fill(garbage, (byte) 7);
      String expected =
          extra == 1
              ? "the gzip data is cut short"
              : "expected the end of the file or another gzip member, got the bytes 7 and 7";
      refuses(join(zip(CONTENT), garbage), expected);
    }
  }

  @Test
  void refusesEveryCut() {
    byte[] whole = zip(CONTENT);
    for (int length = 2; length < whole.length; length++) {
      refuses(Arrays.copyOf(whole, length), "the gzip data is cut short");
    }
  }

  @Test
  void refusesDamage() {
    byte[] zipped = zip(CONTENT);
    refuses(
        with(zipped, 2, 7),
        "expected gzip method 8 and no reserved flags, got method 7 and flags 0");
    refuses(
        with(zipped, 3, 0x20),
        "expected gzip method 8 and no reserved flags, got method 8 and flags 32");
    refuses(
        with(zipped, zipped.length - 8, zipped[zipped.length - 8] + 1),
        "damaged gzip data: its checksum is ");
    refuses(
        with(zipped, zipped.length - 4, 99),
        "damaged gzip data: its length modulo 2^32 is 99, the data's is 22");
    refuses(with(zipped, 10, 0xff), "damaged gzip data: ");
  }

  private static void refuses(byte[] file, String problem) {
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> unzip(file));
    String message = e.getMessage();
    assertEquals(
        "test: " + problem, message.substring(0, Math.min(message.length(), 6 + problem.length())));
  }

  private static byte[] with(byte[] bytes, int index, int value) {
    byte[] copy = bytes.clone();
    copy[index] = (byte) value;
    return copy;
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  static byte[] zip(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zipped = new GZIPOutputStream(out)) {
      zipped.write(content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static byte[] unzip(byte[] zipped) throws IOException {
    try (GzipInput in = new GzipInput(new ByteArrayInputStream(zipped), "test")) {
      return in.readAllBytes();
    }
  }
}
