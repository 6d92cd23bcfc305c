// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.generatrix.data.Idx;
import org.generatrix.io.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the tests of {@code train <model>} share: folders, short runs, looks at what these wrote.
 */
abstract class TrainCommandFixture {
  @TempDir Path temp;
  Path data;
  Path out;
  private final String model;
  private final Object[][] options;

  /**
   * @param options each with its value, of a run that is over in a moment; one that a test gives
   *     again is replaced
   */
  TrainCommandFixture(String model, Object[]... options) {
    this.model = model;
    this.options = options;
  }

  static Object[] option(String name, Object value) {
    return new Object[] {name, value};
  }

  @BeforeEach
  void folders() throws IOException {
    data = write(temp.resolve("data"));
    out = temp.resolve("run");
  }

  /** Writes the pictures to train on; returns the folder, null for data of another kind. */
  Path write(Path folder) throws IOException {
    return TinyData.write(folder);
  }

  final Cli train(Object... more) {
    List<Object> args = new ArrayList<>(List.of("train", model, "--out", out));
    if (data != null) {
      args.addAll(List.of("--data", data));
    }
    for (Object[] option : options) {
      if (!Arrays.asList(more).contains(option[0])) {
        args.addAll(Arrays.asList(option));
      }
    }
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  /** A run that ends well. */
  final Cli trained(Object... more) {
    Cli cli = train(more);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    return cli;
  }

  final void assertFiles(String... names) throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          Set.of(names),
          files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
    }
  }

  final void assertPicture(String name, int width, int height) throws IOException {
    BufferedImage image = ImageIO.read(out.resolve(name + ".png").toFile());
    assertEquals(width, image.getWidth(), name);
    assertEquals(height, image.getHeight(), name);
  }

  final Map<String, Object> record() throws IOException {
    return Json.parseObject(Files.readString(out.resolve("run.json")));
  }

  final String report() throws IOException {
    return Files.readString(out.resolve("report.html"));
  }

  /** The intensities that occur. */
  static Set<Integer> values(Path idx) throws IOException {
    Set<Integer> values = new HashSet<>();
    for (byte pixel : Idx.readImages(idx).pixels()) {
      values.add(pixel & 0xff);
    }
    return values;
  }
}
