// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Replaces a file as a whole: whoever opens it, also after a crash or a power cut, finds the old
 * content or the new one, never a part. The new content goes to a hidden file in the same folder,
 * is forced to the disk, and takes the place of the old file by a rename. When anything fails the
 * old file is as it was and the hidden one is removed.
 *
 * <p>An interrupted thread can still write: a checkpoint on the way out is not lost to {@link
 * Thread#interrupt}. A symbolic link stays a link; what it points to is replaced. Devices, pipes
 * and folders are refused.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Produces the content. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it; what it throws, checked or not, leaves the old file in place. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes or replaces a file. The folder must exist.
   *
   * @param target the file, on the default file system
   * @param content called once; the stream is not buffered and is not its to close
   * @throws IOException when the file cannot be written: one sentence that names it
   */
  public static void write(Path target, Content content) throws IOException {
    Path file = resolve(target);
    Path temporary =
        file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    boolean written = false;
    try {
      // FileOutputStream and not a channel, which an interrupt would close in the middle of a
      // write.
      Files.createFile(temporary);
      keepPermissions(file, temporary);
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        content.writeTo(out);
        out.getFD().sync();
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      written = true;
      forceFolder(file.getParent());
    } catch (IOException e) {
      throw new IOException("cannot write " + target + ": " + FileErrors.reason(e), e);
    } finally {
      if (!written) {
        temporary.toFile().delete(); // quietly: what went wrong before is what matters
      }
    }
  }

  /** Writes or replaces a file with these bytes. */
  public static void write(Path target, byte[] content) throws IOException {
    write(target, out -> out.write(content));
  }

  /** Writes or replaces a text file, in UTF-8. */
  public static void write(Path target, String content) throws IOException {
    write(target, content.getBytes(StandardCharsets.UTF_8));
  }

  private static Path resolve(Path target) throws IOException {
    if (target.getFileSystem() != FileSystems.getDefault()) {
      throw new IOException(
          "cannot write " + target + ": expected a file on the default file system");
    }
    Path file = target.toAbsolutePath();
    if (file.getFileName() == null || Files.isDirectory(file)) {
      throw new IOException("cannot write " + target + ": expected a file, found a folder");
    }
    if (Files.exists(file)) {
      if (!Files.isRegularFile(file)) {
        throw new IOException(
            "cannot write " + target + ": expected a regular file, found a device or pipe");
      }
      return file.toRealPath();
    }
    if (!Files.isDirectory(file.getParent())) {
      throw new IOException(
          "cannot write " + target + ": the folder " + file.getParent() + " does not exist");
    }
    return file;
  }

  // A new file has the permissions of the umask; a replacement must not be open to more than the
  // old.
  private static void keepPermissions(Path old, Path replacement) throws IOException {
    if (Files.exists(old) && Files.getFileStore(old).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(replacement, Files.getPosixFilePermissions(old));
    }
  }

  // The rename itself is durable only once the folder is; systems that cannot open folders
  // (Windows) do without.
  private static void forceFolder(Path folder) {
    boolean interrupted = Thread.interrupted(); // it would close the channel
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      return;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
