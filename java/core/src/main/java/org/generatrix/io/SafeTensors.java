// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Files of named tensors in the safetensors format: eight bytes of header length, a JSON header,
 * and the little-endian data. Such a file holds numbers and text, nothing that could run.
 *
 * <p>The reader is strict. Before it hands out anything it has checked that the header is at most
 * 100 MB and lies within the file, is well-formed JSON without a key given twice, that every
 * tensor's bytes are exactly those of its dtype and shape, and that tensors neither overlap nor
 * leave bytes to nobody. The writer is deterministic (the same content gives the same bytes,
 * whatever the order of the calls) and atomic ({@link AtomicFile}).
 *
 * <pre>{@code
 * SafeTensors.writer()
 *     .metadata("format", "example")
 *     .floats("W", new long[] {784, 500}, weights)
 *     .write(Path.of("model.safetensors"));
 *
 * try (SafeTensorsFile file = SafeTensors.read(Path.of("model.safetensors"))) {
 *   float[] weights = file.floats("W");
 * }
 * }</pre>
 */
public final class SafeTensors {
  private SafeTensors() {}

  /**
   * Opens a file and checks it; tensors are read when they are asked for.
   *
   * @throws MalformedFileException when it is not a safetensors file, one sentence that starts with
   *     its name
   * @throws IOException when it cannot be read, one sentence as well
   */
  public static SafeTensorsFile read(Path file) throws IOException {
    return SafeTensorsFile.open(file);
  }

  /** A file to be written. */
  public static SafeTensorsWriter writer() {
    return new SafeTensorsWriter();
  }
}
