// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One malformed file per check of the reader. */
class SafeTensorsHostileTest {
  @TempDir Path folder;

  /** Bytes of data, header with single for double quotes, what is wrong with it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "8|{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}"
            + "|tensor 'b' starts at byte 4 of the data, expected 8: tensors overlap",
        "16|{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[12,16]}}"
            + "|tensor 'b' starts at byte 12 of the data, expected 8: bytes belong to no tensor",
        "8|{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}"
            + "|tensor 'a' starts at byte 4 of the data, expected 0: bytes belong to no tensor",
        "9|{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|the header describes 8 bytes of data, the file holds 9",
        "7|{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|the header describes 8 bytes of data, the file holds 7",
        "1|{}|the header describes 0 bytes of data, the file holds 1",
        "8|{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}"
            + "|tensor 'a' has 8 bytes by its data_offsets, expected 12 by its dtype and shape",
        "8|{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|expected 0 <= begin <= end of tensor 'a', got 8 and 0",
        "8|{'a':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}}|expected 0 <= begin <= end of tensor 'a', got -8 and 0",
        "8|{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,16]}}|expected 2 data_offsets of tensor 'a', got 3",
        "8|{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8.0]}}"
            + "|expected whole numbers in data_offsets of tensor 'a', got the number 8.0",
        "8|{'a':{'dtype':'F32','shape':[2],'data_offsets':'0,8'}}|expected data_offsets of tensor 'a' to be an array, got a string",
        "8|{'a':{'dtype':'F32','shape':[2]}}|expected data_offsets of tensor 'a' to be an array, got null",
        "8|{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}|expected shape of tensor 'a' to be an array, got the number 2",
        "8|{'a':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}}|expected whole numbers in shape of tensor 'a', got a string",
        "8|{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|tensor 'a' has extent -2, expected 0 or more",
        "0|{'a':{'dtype':'F32','shape':[2147483648,2147483648],'data_offsets':[0,0]}}"
            + "|tensor 'a' has shape [2147483648, 2147483648], expected at most 2^63 - 1 bytes",
        "0|{'a':{'dtype':'F32','shape':[0,2147483648,4294967296],'data_offsets':[0,0]}}"
            + "|tensor 'a' has shape [0, 2147483648, 4294967296], expected at most 2^63 - 1 bytes",
        "8|{'a':{'dtype':1,'shape':[2],'data_offsets':[0,8]}}|expected dtype of tensor 'a' to be a string, got the number 1",
        "8|{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}}"
            + "|tensor 'a' has the field 'x', expected dtype, shape and data_offsets only",
        "8|{'a':[0,8]}|expected 'a' to be an object, got an array",
        "0|{'__metadata__':[]}|expected '__metadata__' to be an object, got an array",
        "0|{'__metadata__':{'n':1}}|expected __metadata__ to hold strings, got the number 1 at 'n'",
        "8|{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}"
            + "|expected each key once, got 'a' again at character 54",
        "0|{'__metadata__':{},'__metadata__':{}}|expected each key once, got '__metadata__' again at character 19",
        "0|` {}`|expected a header that starts with '{', got byte 32",
        "0|[]|expected a header that starts with '{', got byte 91",
        "0|``|expected a header that starts with '{', got none",
        "0|{}x|expected the end of the text, got 'x' at character 2",
        "0|{|expected a key in double quotes, got the end of the text at character 1",
      })
  void refuses(int dataBytes, String header, String problem) throws IOException {
    Path file = file(header == null ? "" : header.replace('\'', '"'), dataBytes);
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> SafeTensors.read(file));
    String prefix = file + ": not a valid safetensors header: ";
    assertTrue(e.getMessage().startsWith(prefix), e.getMessage());
    assertEquals(
        problem.replace("'", "\""), e.getMessage().substring(prefix.length()).replace("'", "\""));
  }

  @Test
  void refusesAnUnknownType() throws IOException {
    Path file = file("{\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8);
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> SafeTensors.read(file));
    assertTrue(
        e.getMessage().contains("tensor \"a\" has dtype \"F31\", expected one of BOOL, U8, "),
        e.getMessage());
  }

  @Test
  void refusesShortFiles() throws IOException {
    Path file = folder.resolve("short");
    Files.write(file, new byte[7]);
    assertMessage(file, "expected at least 8 bytes of a safetensors file, got 7");
    Files.write(file, new byte[] {3, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    assertMessage(file, "the safetensors header has 3 bytes, only 2 follow");
    Files.write(file, new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) 0x80, '{', '}'});
    assertMessage(
        file,
        "expected a safetensors header of at most 100000000 bytes, got a length of 9223372036854775808");
  }

  @Test
  void refusesAHeaderOverTheCapWithoutReadingIt() throws IOException {
    Path file = folder.resolve("cap");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.writeLong(Long.reverseBytes(100_000_001));
      out.setLength(200_000_000); // a hole
    }
    assertMessage(
        file,
        "expected a safetensors header of at most 100000000 bytes, got a length of 100000001");
  }

  @Test
  void acceptsWhatTheFormatAllows() throws IOException {
    // Spaces behind the header, tensors out of order, unaligned data, empty tensors where others
    // begin.
    Path file =
        file(
            "{\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]},\"a\":{\"shape\":[1],\"dtype\":\"U8\","
                + "\"data_offsets\":[0,1]},\"e\":{\"dtype\":\"F64\",\"shape\":[3,0],\"data_offsets\":[1,1]}}  \n ",
            5);
    try (SafeTensorsFile in = SafeTensors.read(file)) {
      assertEquals("[a, e, b]", in.names().toString());
      assertEquals(0, in.doubles("e").length);
      assertEquals(0x04030201, Float.floatToRawIntBits(in.floats("b")[0]));
    }
  }

  private void assertMessage(Path file, String problem) {
    assertEquals(
        file + ": " + problem,
        assertThrows(MalformedFileException.class, () -> SafeTensors.read(file)).getMessage());
  }

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (int i = 0; i < dataBytes; i++) {
      bytes.put((byte) i);
    }
    return Files.write(folder.resolve("hostile"), bytes.array());
  }
}
