// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/** Finds and loads the native files, once per class loader. */
final class NativeLibrary {
  /** System property: a folder that holds the native files, used as it is. */
  static final String DIRECTORY_PROPERTY = "generatrix.native.dir";

  /** In the order in which they need each other. */
  private static final String[] FILES = {"libgeneratrix.so.0", "libjnigeneratrix.so"};

  private static final String ARTIFACT_HINT =
      "add org.generatrix:generatrix-platform, or generatrix-binding with the platform as classifier (built: linux-x86_64)";

  private static final String FOLDER_HINT =
      "set -Dorg.bytedeco.javacpp.cachedir to a folder for the cache, or -D"
          + DIRECTORY_PROPERTY
          + " to one that holds the files";

  private static volatile Path directory;

  /**
   * The libraries as JavaCPP names them; a class of its own, since JavaCPP initialises the class it
   * loads for.
   */
  @Properties(@Platform(library = "jnigeneratrix", link = "generatrix@.0"))
  private static final class Names {}

  private NativeLibrary() {}

  /**
   * Does nothing once loaded. Throws GeneratrixException that says what is missing and what to do.
   */
  static void load() {
    if (directory == null) {
      loadOnce();
    }
  }

  /** The folder of the loaded files. */
  static Path directory() {
    load();
    return directory;
  }

  private static synchronized void loadOnce() {
    if (directory != null) {
      return;
    }
    Path found = find();
    java.util.Properties properties = new java.util.Properties();
    properties.putAll(Loader.loadProperties());
    properties.setProperty("platform.preloadpath", found.toString());
    properties.setProperty("platform.linkpath", found.toString());
    // No resources are under this name, so that a file of the folder that fails is not replaced by
    // another.
    properties.setProperty("platform", "folder");
    try {
      // JavaCPP remembers what it loaded, and the generated classes ask it.
      Loader.load(Names.class, properties, true);
    } catch (UnsatisfiedLinkError e) {
      String what = "cannot load the files in " + found + " (" + lastCause(e).getMessage() + ")";
      throw failure(
          what, "they need glibc and a folder that allows execution (" + FOLDER_HINT + ")", e);
    }
    directory = found;
  }

  private static Path find() {
    String chosen = System.getProperty(DIRECTORY_PROPERTY);
    if (chosen != null) {
      for (String file : FILES) {
        if (!Files.isRegularFile(Path.of(chosen, file))) {
          throw failure(
              "-D" + DIRECTORY_PROPERTY + "=" + chosen + " has no " + file,
              "expected " + List.of(FILES),
              null);
        }
      }
      return Path.of(chosen).toAbsolutePath();
    }
    // By the class loader, which also looks into other modules; the platform's name keeps its
    // folder from being a package.
    ClassLoader loader = NativeLibrary.class.getClassLoader();
    String folder = "org/generatrix/binding/" + Loader.getPlatform() + "/";
    Map<String, URL> resources = new LinkedHashMap<>();
    for (String file : FILES) {
      URL resource = loader.getResource(folder + file);
      if (resource == null) {
        throw failure("no " + file + " on the class path", ARTIFACT_HINT, null);
      }
      resources.put(file, resource);
    }
    URL any = resources.get(FILES[0]);
    try {
      if (any.getProtocol().equals("file")) { // a folder of classes, as in a build
        return Path.of(any.toURI()).getParent();
      }
      return NativeCache.unpack(Loader.getCacheDir().toPath(), Loader.getPlatform(), resources);
    } catch (IOException | URISyntaxException e) {
      throw failure("cannot unpack the native files (" + e + ")", FOLDER_HINT, e);
    }
  }

  private static Throwable lastCause(Throwable e) {
    return e.getCause() == null || e.getCause() == e ? e : lastCause(e.getCause());
  }

  private static GeneratrixException failure(String what, String hint, Throwable cause) {
    String platform = Loader.getPlatform();
    return new GeneratrixException(
        "the native library of Generatrix is not available on "
            + platform
            + ": "
            + what
            + "; "
            + hint,
        cause);
  }
}
