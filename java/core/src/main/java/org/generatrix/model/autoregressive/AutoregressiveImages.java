// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.model.ConditionalSampler;
import org.generatrix.model.ExactDensity;
import org.generatrix.model.ModelFile;
import org.generatrix.model.RowParts;
import org.generatrix.model.Sampler;
import org.generatrix.nn.Module;
import org.generatrix.tensor.Tensor;

/**
 * A model of images as a product over their pixels in raster order, and over the channels within a
 * pixel: p(x) = prod_i p(x_i | x_1 .. x_i-1). One pass of a network that sees for each pixel only
 * those before it gives all factors, and so the exact likelihood; a sample is made pixel by pixel.
 *
 * <p>Rows of data are images [channels, height, width] of values in [0, 1], which are taken to the
 * nearest level; of two levels they are taken as they are and must be 0 or 1 for a likelihood to be
 * one. A model with classes is p(x | class); where no labels are given it is the mixture of its
 * classes at equal weights.
 *
 * <p>Several threads may score and sample one model while nobody trains it.
 */
public abstract class AutoregressiveImages extends Module
    implements Sampler, ConditionalSampler, ExactDensity {
  private static final int PIXELS = 1 << 14; // scored at a time: what the caches like

  private final Device device;
  private final ImageShape image;
  private final PixelDistribution distribution;
  private final int classes;

  AutoregressiveImages(
      Device device, ImageShape image, PixelDistribution distribution, int classes) {
    this.device = Objects.requireNonNull(device, "device");
    this.image = image;
    this.distribution = distribution;
    this.classes = classes;
  }

  /** Bernoulli for two levels, else a softmax over them. */
  static PixelDistribution states(ImageShape image) {
    return image.levels() == 2
        ? new PixelDistribution.Bernoulli(image)
        : new PixelDistribution.Categorical(image);
  }

  // --- What a model is ------------------------------------------------------------------------

  /** The kind of its model files. */
  public abstract String kind();

  /** Its configuration. */
  public abstract Record config();

  /**
   * The network.
   *
   * @param x images [n, channels, height, width], level j of L at 2 j / (L - 1) - 1, so that no
   *     level of two is what lies outside of the image
   * @param labels one-hot [n, classes], or null if there are no classes
   * @return what the distribution of each pixel is made of, [n, P, height, width]
   */
  abstract Var outputs(Var x, Var labels);

  /**
   * The same network put down for sampling.
   *
   * @param labels the class of each image, or null if there are no classes
   */
  abstract void outputs(CausalProgram program, long[] labels);

  /** What an image is. */
  public final ImageShape image() {
    return image;
  }

  /** Classes to condition on, 0 for none. */
  public final int classes() {
    return classes;
  }

  public final Device device() {
    return device;
  }

  final PixelDistribution distribution() {
    return distribution;
  }

  // --- Files ----------------------------------------------------------------------------------

  /** Any of these models, by the kind that its file says. */
  public static AutoregressiveImages load(Path path, Device device) throws IOException {
    String kind = ModelFile.kindOf(path);
    return switch (kind) {
      case PixelCnn.KIND -> PixelCnn.load(path, device);
      case GatedPixelCnn.KIND -> GatedPixelCnn.load(path, device);
      case PixelCnnPlusPlus.KIND -> PixelCnnPlusPlus.load(path, device);
      default ->
          throw new IllegalArgumentException(
              "expected an autoregressive model of images, got the kind \"" + kind + "\"");
    };
  }

  /** Fills a model made for a file's configuration; closes it if that fails. */
  static <M extends AutoregressiveImages> M filled(M model, ModelFile file) throws IOException {
    try {
      model.read(file);
      return model;
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  public final void save(Path path) throws IOException {
    ModelFile.Writer file = ModelFile.writer(kind(), config());
    write(file);
    file.save(path);
  }

  // --- The model, on a tape -------------------------------------------------------------------

  /**
   * Rows of data as the network takes them.
   *
   * @param x float or bits [n, channels height width]
   * @return [n, channels, height, width], level j of L at 2 j / (L - 1) - 1
   */
  public final Var input(Tape tape, Tensor x) {
    requireRows("x", x);
    long[] shape = {x.rows(), image.channels(), image.height(), image.width()};
    float[] values = x.toArray();
    for (int i = 0; i < values.length; i++) {
      float value = image.levels() == 2 ? values[i] : image.value(image.level(values[i]));
      values[i] = 2 * value - 1;
    }
    return tape.constant(tape.own(Tensor.of(device, values, shape)));
  }

  /**
   * Log-likelihood of each image in nats, [n].
   *
   * @param x from {@link #input}
   * @param labels the class of each image; null if there are no classes
   */
  public final Var logLikelihood(Var x, long[] labels) {
    return distribution.logLikelihood(outputs(x, oneHot(x, labels)), x);
  }

  /**
   * Cross entropy of each pixel's distribution, given the pixels of x before it, with what is
   * expected of that pixel, summed over each image, [n].
   *
   * @param x from {@link #input}
   * @param expected from {@link #input}, intensities of two-level pixels
   */
  final Var expectedLogLikelihood(Var x, Var expected, long[] labels) {
    return distribution.logLikelihood(outputs(x, oneHot(x, labels)), expected);
  }

  /** The network's outputs [n, P, height, width] for images from {@link #input}. */
  final Var outputs(Var x, long[] labels) {
    return outputs(x, oneHot(x, labels));
  }

  private Var oneHot(Var x, long[] labels) {
    requireLabels(labels, x.shape()[0]);
    return labels == null
        ? null
        : x.tape().constant(x.tape().own(Tensor.oneHot(device, labels, classes)));
  }

  // --- Scores ---------------------------------------------------------------------------------

  /** Where there are classes: of the mixture of all of them. */
  @Override
  public final double[] logLikelihood(Tensor v) {
    if (classes == 0) {
      return logLikelihood(v, null);
    }
    double[][] of = new double[classes][];
    for (int c = 0; c < classes; c++) {
      long[] labels = new long[Math.toIntExact(v.rows())];
      Arrays.fill(labels, c);
      of[c] = logLikelihood(v, labels);
    }
    double[] nats = new double[Math.toIntExact(v.rows())];
    for (int i = 0; i < nats.length; i++) {
      double most = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        most = Math.max(most, of[c][i]);
      }
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += Math.exp(of[c][i] - most);
      }
      nats[i] = most + Math.log(sum / classes);
    }
    return nats;
  }

  /**
   * log p(v | class) for each row, in nats.
   *
   * @param labels the class of each row; null if there are no classes
   */
  public final double[] logLikelihood(Tensor v, long[] labels) {
    requireRows("v", v);
    requireLabels(labels, v.rows());
    double[] nats = new double[Math.toIntExact(v.rows())];
    RowParts.each(
        v,
        rowsAtATime(),
        (first, some) -> {
          int rows = Math.toIntExact(some.rows());
          long[] theirs = labels == null ? null : Arrays.copyOfRange(labels, first, first + rows);
          try (Tape tape = Tape.inference(device)) {
            Tensor of = logLikelihood(input(tape, some), theirs).value();
            System.arraycopy(of.toDoubleArray(), 0, nats, first, rows);
          }
        });
    return nats;
  }

  /** A log-likelihood of an image in nats as bits for each of its entries. */
  public final double bitsPerDimension(double nats) {
    return -nats / (image.entries() * Math.log(2));
  }

  /** Images that go through the network together outside of training. */
  final int rowsAtATime() {
    return Math.max(1, PIXELS / image.pixels());
  }

  // --- Samples --------------------------------------------------------------------------------

  /**
   * Images drawn pixel by pixel, [n, channels height width]; where there are classes, each of a
   * class drawn at random.
   */
  @Override
  public final Tensor sample(int n, long seed) {
    return classes == 0 ? sample(n, null, seed) : sample(n, drawnClasses(n, seed), seed);
  }

  /** Images of the given classes. */
  public final Tensor sample(long[] labels, long seed) {
    return sample(labels.length, Objects.requireNonNull(labels, "labels"), seed);
  }

  private Tensor sample(int n, long[] labels, long seed) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be at least 1, got " + n);
    }
    return drawn(new PartialImages(image, n), labels, seed);
  }

  /** From the stream behind those of the pixels. */
  private long[] drawnClasses(int n, long seed) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be at least 1, got " + n);
    }
    try (Tensor u = Tensor.uniform(device, new Rng(seed, image.pixels()), n, 1)) {
      float[] at = u.toArray();
      long[] labels = new long[n];
      Arrays.setAll(labels, i -> (long) (at[i] * (double) classes));
      return labels;
    }
  }

  /**
   * Keeps the observed entries bit for bit and draws the others in raster order, each given all
   * entries before it: observed ones where there are, else those just drawn. Where all that is
   * observed lies before all that is not, as in the upper part of an image, this is a draw from
   * p(rest | observed); of what is observed further on nothing is known when a pixel is drawn.
   */
  @Override
  public final Tensor inpaint(Tensor v, Tensor observed, long seed) {
    return inpaint(v, observed, null, seed);
  }

  /** The same for images of the given classes. */
  public final Tensor inpaint(Tensor v, Tensor observed, long[] labels, long seed) {
    requireRows("v", v);
    PartialImages images = new PartialImages(image, v, observed);
    if (distribution.passes() == 1) {
      images.requireWholePixels();
    }
    return drawn(images, labels, seed);
  }

  private Tensor drawn(PartialImages images, long[] labels, long seed) {
    requireLabels(labels, images.rows());
    try (CausalProgram program = program(labels)) {
      program.fill(images, seed);
    }
    return images.toTensor(device);
  }

  /** The network that samples images of these classes; to be closed. */
  final CausalProgram program(long[] labels) {
    CausalProgram program = new CausalProgram(device, image, distribution);
    try {
      outputs(program, labels);
      return program;
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /**
   * What {@link #sample(int, long)} draws, by a whole pass of the network for each pixel: slow, and
   * there to be compared with.
   *
   * @param labels the class of each of the n images; null if there are no classes
   */
  public final Tensor sampleNaively(int n, long[] labels, long seed) {
    return sampleNaively(n, labels, seed, image.pixels());
  }

  /** The first pixels of it, in raster order; the others are 0. */
  public final Tensor sampleNaively(int n, long[] labels, long seed, int pixels) {
    if (pixels < 0 || pixels > image.pixels()) {
      throw new IllegalArgumentException(
          "pixels must be in [0, %d], got %d".formatted(image.pixels(), pixels));
    }
    PartialImages images = new PartialImages(image, n);
    requireLabels(labels, n);
    NaiveSampling.fill(this, images, labels, seed, pixels);
    return images.toTensor(device);
  }

  // --- Checks ---------------------------------------------------------------------------------

  private void requireRows(String name, Tensor x) {
    if (x.shape().length != 2 || x.units() != image.entries()) {
      throw new IllegalArgumentException(
          "%s must be [n, %d], images of %s, got %s"
              .formatted(name, image.entries(), image, x.describe()));
    }
  }

  private void requireLabels(long[] labels, long rows) {
    if (classes == 0 && labels != null) {
      throw new IllegalArgumentException(
          "expected no labels for a model without classes, got some");
    }
    if (classes > 0 && (labels == null || labels.length != rows)) {
      throw new IllegalArgumentException(
          "expected the class of each of %d images, got %s"
              .formatted(rows, labels == null ? "none" : labels.length));
    }
    for (int i = 0; labels != null && i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "a class must be in [0, %d), got %d of image %d".formatted(classes, labels[i], i));
      }
    }
  }
}
