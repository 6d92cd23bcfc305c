// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.generatrix.binding.GeneratrixException;
import org.generatrix.train.DivergedException;

/** Turns an exception into the one sentence that a user reads. */
final class Failures {
  private Failures() {}

  static String sentence(Throwable failure) {
    if (failure instanceof UncheckedIOException wrapped) {
      return io(wrapped.getCause());
    }
    if (failure instanceof IOException e) {
      return io(e);
    }
    if (failure instanceof OutOfMemoryError) {
      return "The Java heap is full (limit "
          + Text.bytes(Runtime.getRuntime().maxMemory())
          + "); give it more with the JVM option -Xmx, such as -Xmx2g.";
    }
    if (failure instanceof UnsatisfiedLinkError || failure instanceof NoClassDefFoundError) {
      return "The native library cannot be loaded: " + full(failure.getMessage());
    }
    if (isExpected(failure) && failure.getMessage() != null) {
      return full(failure.getMessage());
    }
    return "Internal error: " + failure + "; run again with --debug and report the stack trace.";
  }

  /** Failures that the library raises on purpose, with a sentence of their own. */
  private static boolean isExpected(Throwable failure) {
    return failure instanceof CliException
        || failure instanceof DivergedException
        || failure instanceof GeneratrixException
        || failure instanceof IllegalArgumentException
        || failure instanceof IllegalStateException
        || failure instanceof UnsupportedOperationException;
  }

  /** The messages of java.nio are often a bare path; the type says what happened to it. */
  private static String io(IOException e) {
    if (!(e instanceof FileSystemException file) || file.getFile() == null) {
      return full(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    String path = file.getFile();
    if (e instanceof NoSuchFileException) {
      return path + " does not exist.";
    }
    if (e instanceof AccessDeniedException) {
      return path + ": permission denied.";
    }
    if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException) {
      return path + " exists and is not a folder.";
    }
    if (e instanceof DirectoryNotEmptyException) {
      return path + " is not empty.";
    }
    return path + ": " + full(file.getReason() == null ? e.getMessage() : file.getReason());
  }

  private static String full(String sentence) {
    return sentence == null || sentence.endsWith(".") ? String.valueOf(sentence) : sentence + ".";
  }
}
