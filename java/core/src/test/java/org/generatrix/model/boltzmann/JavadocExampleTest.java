// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples in the javadoc of the classes compile and run as they stand there. */
class JavadocExampleTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("<pre>\\{@code\\n(.*?)\\n \\* }</pre>", Pattern.DOTALL);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"org/generatrix/model/boltzmann/Rbm", "org/generatrix/model/boltzmann/RbmTrainer"})
  void theExampleRuns(String type) throws Exception {
    List<String> examples = examples(Path.of("src/main/java", type + ".java"));
    assertTrue(!examples.isEmpty(), "no example in " + type);
    for (String example : examples) {
      run(example);
    }
  }

  private static List<String> examples(Path source) throws IOException {
    Matcher matcher = EXAMPLE.matcher(Files.readString(source));
    return matcher
        .results()
        .map(result -> result.group(1).lines().map(line -> line.replaceFirst("^ \\* ?", "")))
        .map(lines -> lines.collect(Collectors.joining("\n")))
        .toList();
  }

  private void run(String example) throws Exception {
    String source =
        """
        import java.nio.file.Path;
        import org.generatrix.binding.*;
        import org.generatrix.data.*;
        import org.generatrix.eval.*;
        import org.generatrix.model.boltzmann.*;
        import org.generatrix.tensor.*;
        import org.generatrix.train.*;

        public class Example {
          public static void run(Path folder) throws Exception {
        %s
          }
        }
        """
            .formatted(example);
    Path file = Files.writeString(folder.resolve("Example.java"), source);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                file.toString());
    assertEquals(0, status, source);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      loader.loadClass("Example").getMethod("run", Path.class).invoke(null, folder);
    } catch (InvocationTargetException e) {
      throw new AssertionError(source, e.getCause());
    }
  }
}
