// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.generatrix.binding.Device;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;
import org.generatrix.io.AtomicFile;
import org.generatrix.tensor.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code sample}: new pictures from a model, or completed ones. */
@Command(
    name = "sample",
    description = "Draws pictures or points from a model, or completes halves of given pictures.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
      "",
      "The ending of --out decides the format: .png is a grid of pictures, .npy is",
      "float32 [n, height, width] in [0, 1], .idx and .idx.gz are bytes as in MNIST.",
      "Points are a scatter plot of two columns, .npy [n, columns], or .csv."
    })
final class SampleCommand implements Callable<Integer> {
  private static final int MOST_IN_PICTURE = 10_000;
  private static final List<String> OF_SOME_MODELS =
      List.of("--steps", "--binary", "--temperature", "--inpaint", "--observed");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "Model file, or the folder of a run.")
  private Path model;

  @Option(
      names = "-n",
      paramLabel = "N",
      description =
          "How many (default: 100, points 1000, with --inpaint all of the file up to 100).")
  private Integer count;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Gibbs steps of each chain, for Boltzmann machines (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "What the latents of a flow are multiplied by: below 1, samples keep to the middle (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "samples.png",
      description = "Where to (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--binary",
      description = "Write the binary states instead of the probabilities behind them.")
  private boolean binary;

  @Option(
      names = "--inpaint",
      paramLabel = "IDX",
      description = "Complete the pictures of this IDX file.")
  private Path inpaint;

  @Option(
      names = "--observed",
      paramLabel = "HALF",
      defaultValue = "left",
      description =
          "The half that is given: left, right, top or bottom (default: ${DEFAULT-VALUE}).")
  private Half observed;

  @Option(
      names = "--shape",
      paramLabel = "HxW",
      converter = ShapeConverter.class,
      description = "Height and width of a picture, where the model's folder does not say.")
  private TileShape shape;

  @Mixin private ComputeOptions common;

  @Override
  public Integer call() throws IOException {
    common.atLeast("-n", count, 1);
    common.atLeast("--steps", steps, 1);
    common.atLeast("--temperature", temperature, 0);
    OutputFile.Format format = OutputFile.Format.of(out);
    if (format == null) {
      throw common.usage("--out must end in .png, .npy, .csv, .idx or .idx.gz, got " + out + ".");
    }
    if (format == OutputFile.Format.PNG && count != null && count > MOST_IN_PICTURE) {
      throw common.usage(
          "-n must be at most "
              + MOST_IN_PICTURE
              + " for a picture, got "
              + count
              + "; .npy and .idx take any number.");
    }
    if (inpaint != null && binary) {
      throw common.usage("--binary is for free samples; completions are probabilities.");
    }
    StoredModel stored = StoredModel.at(model);
    try (Device device = common.open();
        LoadedModel loaded = stored.load(device)) {
      stored.refuseOthersOptions(loaded, common, OF_SOME_MODELS);
      if (!format.fits(loaded.ofPoints())) {
        throw common.usage(
            loaded.ofPoints()
                ? "--out must end in .png, .npy or .csv for points, got " + out + "."
                : "--out must end in .png, .npy, .idx or .idx.gz for pictures, got " + out + ".");
      }
      if (loaded.ofPoints()) {
        points(stored, loaded, format);
        return ExitCode.OK;
      }
      TileShape tile = stored.tile(loaded, shape);
      OutputFile file = new OutputFile(out, format, tile);
      int written = inpaint == null ? samples(loaded, file) : completions(loaded, tile, file);
      wrote(
          written
              + (inpaint == null ? " samples of " : " completed pictures of ")
              + tile
              + " pixels");
    }
    return ExitCode.OK;
  }

  private void wrote(String what) {
    PrintWriter console = spec.commandLine().getOut();
    console.println("Wrote " + what + " to " + out + ".");
    console.flush();
  }

  private void points(StoredModel stored, LoadedModel loaded, OutputFile.Format format)
      throws IOException {
    if (shape != null) {
      throw common.usage("--shape is for pictures; " + stored.file() + " holds a model of points.");
    }
    int columns = loaded.visible();
    if (format == OutputFile.Format.PNG && columns != 2) {
      throw new CliException(
          "A picture shows points of 2 columns, and the model has "
              + columns
              + "; .npy and .csv take any number.");
    }
    int n = count == null ? 1000 : count;
    requireMemory(n, columns);
    try (Tensor values = loaded.sample(n, settings())) {
      new PointsFile(out, format, stored.columns(loaded)).write(values.toArray(), n);
    }
    wrote(n + " samples of " + columns + " columns");
  }

  private int samples(LoadedModel loaded, OutputFile file) throws IOException {
    int n = count == null ? 100 : count;
    requireMemory(n, loaded.visible());
    try (Tensor values = loaded.sample(n, settings())) {
      file.write(values.toArray(), n);
    }
    return n;
  }

  private LoadedModel.SampleSettings settings() {
    return new LoadedModel.SampleSettings(steps, binary, temperature, seed);
  }

  /** The pictures are held as floats, and once more in the form of the file. */
  private static void requireMemory(int n, int units) {
    long needed = 2L * Float.BYTES * n * units;
    long limit = Runtime.getRuntime().maxMemory();
    if (needed > limit || (long) n * units > Integer.MAX_VALUE - 1000) {
      throw new CliException(
          Text.count(n)
              + " pictures of "
              + units
              + " pixels need "
              + Text.bytes(needed)
              + " of Java heap, which is limited to "
              + Text.bytes(limit)
              + "; draw fewer at a time, each time with another --seed.");
    }
  }

  private int completions(LoadedModel loaded, TileShape tile, OutputFile file) throws IOException {
    Images given = Idx.readImages(inpaint);
    if (given.height() != tile.height() || given.width() != tile.width()) {
      throw new CliException(
          inpaint
              + " holds pictures of "
              + given.height()
              + " x "
              + given.width()
              + " pixels, the model needs "
              + tile
              + ".");
    }
    int n = Math.min(count == null ? 100 : count, given.count());
    if (n == 0) {
      throw new CliException(inpaint + " holds no pictures.");
    }
    boolean[] mask = observed.mask(tile);
    try (Tensor v = DataSet.intensities(loaded.device(), given.slice(0, n));
        Tensor completed = loaded.inpaint(v, mask, settings())) {
      if (file.format() == OutputFile.Format.PNG) {
        AtomicFile.write(out, Tiles.completions(v.toArray(), mask, completed.toArray(), tile));
      } else {
        file.write(completed.toArray(), n);
      }
    }
    return n;
  }

  /** "28x28" as a shape. */
  static final class ShapeConverter implements ITypeConverter<TileShape> {
    @Override
    public TileShape convert(String text) {
      String[] sides = text.toLowerCase(Locale.ROOT).split("x", -1);
      try {
        if (sides.length == 2) {
          return new TileShape(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
        }
      } catch (IllegalArgumentException e) {
        // not a shape; said below
      }
      throw new TypeConversionException("expected a height and a width such as 28x28, got " + text);
    }
  }
}
