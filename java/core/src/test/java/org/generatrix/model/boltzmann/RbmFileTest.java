// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.binding.NativeInfo;
import org.generatrix.io.MalformedFileException;
import org.generatrix.io.SafeTensors;
import org.generatrix.io.SafeTensorsFile;
import org.generatrix.io.SafeTensorsWriter;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.ModelFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Machines in files: what goes in comes out, and what is no machine is refused with one sentence.
 */
class RbmFileTest {
  private static final Device DEVICE = Device.cpu();

  @TempDir Path folder;

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void savedAndLoadedIsTheSameMachine(boolean centered) throws IOException {
    Path path = folder.resolve("rbm.safetensors");
    Path again = folder.resolve("again.safetensors");
    try (Rbm rbm = TinyMachine.random(DEVICE, 7, 5, centered, 1, 51)) {
      rbm.save(path);
      try (Rbm loaded = Rbm.load(DEVICE, path)) {
        assertEquals(rbm.config(), loaded.config());
        assertEquals(rbm.provenance(), loaded.provenance());
        assertArrayEquals(rbm.W().toArray(), loaded.W().toArray());
        assertArrayEquals(rbm.b().toArray(), loaded.b().toArray());
        assertArrayEquals(rbm.c().toArray(), loaded.c().toArray());
        if (centered) {
          assertArrayEquals(rbm.mu().toArray(), loaded.mu().toArray());
          assertArrayEquals(rbm.lambda().toArray(), loaded.lambda().toArray());
        } else {
          assertNull(loaded.mu());
          assertNull(loaded.lambda());
        }
        loaded.save(again);
      }
    }
    assertArrayEquals(Files.readAllBytes(path), Files.readAllBytes(again));
  }

  @Test
  void theFileSaysWhatItIs() throws IOException {
    Path path = folder.resolve("rbm.safetensors");
    try (Rbm rbm = Rbm.create(DEVICE, RbmConfig.centered(3, 2), null, -5)) {
      rbm.save(path);
    }
    assertEquals("rbm", ModelFile.kindOf(path));
    try (SafeTensorsFile file = SafeTensors.read(path)) {
      assertEquals("rbm", file.metadata().get("generatrix.kind"));
      assertEquals("1", file.metadata().get("generatrix.format"));
      assertEquals(NativeInfo.version(), file.metadata().get("generatrix.version"));
      assertEquals("-5", file.metadata().get("seed"));
      assertEquals(
          RbmConfig.centered(3, 2),
          ConfigJson.read(RbmConfig.class, file.metadata().get("generatrix.config")));
    }
  }

  @Test
  void anotherKindIsRefused() throws IOException {
    refused(file("kind", "vae"), "expected a model of kind \"rbm\", got \"vae\"");
    refused(
        file("format", "2"), "expected format version 1, got 2; it was written by Generatrix 9");
    refused(file("kind", null), "expected a Generatrix model");
    refused(file("format", null), "expected format version 1, got null");
    refused(file("config", null), "expected the metadata entry \"generatrix.config\"");
    refused(file("config", "{}"), "RbmConfig needs the entry \"visible\"");
    refused(file("config", "nonsense"), "");
    refused(
        file("config", ConfigJson.write(new RbmConfig(3, 4, false, 0))),
        "expected \"W\" as F32 [3, 4], got F32 [3, 2]");
    refused(
        file("config", ConfigJson.write(new RbmConfig(3, 2, true, 0))),
        "expected the tensor \"mu\"");
  }

  @Test
  void numbersThatAreNoneAreRefused() throws IOException {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Path path = folder.resolve("nan.safetensors");
      header(new RbmConfig(3, 2, false, 0))
          .floats("W", new long[] {3, 2}, new float[] {0, 0, 0, bad, 0, 0})
          .floats("b", new long[] {3}, new float[3])
          .floats("c", new long[] {2}, new float[2])
          .write(path);
      refused(path, "\"W\" must be finite, got " + bad + " at element 3");
    }
  }

  @Test
  void anotherDtypeIsRefused() throws IOException {
    Path path = folder.resolve("ints.safetensors");
    header(new RbmConfig(3, 2, false, 0))
        .ints("W", new long[] {3, 2}, new int[6])
        .floats("b", new long[] {3}, new float[3])
        .floats("c", new long[] {2}, new float[2])
        .write(path);
    refused(path, "expected \"W\" as F32 [3, 2], got I32 [3, 2]");
  }

  @Test
  void aFileThatIsNoSafetensorsIsRefused() throws IOException {
    Path path = folder.resolve("text.safetensors");
    Files.writeString(path, "this is not a model");
    refused(path, "");
  }

  @Test
  void aRefusedFileLeavesNothingOnTheDevice() throws IOException {
    Path path = file("config", ConfigJson.write(new RbmConfig(3, 4, false, 0)));
    long live = DEVICE.memory().live();
    assertThrows(MalformedFileException.class, () -> Rbm.load(DEVICE, path));
    assertEquals(live, DEVICE.memory().live());
  }

  // A good file of 3 visible and 2 hidden units but for one metadata entry; null leaves it out.
  private Path file(String key, String value) throws IOException {
    SafeTensorsWriter writer = SafeTensors.writer();
    for (String entry : Arrays.asList("kind", "format", "version", "config")) {
      String good =
          switch (entry) {
            case "kind" -> "rbm";
            case "format" -> "1";
            case "version" -> "9";
            default -> ConfigJson.write(new RbmConfig(3, 2, false, 0));
          };
      String written = entry.equals(key) ? value : good;
      if (written != null) {
        writer.metadata("generatrix." + entry, written);
      }
    }
    Path path = folder.resolve("file.safetensors");
    writer
        .floats("W", new long[] {3, 2}, new float[6])
        .floats("b", new long[] {3}, new float[3])
        .floats("c", new long[] {2}, new float[2])
        .write(path);
    return path;
  }

  private static SafeTensorsWriter header(RbmConfig config) {
    return SafeTensors.writer()
        .metadata("generatrix.kind", "rbm")
        .metadata("generatrix.format", "1")
        .metadata("generatrix.version", "9")
        .metadata("generatrix.config", ConfigJson.write(config));
  }

  private static void refused(Path path, String sentence) {
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> Rbm.load(DEVICE, path));
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
    assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
