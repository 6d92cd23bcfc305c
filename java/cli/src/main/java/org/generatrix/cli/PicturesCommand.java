// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.generatrix.cli.picture.PictureFolder;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pictures}: a folder of picture files into a data set. */
@Command(
    name = "pictures",
    description = {
      "Makes a data set of the PNG, JPEG, GIF and BMP files of a folder.",
      "",
      "Pictures are laid on a ground colour, brought to one size by averaging",
      "areas, and divided into training and test pictures by their names. Equal",
      "ones are kept once. The set is train-images-idx4-ubyte and",
      "t10k-images-idx4-ubyte: the IDX format of MNIST, unsigned bytes",
      "[count, 3, height, width], planes in the order red, green, blue."
    },
    sortOptions = false,
    abbreviateSynopsis = true)
final class PicturesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FOLDER", description = "Where the pictures are.")
  private Path folder;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      required = true,
      description = "Folder for the set; it must exist.")
  private Path to;

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "32",
      description = "Height and width of the pictures made (default: ${DEFAULT-VALUE}).")
  private int size;

  @Option(
      names = "--ground",
      paramLabel = "RRGGBB",
      defaultValue = "ffffff",
      description = "Colour behind transparent pixels (default: ${DEFAULT-VALUE}, white).")
  private String ground;

  @Option(
      names = "--test-every",
      paramLabel = "N",
      defaultValue = "10",
      description = "One name in N is a test picture's (default: ${DEFAULT-VALUE}).")
  private int testEvery;

  @Option(
      names = "--variants",
      paramLabel = "REGEX",
      description =
          "What makes the names of variants of one picture differ, such as '-small'; they then"
              + " fall on one side.")
  private String variants;

  @Mixin private HelpOptions options;

  @Override
  public Integer call() throws IOException {
    options.atLeast("--size", size, 1);
    options.atLeast("--test-every", testEvery, 1);
    if (size > 1024) {
      throw options.usage("--size must be at most 1024, got " + size + ".");
    }
    if (!ground.matches("[0-9a-fA-F]{6}")) {
      throw options.usage("--ground must be six hexadecimal digits, got " + ground + ".");
    }
    for (Path each : new Path[] {folder, to}) {
      if (!Files.isDirectory(each)) {
        throw new CliException("There is no folder " + each + ".");
      }
    }
    PictureFolder.Result made =
        new PictureFolder(size, Integer.parseInt(ground, 16), testEvery, pattern()).read(folder);
    Images train = made.set().train();
    Images test = made.set().test();
    Idx.writeImages(to.resolve("train-images-idx4-ubyte"), train);
    Idx.writeImages(to.resolve("t10k-images-idx4-ubyte"), test);
    spec.commandLine()
        .getOut()
        .println(
            Text.format(
                "%s training and %s test pictures of %d x %d in %s; %s left out as equal to others",
                Text.count(train.count()),
                Text.count(test.count()),
                size,
                size,
                to,
                Text.count(made.repeated())));
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }

  private Pattern pattern() {
    try {
      return variants == null ? null : Pattern.compile(variants);
    } catch (PatternSyntaxException e) {
      throw options.usage(
          "--variants must be a regular expression, got "
              + variants
              + ": "
              + e.getDescription()
              + ".");
    }
  }
}
