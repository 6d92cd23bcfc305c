// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import org.generatrix.io.Json;
import org.generatrix.io.JsonException;
import org.generatrix.io.SafeTensors;
import org.generatrix.io.SafeTensorsFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}: what is in a safetensors file, a model of ours or not. */
@Command(
    name = "inspect",
    description =
        "Prints what a model, checkpoint or other safetensors file holds: metadata, tensors and their norms.")
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "Safetensors file, or the folder of a run.")
  private Path path;

  @Mixin private HelpOptions options;

  @Override
  public Integer call() throws IOException {
    Path file = StoredModel.at(path).file();
    PrintWriter out = spec.commandLine().getOut();
    try (SafeTensorsFile tensors = SafeTensors.read(file)) {
      out.println(file + ": " + Text.bytes(Files.size(file)));
      boolean ours = tensors.metadata().containsKey("generatrix.kind");
      if (!ours) {
        out.println("Not a Generatrix model; the tensors can be shown all the same.");
      }
      out.println();
      tensors.metadata().forEach((key, value) -> metadata(out, key, value));
      out.println();
      int width = tensors.names().stream().mapToInt(String::length).reduce(16, Math::max);
      out.println(
          Text.format(
              "%-" + width + "s %-6s %-16s %12s %12s %12s",
              "tensor",
              "type",
              "shape",
              "norm",
              "least",
              "greatest"));
      for (String name : tensors.names()) {
        tensor(out, tensors, name, width);
      }
    }
    out.flush();
    return ExitCode.OK;
  }

  /** An entry on one line; a JSON object as indented lines of its own. */
  private static void metadata(PrintWriter out, String key, String value) {
    Map<String, Object> object;
    try {
      object = Json.parseObject(value);
    } catch (JsonException e) {
      out.println(Text.format("%-22s %s", key, value));
      return;
    }
    out.println(key);
    object.forEach((name, entry) -> out.println(Text.format("  %-20s %s", name, entry)));
  }

  private static void tensor(PrintWriter out, SafeTensorsFile file, String name, int width)
      throws IOException {
    String shape = Arrays.toString(file.shape(name));
    String line = Text.format("%-" + width + "s %-6s %-16s", name, file.dtype(name), shape);
    if (!file.dtype(name).equals("F32")) {
      out.println(line);
      return;
    }
    float[] values = file.floats(name);
    double squares = 0;
    float least = Float.POSITIVE_INFINITY;
    float greatest = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      squares += (double) value * value;
      // Math.min and max hand a NaN on, so that it shows.
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    out.println(
        values.length == 0
            ? line
            : line + Text.format(" %12.4f %12.4f %12.4f", Math.sqrt(squares), least, greatest));
  }
}
