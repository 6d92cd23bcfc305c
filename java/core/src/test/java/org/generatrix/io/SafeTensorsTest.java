// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
  private static final long[] NUMBER = {};

  @TempDir Path folder;

  @Test
  void goldenBytes() throws IOException {
    Path file = folder.resolve("golden");
    SafeTensors.writer()
        .metadata("kind", "test")
        .floats("b", new long[] {2}, new float[] {1.5f, -2})
        .longs("a", NUMBER, new long[] {258})
        .write(file);
    String header =
        "{\"__metadata__\":{\"kind\":\"test\"},"
            + "\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}";
    assertEquals(138, header.length());
    assertEquals(
        "9000000000000000"
            + HexFormat.of().formatHex((header + " ".repeat(6)).getBytes(StandardCharsets.US_ASCII))
            + "0201000000000000"
            + "0000c03f000000c0",
        HexFormat.of().formatHex(Files.readAllBytes(file)));
  }

  /**
   * The bytes that the reference implementation (safetensors 0.8.0 for Python) writes for the same
   * content.
   */
  @Test
  void writesWhatTheReferenceImplementationWrites() throws IOException {
    Path file = folder.resolve("reference");
    SafeTensors.writer()
        .metadata("kind", "test")
        .bytes("b", "U8", new long[] {2}, new byte[] {1, 2})
        .bytes("a", "BOOL", new long[] {2}, new byte[] {1, 0})
        .floats("W", new long[] {1, 2}, new float[] {1, -2})
        .longs("n", NUMBER, new long[] {7})
        .doubles("d", new long[] {1}, new double[] {0.5})
        .floats("e", new long[] {0, 3}, new float[0])
        .bytes("h", "F16", new long[] {1}, new byte[] {0, 0x3c})
        .write(file);
    String header =
        "{\"__metadata__\":{\"kind\":\"test\"},"
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,16]},"
            + "\"W\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[16,24]},"
            + "\"e\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[24,24]},"
            + "\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[24,26]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[26,28]},"
            + "\"a\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[28,30]}}";
    assertEquals(
        "a801000000000000"
            + HexFormat.of().formatHex((header + " ".repeat(7)).getBytes(StandardCharsets.US_ASCII))
            + "0700000000000000000000000000e03f0000803f000000c0003c01020100",
        HexFormat.of().formatHex(Files.readAllBytes(file)));
  }

  @Test
  void everyTypeComesBack() throws IOException {
    Path file = folder.resolve("all");
    float[] floats = {Float.NaN, -0f, Float.MIN_VALUE, Float.POSITIVE_INFINITY, 1, 2};
    SafeTensors.writer()
        .metadata("text", "\u00e9\ud83d\ude00\n\"")
        .floats("floats", new long[] {2, 3}, floats)
        .doubles("doubles", new long[] {1}, new double[] {Math.PI})
        .ints("ints", new long[] {2}, new int[] {Integer.MIN_VALUE, 1})
        .longs("longs", new long[] {1, 1}, new long[] {Long.MIN_VALUE})
        .bytes("bytes", "U8", new long[] {3}, new byte[] {1, 2, -1})
        .bytes("halves", "BF16", new long[] {1}, new byte[] {(byte) 0x80, 0x3f})
        .floats("none", new long[] {0, 7}, new float[0])
        .write(file);
    try (SafeTensorsFile in = SafeTensors.read(file)) {
      assertEquals(Map.of("text", "\u00e9\ud83d\ude00\n\""), in.metadata());
      assertEquals(
          List.of("longs", "doubles", "floats", "none", "ints", "halves", "bytes"),
          new ArrayList<>(in.names()));
      assertArrayEquals(floats, in.floats("floats"));
      assertEquals(1 / -0f, 1 / in.floats("floats")[1]);
      assertArrayEquals(new long[] {2, 3}, in.shape("floats"));
      assertArrayEquals(new double[] {Math.PI}, in.doubles("doubles"));
      assertArrayEquals(new int[] {Integer.MIN_VALUE, 1}, in.ints("ints"));
      assertArrayEquals(new long[] {Long.MIN_VALUE}, in.longs("longs"));
      assertEquals(ByteBuffer.wrap(new byte[] {1, 2, -1}), in.bytes("bytes"));
      assertEquals("BF16", in.dtype("halves"));
      assertEquals(0x3f80, in.bytes("halves").getShort());
      assertEquals(0, in.floats("none").length);
      assertArrayEquals(new long[] {0, 7}, in.shape("none"));
    }
  }

  @Test
  void tensorsLargerThanAChunkComeBack() throws IOException {
    Path file = folder.resolve("large");
    SplittableRandom random = new SplittableRandom(3);
    float[] floats = new float[700_001];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) random.nextDouble();
    }
    long[] longs = random.longs(300_003).toArray();
    double[] doubles = random.doubles(131_073).toArray();
    int[] ints = random.ints(262_145).toArray();
    SafeTensors.writer()
        .floats("f", new long[] {floats.length}, floats)
        .longs("l", new long[] {longs.length}, longs)
        .doubles("d", new long[] {doubles.length}, doubles)
        .ints("i", new long[] {ints.length}, ints)
        .write(file);
    try (SafeTensorsFile in = SafeTensors.read(file)) {
      assertArrayEquals(floats, in.floats("f"));
      assertArrayEquals(longs, in.longs("l"));
      assertArrayEquals(doubles, in.doubles("d"));
      assertArrayEquals(ints, in.ints("i"));
    }
  }

  @Test
  void sameContentSameBytes() throws IOException {
    float[] w = {1, 2};
    int[] n = {3};
    SafeTensors.writer()
        .metadata("a", "1")
        .metadata("b", "2")
        .floats("w", new long[] {2}, w)
        .ints("n", NUMBER, n)
        .write(folder.resolve("1"));
    SafeTensors.writer()
        .ints("n", NUMBER, n)
        .metadata("b", "2")
        .floats("w", new long[] {2}, w)
        .metadata("a", "1")
        .write(folder.resolve("2"));
    assertEquals(-1, Files.mismatch(folder.resolve("1"), folder.resolve("2")));
    SafeTensorsWriter copy = SafeTensors.writer();
    try (SafeTensorsFile in = SafeTensors.read(folder.resolve("1"))) {
      in.metadata().forEach(copy::metadata);
      copy.ints("n", in.shape("n"), in.ints("n")).floats("w", in.shape("w"), in.floats("w"));
    }
    copy.write(folder.resolve("3"));
    assertEquals(-1, Files.mismatch(folder.resolve("1"), folder.resolve("3")), "load and save");
  }

  @Test
  void dataIsAligned() throws IOException {
    Path file = folder.resolve("aligned");
    for (int length = 1; length < 20; length++) {
      SafeTensors.writer()
          .metadata("k", "x".repeat(length))
          .bytes("u", "U8", new long[] {3}, new byte[3])
          .doubles("d", NUMBER, new double[1])
          .write(file);
      try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
        assertEquals(0, Long.reverseBytes(in.readLong()) % 8);
      }
    }
  }

  @Test
  void theWriterRefuses() {
    SafeTensorsWriter writer = SafeTensors.writer().floats("w", new long[] {1}, new float[1]);
    assertMessage(
        "expected each tensor once, got \"w\" again", () -> writer.ints("w", NUMBER, new int[1]));
    assertMessage(
        "tensor \"v\" of shape [2, 3] needs 6 elements, got 5",
        () -> writer.floats("v", new long[] {2, 3}, new float[5]));
    assertMessage(
        "tensor \"v\" has extent -1, expected 0 or more",
        () -> writer.floats("v", new long[] {-1}, new float[0]));
    assertMessage(
        "tensor \"v\" has shape [4294967296, 4294967296, 0], expected at most 2^63 - 1 bytes",
        () -> writer.floats("v", new long[] {1L << 32, 1L << 32, 0}, new float[0]));
    assertMessage(
        "expected a tensor name other than \"__metadata__\", which holds the metadata",
        () -> writer.floats("__metadata__", new long[] {1}, new float[1]));
    assertMessage(
        "tensor \"v\" has 3 bytes, expected a multiple of 2 for dtype F16",
        () -> writer.bytes("v", "F16", new long[] {1}, new byte[3]));
    assertMessage(
        "expected whole surrogate pairs, got U+D800 alone in a name or text",
        () -> writer.metadata("k", "\ud800"));
    IllegalArgumentException unknown =
        assertThrows(
            IllegalArgumentException.class,
            () -> writer.bytes("v", "F7", new long[] {1}, new byte[1]));
    assertTrue(
        unknown.getMessage().startsWith("tensor \"v\" has dtype \"F7\", expected one of BOOL, U8"),
        unknown.getMessage());
  }

  @Test
  void theReaderNamesWhatIsMissingOrOfAnotherType() throws IOException {
    Path file = folder.resolve("small");
    SafeTensors.writer().floats("w", new long[] {1}, new float[1]).write(file);
    SafeTensorsFile in = SafeTensors.read(file);
    NoSuchElementException missing =
        assertThrows(NoSuchElementException.class, () -> in.floats("v"));
    assertEquals(file + ": no tensor \"v\", it holds w", missing.getMessage());
    assertMessage(file + ": tensor \"w\" is F32, expected F64", () -> in.doubles("w"));
    assertThrows(UnsupportedOperationException.class, () -> in.metadata().put("a", "b"));
    assertThrows(UnsupportedOperationException.class, () -> in.names().clear());
    in.shape("w")[0] = 99;
    assertEquals(1, in.shape("w")[0]);
    in.close();
    in.close();
    IllegalStateException closed = assertThrows(IllegalStateException.class, () -> in.floats("w"));
    assertEquals(file + ": the file was closed", closed.getMessage());
  }

  @Test
  void whatWasCheckedIsWhatIsRead() throws IOException {
    Path file = folder.resolve("replaced");
    SafeTensors.writer().floats("w", new long[] {1}, new float[] {1}).write(file);
    try (SafeTensorsFile in = SafeTensors.read(file)) {
      SafeTensors.writer().floats("w", new long[] {1}, new float[] {2}).write(file);
      assertArrayEquals(new float[] {1}, in.floats("w"));
      try (RandomAccessFile other = new RandomAccessFile(file.toFile(), "rw")) {
        other.setLength(3);
      }
      assertArrayEquals(new float[] {1}, in.floats("w"));
    }
  }

  @Test
  void aFileCutShortWhileOpenIsAnError() throws IOException {
    Path file = folder.resolve("cut");
    SafeTensors.writer().floats("w", new long[] {4}, new float[4]).write(file);
    try (SafeTensorsFile in = SafeTensors.read(file);
        RandomAccessFile other = new RandomAccessFile(file.toFile(), "rw")) {
      other.setLength(other.length() - 1);
      assertThrows(MalformedFileException.class, () -> in.floats("w"));
    }
  }

  @Test
  void tensorsBeyondTwoGigabytes() throws IOException {
    long elements = 700_000_000; // 2.8 GB, a hole that takes no room on the disk
    String header =
        "{\"big\":{\"dtype\":\"F32\",\"shape\":[700000000],\"data_offsets\":[0,2800000000]},"
            + "\"huge\":{\"dtype\":\"U8\",\"shape\":[5000000000],\"data_offsets\":[2800000000,7800000000]},"
            + "\"last\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[7800000000,7800000004]}}";
    Path file = folder.resolve("sparse");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.writeLong(Long.reverseBytes(header.length()));
      out.writeBytes(header);
      out.seek(8 + header.length() + 7_800_000_000L);
      out.writeInt(Integer.reverseBytes(-5));
    }
    try (SafeTensorsFile in = SafeTensors.read(file)) {
      assertArrayEquals(new long[] {elements}, in.shape("big"));
      assertArrayEquals(new int[] {-5}, in.ints("last"));
      assertMessage(
          file + ": tensor \"big\" has 2800000000 bytes, a Java array holds at most 2147483639",
          () -> in.bytes("big"));
      assertMessage(
          file + ": tensor \"huge\" has 5000000000 bytes, a Java array holds at most 2147483639",
          () -> in.bytes("huge"));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void missingFilesAndFoldersAreOneSentence() {
    Path missing = folder.resolve("missing");
    IOException none = assertThrows(IOException.class, () -> SafeTensors.read(missing));
    assertEquals("cannot read " + missing + ": no such file or folder", none.getMessage());
    IOException isFolder = assertThrows(IOException.class, () -> SafeTensors.read(folder));
    assertEquals(
        "cannot read " + folder + ": expected a file, found a folder", isFolder.getMessage());
    assertFalse(Files.exists(missing));
  }

  private static void assertMessage(
      String message, org.junit.jupiter.api.function.Executable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }
}
