// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that does not hold what it should: cut short, damaged, hostile, or of another kind. The
 * message is one sentence that starts with the file's name and says what was expected and what was
 * found.
 */
public final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1;

  /** With the whole sentence as the message. */
  public MalformedFileException(String message) {
    super(message);
  }

  /** With "file: problem" as the message. */
  public MalformedFileException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
