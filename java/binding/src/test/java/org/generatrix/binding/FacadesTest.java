// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.generatrix.binding.abi.Abi;
import org.junit.jupiter.api.Test;

/** Every function of the C ABI is called by a facade of this package. */
class FacadesTest {
  /** The generator itself, for C++ programs; Java has its own. */
  private static final Set<String> NOT_FOR_JAVA = Set.of("gx_philox4x32_10");

  @Test
  void everyFunctionHasAFacade() throws IOException {
    Set<String> missing =
        Arrays.stream(Abi.class.getDeclaredMethods())
            .filter(method -> Modifier.isNative(method.getModifiers()))
            .map(method -> method.getName())
            .filter(name -> name.startsWith("gx_"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertTrue(missing.contains("gx_conv"), missing::toString);
    URI folder = URI.create(Device.class.getResource("Device.class").toString()).resolve(".");
    List<Path> classes;
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      classes = files.filter(file -> file.toString().endsWith(".class")).toList();
    }
    for (Path file : classes) {
      missing.removeAll(names(file));
    }
    missing.removeAll(NOT_FOR_JAVA);
    assertEquals(Set.of(), missing);
  }

  /** The strings of a class's constant pool (JVM specification, section 4.4). */
  private static Set<String> names(Path file) throws IOException {
    Set<String> names = new TreeSet<>();
    try (InputStream bytes = Files.newInputStream(file);
        DataInputStream in = new DataInputStream(bytes)) {
      in.skipNBytes(8); // magic number and versions
      int entries = in.readUnsignedShort();
      for (int i = 1; i < entries; i++) {
        int tag = in.readUnsignedByte();
        switch (tag) {
          case 1 -> names.add(in.readUTF());
          case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
          case 5, 6 -> {
            in.skipNBytes(8);
            i++; // long and double count twice
          }
          case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
          case 15 -> in.skipNBytes(3);
          default -> throw new IOException("expected a constant, got tag " + tag + " in " + file);
        }
      }
    }
    return names;
  }
}
