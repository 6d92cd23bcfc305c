// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.generatrix.io.MalformedFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxTest {
  @TempDir Path folder;

  @Test
  void goldenBytes() throws IOException {
    Path images = folder.resolve("images");
    Idx.writeImages(images, new Images(2, 1, 3, new byte[] {1, 2, 3, 4, 5, -1}));
    assertEquals("00000803" + "00000002" + "00000001" + "00000003" + "0102030405ff", hex(images));
    Path labels = folder.resolve("labels");
    Idx.writeLabels(labels, new byte[] {7, 0});
    assertEquals("00000801" + "00000002" + "0700", hex(labels));
    Path floats = folder.resolve("floats");
    Idx.write(floats, IdxArray.ofFloats(new int[] {1}, new float[] {1.5f}));
    assertEquals("00000d01" + "00000001" + "3fc00000", hex(floats));
  }

  @Test
  void whatIsWrittenComesBack() throws IOException {
    Images images = new Images(300, 28, 28, new byte[300 * 28 * 28]);
    for (int i = 0; i < images.pixels().length; i++) {
      images.pixels()[i] = (byte) (i * i);
    }
    for (String name : new String[] {"images", "images.gz"}) {
      Idx.writeImages(folder.resolve(name), images);
      assertEquals(images, Idx.readImages(folder.resolve(name)));
    }
    assertTrue(Files.size(folder.resolve("images.gz")) < images.pixels().length / 2);
    Idx.writeLabels(folder.resolve("labels"), new byte[0]);
    assertEquals(0, Idx.readLabels(folder.resolve("labels")).length);
  }

  @Test
  void gzipIsKnownByItsContent() throws IOException {
    Idx.writeLabels(folder.resolve("labels.gz"), new byte[] {1, 2});
    Files.move(folder.resolve("labels.gz"), folder.resolve("labels"));
    assertArrayEquals(new byte[] {1, 2}, Idx.readLabels(folder.resolve("labels")));
    Files.write(folder.resolve("plain.gz"), HexFormat.of().parseHex("000008010000000105"));
    assertArrayEquals(new byte[] {5}, Idx.readLabels(folder.resolve("plain.gz")));
  }

  @ParameterizedTest
  @CsvSource({
    "00000801 00000002 ff01, UNSIGNED_BYTE, 255, 1",
    "00000901 00000002 ff01, SIGNED_BYTE, -1, 1",
    "00000b01 00000002 ff000001, SHORT, -256, 1",
    "00000c01 00000002 ffffff0000000001, INT, -256, 1",
    "00000d01 00000002 3fc00000c0000000, FLOAT, 1.5, -2",
    "00000e01 00000002 3ff8000000000000c000000000000000, DOUBLE, 1.5, -2",
  })
  void readsEveryType(String hex, IdxType type, float first, float second) throws IOException {
    IdxArray array = read(hex);
    assertSame(type, array.type());
    assertArrayEquals(new int[] {2}, array.shape());
    assertArrayEquals(new float[] {first, second}, array.toFloats());
    if (type.ordinal() <= IdxType.INT.ordinal()) {
      assertArrayEquals(new int[] {(int) first, (int) second}, array.toInts());
    } else {
      assertThrows(IllegalArgumentException.class, array::toInts);
    }
  }

  @Test
  void readsAnyNumberOfDimensions() throws IOException {
    assertArrayEquals(
        new int[] {1, 2, 1, 2},
        read("00000804 00000001 00000002 00000001 00000002 01020304").shape());
    IdxArray most = read("000008ff" + "00000001".repeat(255) + "2a");
    assertEquals(255, most.shape().length);
    assertArrayEquals(new int[] {42}, most.toInts());
    assertEquals(0, read("00000802 00000000 00000005").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|expected 4 bytes more of an IDX header, got 0",
        "000008|expected 4 bytes more of an IDX header, got 3",
        "00000803 00000001 0000|expected 12 bytes more of an IDX header, got 6",
        "01000801 00000001 05|expected an IDX file, which starts with 00 00, got 01 00 08 01",
        "00010801 00000001 05|expected an IDX file, which starts with 00 00, got 00 01 08 01",
        "00000a01 00000001 05|expected an IDX type of 08, 09, 0b, 0c, 0d or 0e, got 0a",
        "00000800 05|expected 1 to 255 dimensions in an IDX file, got 0",
        "00000801 80000000 05|expected sizes of 0 to 2147483647, got 2147483648",
        "00000801 7fffffff 05|expected at most 2147483639 bytes of UNSIGNED_BYTE elements, got the sizes [2147483647]",
        "00000e02 00010000 00010000 05|expected at most 2147483639 bytes of DOUBLE elements, got the sizes [65536, 65536]",
        "00000803 00000000 7fffffff 7fffffff|"
            + "expected at most 2147483639 bytes of UNSIGNED_BYTE elements, got the sizes [0, 2147483647, 2147483647]",
        "00000801 00000003 0102|expected 3 bytes of data for the sizes [3], got 2",
        "00000c01 00000001 010203|expected 4 bytes of data for the sizes [1], got 3",
        "00000801 7ffffff0 0102|expected 2147483632 bytes of data for the sizes [2147483632], got 2",
        "00000801 00000002 010203|expected the end of the file after 2 bytes of data for the sizes [2], got more",
        "00000801 00000000 01|expected the end of the file after 0 bytes of data for the sizes [0], got more",
      })
  void refuses(String hex, String problem) {
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> read(hex));
    assertEquals("test: " + problem, e.getMessage());
  }

  @Test
  void imagesAndLabelsAreNotMixedUp() throws IOException {
    Path labels = folder.resolve("labels");
    Idx.writeLabels(labels, new byte[] {1});
    assertEquals(
        labels
            + ": expected images, which are UNSIGNED_BYTE in 3 dimensions, got UNSIGNED_BYTE in 1",
        assertThrows(MalformedFileException.class, () -> Idx.readImages(labels)).getMessage());
    Path ints = folder.resolve("ints");
    Idx.write(ints, IdxArray.ofInts(new int[] {1}, new int[] {1}));
    assertEquals(
        ints + ": expected labels, which are UNSIGNED_BYTE in 1 dimension, got INT in 1",
        assertThrows(MalformedFileException.class, () -> Idx.readLabels(ints)).getMessage());
    Path flat = folder.resolve("flat");
    Idx.write(flat, IdxArray.ofBytes(new int[] {5, 0, 3}, new byte[0]));
    assertEquals(
        flat + ": expected images of 1 x 1 pixels or more, got 0 x 3",
        assertThrows(MalformedFileException.class, () -> Idx.readImages(flat)).getMessage());
  }

  @Test
  void missingFilesAndFoldersAreOneSentence() {
    Path missing = folder.resolve("missing");
    assertEquals(
        "cannot read " + missing + ": no such file or folder",
        assertThrows(IOException.class, () -> Idx.read(missing)).getMessage());
    assertEquals(
        "cannot read " + folder + ": expected a file, found a folder",
        assertThrows(IOException.class, () -> Idx.read(folder)).getMessage());
  }

  @Test
  void arraysCheckTheirSizes() {
    assertEquals(
        "expected 6 bytes for SHORT [3], got 5",
        assertThrows(
                IllegalArgumentException.class,
                () -> new IdxArray(IdxType.SHORT, new int[] {3}, new byte[5]))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> IdxArray.ofBytes(new int[0], new byte[1]));
    assertThrows(IllegalArgumentException.class, () -> IdxArray.ofBytes(new int[256], new byte[0]));
    assertThrows(
        IllegalArgumentException.class, () -> IdxArray.ofBytes(new int[] {-1}, new byte[0]));
    assertEquals("IdxArray[INT [2]]", IdxArray.ofInts(new int[] {2}, new int[2]).toString());
  }

  /**
   * A header that claims 2 GB over a stream that breaks off must not take 2 GB: the growing buffer
   * alone is seen here.
   */
  @Test
  void memoryGrowsWithTheData() {
    byte[] header = ByteBuffer.allocate(8).putInt(0x00000801).putInt(2_000_000_000).array();
    byte[] file = Arrays.copyOf(header, 1_000_000);
    long before = allocated();
    assertThrows(
        MalformedFileException.class,
        () -> IdxReader.read(new ByteArrayInputStream(file), 0, "test"));
    long taken = allocated() - before;
    assertTrue(taken < 8_000_000, "took " + taken + " bytes for 1,000,000 of data");
  }

  static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static String hex(Path file) throws IOException {
    return HexFormat.of().formatHex(Files.readAllBytes(file));
  }

  private static IdxArray read(String hex) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    return IdxReader.read(new ByteArrayInputStream(bytes), bytes.length, "test");
  }
}
