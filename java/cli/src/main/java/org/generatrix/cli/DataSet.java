// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.generatrix.binding.Device;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.run.RunData;
import org.generatrix.cli.run.RunRecord;
import org.generatrix.data.Binarisation;
import org.generatrix.data.Digits;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;
import org.generatrix.eval.Binarised;
import org.generatrix.tensor.Tensor;

/**
 * The pictures a command works on.
 *
 * @param name what to call them
 * @param folder where they come from, null for the bundled ones
 * @param train the ones to learn from
 * @param test the ones to measure on, of the same size
 */
public record DataSet(String name, Path folder, Images train, Images test) implements RunData {
  private static final int PIECE = 1 << 20;

  /** The IDX files of a folder, or the bundled digits when it is null. */
  public static DataSet load(Path folder) throws IOException {
    if (folder == null) {
      return new DataSet("the bundled MNIST digits", null, Digits.train(), Digits.test());
    }
    if (!Files.isDirectory(folder)) {
      throw new CliException(
          "--data needs a folder with IDX files; "
              + folder
              + (Files.exists(folder) ? " is a file." : " does not exist."));
    }
    Path trainFile = find(folder, "train-images");
    Path testFile = find(folder, "t10k-images");
    Images train = Idx.readImages(trainFile);
    Images test = Idx.readImages(testFile);
    if (train.count() == 0 || test.count() == 0) {
      throw new CliException(
          folder
              + " holds "
              + train.count()
              + " training and "
              + test.count()
              + " test pictures; both need at least 1.");
    }
    if (!tile(train).equals(tile(test))) {
      throw new CliException(
          folder
              + " holds training pictures of "
              + tile(train)
              + " pixels and test pictures of "
              + tile(test)
              + "; they must agree.");
    }
    return new DataSet(folder.toString(), folder, train, test);
  }

  @Override
  public String noun() {
    return "pictures";
  }

  @Override
  public int trainCount() {
    return train.count();
  }

  @Override
  public RunRecord record() {
    return RunRecord.of(folder, tile());
  }

  public TileShape tile() {
    return tile(train);
  }

  private static TileShape tile(Images images) {
    return new TileShape(images.height(), images.width(), images.channels());
  }

  @Override
  public String size() {
    return Text.count(train.count())
        + " training and "
        + Text.count(test.count())
        + " test pictures of "
        + tile()
        + " pixels";
  }

  /**
   * Intensities as floats [count, pixels]; filled in pieces, so that no second copy of a large set
   * is made.
   */
  public static Tensor intensities(Device device, Images images) {
    Tensor tensor = Tensor.zeros(device, images.count(), images.size());
    int rows = Math.max(1, PIECE / images.size());
    float[] piece = new float[Math.min(rows, images.count()) * images.size()];
    for (int from = 0; from < images.count(); from += rows) {
      int to = Math.min(images.count(), from + rows);
      images.intensities(from, to, piece);
      tensor
          .buffer()
          .write((long) from * images.size() * Float.BYTES, piece, 0, (to - from) * images.size());
    }
    return tensor;
  }

  /**
   * The binary states that a model trained with {@code training} is measured on: cut if it cuts,
   * else drawn once.
   */
  public static Tensor states(Device device, Images images, Binarisation training, long seed) {
    try (Tensor intensities = intensities(device, images)) {
      return Binarised.of(intensities, measured(training), seed);
    }
  }

  /** Pictures as a model of floats is measured on them, [count, pixels] of any binarisation. */
  public static Tensor measured(
      Device device, Images images, Binarisation binarisation, long seed) {
    Tensor intensities = intensities(device, images);
    if (binarisation == Binarisation.INTENSITIES) {
      return intensities;
    }
    try (intensities;
        Tensor bits = Binarised.of(intensities, binarisation, seed)) {
      return bits.toFloats();
    }
  }

  /**
   * The binarisation of {@link #states}: a likelihood needs binary data, so intensities become
   * draws.
   */
  public static Binarisation measured(Binarisation training) {
    return training == Binarisation.THRESHOLD ? training : Binarisation.RESAMPLED;
  }

  /** What test pictures were made into, for the label of a figure. */
  public static String describe(Binarisation measured) {
    return switch (measured) {
      case THRESHOLD -> "thresholded at 1/2";
      case RESAMPLED -> "binarised by one draw";
      case INTENSITIES -> "as intensities";
    };
  }

  /**
   * That many pictures, or all, spread over the set, so that one sorted by class shows all classes.
   */
  public static Images spread(Images images, int atMost) {
    return images.spread(atMost);
  }

  /** A file under one of the names that sets in MNIST's form go by; of colours with a 4. */
  private static Path find(Path folder, String name) {
    List<String> names = new ArrayList<>();
    for (String type : List.of("idx3-ubyte", "idx4-ubyte")) {
      for (String separator : List.of("-", ".")) {
        names.add(name + separator + type);
        names.add(name + separator + type + ".gz");
      }
    }
    return names.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () -> new CliException(folder + " holds none of " + String.join(", ", names) + "."));
  }
}
