// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.optim.Decay;
import org.generatrix.optim.Rule;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Examples;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoregressiveImagesTest {
  private static final ImageShape LINE = ImageShape.binary(1, 3);
  private static final ImageShape SQUARE = ImageShape.binary(3, 3);

  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  /** One of each kind. */
  private void each(ImageShape image, int classes, Consumer<AutoregressiveImages> check) {
    if (classes == 0) {
      try (PixelCnn model = TinyImages.plain(device, image, 2)) {
        check.accept(model);
      }
    }
    try (GatedPixelCnn model = TinyImages.gated(device, image, 2, classes)) {
      check.accept(model);
    }
    int scales = image.height() % 2 == 0 && image.width() % 2 == 0 ? 2 : 1;
    try (PixelCnnPlusPlus model = TinyImages.plusPlus(device, image, scales, 1, classes)) {
      check.accept(model);
    }
  }

  // --- Exact likelihoods ------------------------------------------------------------------------

  /** Oracle 29, and for colours and levels besides. */
  @Test
  void probabilitiesOfAllImagesAddUpToOne() {
    List<ImageShape> shapes =
        List.of(SQUARE, new ImageShape(1, 2, 2, 5), new ImageShape(3, 1, 2, 3), LINE);
    for (ImageShape shape : shapes) {
      each(
          shape,
          0,
          model -> {
            double[] p = TinyImages.probabilities(model, 0);
            assertEquals(1, Arrays.stream(p).sum(), 1e-5, model.kind() + " " + shape);
            double least = Arrays.stream(p).min().orElseThrow();
            double most = Arrays.stream(p).max().orElseThrow();
            assertTrue(most > 1.5 * least, "a distribution that says something");
          });
    }
  }

  @Test
  void aModelWithClassesIsTheirMixture() {
    each(
        LINE,
        3,
        model -> {
          double[][] p = new double[3][];
          for (int c = 0; c < 3; c++) {
            p[c] = TinyImages.probabilities(model, c);
            assertEquals(1, Arrays.stream(p[c]).sum(), 1e-5);
          }
          double apart = 0;
          try (Tensor x = TinyImages.tensor(device, LINE, TinyImages.all(LINE))) {
            double[] mixture = model.logLikelihood(x);
            for (int i = 0; i < mixture.length; i++) {
              double mean = (p[0][i] + p[1][i] + p[2][i]) / 3;
              assertEquals(mean, Math.exp(mixture[i]), 1e-6);
              apart += Math.abs(p[0][i] - p[1][i]);
            }
          }
          assertTrue(apart > 0.01, "classes that differ");
        });
  }

  /** Oracle 38. */
  @Test
  void theLogisticMixtureIsADistributionOverBytes() {
    ImageShape bytes = new ImageShape(1, 1, 1, 256);
    PixelDistribution logistics = new PixelDistribution.Logistics(bytes, 3);
    float[] x = TinyImages.all(bytes);
    float[] parameters = {
      0.3f,
      -0.5f,
      1, // logits
      -1.2f,
      0.1f,
      0.9f, // means, one of them outside
      -1,
      -4,
      -9 // log scales, one below the least
    };
    float[] rows = new float[256 * 9];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = parameters[i % 9];
    }
    try (Tape tape = Tape.training(device, 1, 0);
        Tensor o = Tensor.of(device, rows, 256, 9, 1, 1);
        Tensor values = Tensor.of(device, x, 256, 1, 1, 1)) {
      Var outputs = tape.variable(o);
      Var y = logistics.logLikelihood(outputs, tape.constant(values).mul(2).sub(1));
      double[] nats = y.value().toDoubleArray();
      assertEquals(1, Arrays.stream(nats).map(Math::exp).sum(), 1e-5);
      double tail =
          0; // what the lowest level has beyond its cell: half of a wide component below it
      double[] scale = {Math.exp(-1), Math.exp(-4), Math.exp(-7)};
      double sum = Math.exp(0.3) + Math.exp(-0.5) + Math.exp(1);
      for (int k = 0; k < 3; k++) {
        double edge = (-1 + 1 / 255.0 - parameters[3 + k]) / scale[k];
        tail += Math.exp(parameters[k]) / sum / (1 + Math.exp(-edge));
      }
      assertEquals(Math.log(tail), nats[0], 1e-5);
      for (float d : tape.gradients(y.sum()).of(o).toArray()) {
        assertTrue(Float.isFinite(d));
      }
    }
  }

  @Test
  void bitsPerDimensionAreNatsInBits() {
    each(
        new ImageShape(3, 2, 2, 4),
        0,
        model -> assertEquals(1, model.bitsPerDimension(-12 * Math.log(2)), 1e-12));
  }

  @Test
  void bitsAreFloatsAndRowsAreAlone() {
    float[] values = TinyImages.random(SQUARE, 40, 3);
    each(
        SQUARE,
        0,
        model -> {
          try (Tensor x = TinyImages.tensor(device, SQUARE, values);
              Tensor bits = x.toBits(0.5f);
              Tensor last = x.rowsAt(new long[] {39})) {
            double[] nats = model.logLikelihood(x);
            assertArrayEquals(nats, model.logLikelihood(bits));
            assertArrayEquals(nats, model.logLikelihood(x));
            assertEquals(nats[39], model.logLikelihood(last)[0], 1e-6);
          }
        });
  }

  /** Threads share the weights and nothing else. */
  @Test
  void severalThreadsScoreAndSampleAsOneDoes() {
    float[] values = TinyImages.random(SQUARE, 30, 3);
    each(
        SQUARE,
        0,
        model -> {
          try (Tensor x = TinyImages.tensor(device, SQUARE, values);
              Tensor sample = model.sample(3, 1)) {
            double[] nats = model.logLikelihood(x);
            float[] drawn = sample.toArray();
            List<Thread> threads = new ArrayList<>();
            AtomicInteger equal = new AtomicInteger();
            for (int i = 0; i < 6; i++) {
              threads.add(
                  new Thread(
                      () -> {
                        try (Tensor again = model.sample(3, 1)) {
                          if (Arrays.equals(nats, model.logLikelihood(x))
                              && Arrays.equals(drawn, again.toArray())) {
                            equal.incrementAndGet();
                          }
                        }
                      }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
              join(thread);
            }
            assertEquals(threads.size(), equal.get(), model.kind());
          }
        });
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // --- Samples ----------------------------------------------------------------------------------

  /** Oracle 39: 8 probabilities, a bound that one seed in a million exceeds. */
  @Test
  void samplesHaveTheModelsFrequencies() {
    each(LINE, 0, model -> assertFrequencies(model, null, 46));
  }

  @Test
  void samplesOfColoursAndLevelsToo() {
    // 27 outcomes: three colours of three levels in one pixel.
    each(new ImageShape(3, 1, 1, 3), 0, model -> assertFrequencies(model, null, 85));
  }

  @Test
  void samplesOfAClassAreThatClasss() {
    each(LINE, 3, model -> assertFrequencies(model, 2L, 46));
  }

  private void assertFrequencies(AutoregressiveImages model, Long label, double bound) {
    int n = 6000;
    double[] p = TinyImages.probabilities(model, label == null ? 0 : label);
    long[] labels = new long[n];
    Arrays.fill(labels, label == null ? 0 : label);
    try (Tensor x = label == null ? model.sample(n, 3) : model.sample(labels, 3)) {
      int[] counts = counts(model.image(), x);
      double chi = TinyImages.chiSquare(counts, p);
      assertTrue(chi < bound, model.kind() + ": " + chi);
      if (label != null) {
        double other = TinyImages.chiSquare(counts, TinyImages.probabilities(model, 0));
        assertTrue(other > bound, model.kind() + " tells classes apart: " + other);
      }
    }
  }

  private static int[] counts(ImageShape image, Tensor x) {
    float[] values = x.toArray();
    int[] counts = new int[(int) Math.round(Math.pow(image.levels(), image.entries()))];
    for (int row = 0; row < x.rows(); row++) {
      counts[TinyImages.index(image, values, row)]++;
    }
    return counts;
  }

  @Test
  void equalSeedsGiveEqualSamplesAndMoreRowsTheSameFirst() {
    each(
        new ImageShape(1, 2, 2, 4),
        0,
        model -> {
          try (Tensor a = model.sample(5, 7);
              Tensor b = model.sampleNaively(9, null, 7);
              Tensor c = model.sample(5, 8)) {
            assertArrayEquals(a.toArray(), Arrays.copyOf(b.toArray(), 20));
            assertFalse(Arrays.equals(a.toArray(), c.toArray()));
          }
        });
    each(
        LINE,
        2,
        model -> {
          try (Tensor a = model.sample(5, 7);
              Tensor b = model.sample(5, 7)) {
            assertArrayEquals(a.toArray(), b.toArray());
          }
        });
  }

  /** p(rest | the first entries), by the 16 images that agree with them. */
  @Test
  void completionsKeepWhatIsSeenAndFollowTheConditional() {
    ImageShape image = ImageShape.binary(2, 3);
    int n = 4000;
    float[] v = new float[n * 6];
    float[] mask = {1, 1, 0, 0, 0, 0};
    for (int row = 0; row < n; row++) {
      Arrays.fill(v, row * 6, row * 6 + 6, Float.NaN);
      v[row * 6] = 0;
      v[row * 6 + 1] = 1;
    }
    try (PixelCnn model = TinyImages.plain(device, image, 2);
        Tensor x = TinyImages.tensor(device, image, v);
        Tensor observed = Tensor.of(device, mask, 1, 6);
        Tensor completed = model.inpaint(x, observed, 5)) {
      double[] p = Arrays.copyOfRange(TinyImages.probabilities(model, 0), 16, 32); // 01....
      double sum = Arrays.stream(p).sum();
      int[] counts = Arrays.copyOfRange(counts(image, completed), 16, 32);
      assertEquals(n, Arrays.stream(counts).sum(), "all begin with 01");
      double chi = TinyImages.chiSquare(counts, Arrays.stream(p).map(each -> each / sum).toArray());
      assertTrue(chi < 61, "" + chi); // 15 degrees of freedom, one in a million
    }
  }

  @Test
  void observedEntriesStayBitForBitWhereverTheyAre() {
    ImageShape image = new ImageShape(3, 2, 2, 4);
    float[] v = TinyImages.random(image, 3, 9);
    float[] mask = new float[v.length];
    for (int i = 0; i < v.length; i++) {
      v[i] = Math.min(1, v[i] + 0.01f); // not quite a level's value
      mask[i] = (i / 2 + i / 12) % 2; // of each image other pixels, all channels of a pixel or none
    }
    each(
        image,
        0,
        model -> {
          try (Tensor x = TinyImages.tensor(device, image, v);
              Tensor observed = TinyImages.tensor(device, image, mask);
              Tensor bits = observed.toBits(0.5f);
              Tensor completed = model.inpaint(x, observed, 5);
              Tensor same = model.inpaint(x, bits, 5)) {
            float[] y = completed.toArray();
            assertArrayEquals(y, same.toArray());
            for (int i = 0; i < y.length; i++) {
              assertEquals(mask[i] == 1 ? v[i] : image.value(image.level(y[i])), y[i]);
            }
          }
        });
  }

  // --- Training and files -----------------------------------------------------------------------

  private static PixelCnnTrainingConfig fast(int epochs) {
    return new PixelCnnTrainingConfig(
        epochs, 16, Rule.adam(), 0.01, Decay.COSINE, 0.9, 1, Binarisation.INTENSITIES, 3);
  }

  /** Vertical bars, so that most of an image follows from its first row. */
  private float[] bars(ImageShape image, int rows) {
    float[] values = TinyImages.random(image, rows, 1);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < image.entries(); i++) {
        int c = i / image.pixels();
        values[row * image.entries() + i] =
            values[row * image.entries() + c * image.pixels() + i % image.width()];
      }
    }
    return values;
  }

  private static double mean(double[] x) {
    return Arrays.stream(x).average().orElseThrow();
  }

  @Test
  void trainingRaisesTheLikelihoodOfEveryKind() {
    for (ImageShape image : List.of(ImageShape.binary(4, 4), new ImageShape(3, 2, 2, 4))) {
      float[] values = bars(image, 64);
      each(
          image,
          0,
          model -> {
            try (Tensor x = TinyImages.tensor(device, image, values);
                PixelCnnTraining run = new PixelCnnTraining(model, x, fast(25))) {
              double before = mean(model.logLikelihood(x));
              while (run.epoch() < run.epochs()) {
                run.step();
              }
              double own = mean(model.logLikelihood(x));
              assertTrue(own > before + 2, model.kind() + " from " + before + " to " + own);
              try (PixelCnnTraining.Averaged averaged = run.averaged()) {
                assertNotNull(averaged);
                double average = mean(model.logLikelihood(x));
                assertTrue(average > before + 2, "averaged " + average);
                assertTrue(average != own);
              }
              assertEquals(own, mean(model.logLikelihood(x)), "the weights are back");
            }
          });
    }
  }

  @Test
  void classesAreLearned() {
    ImageShape image = ImageShape.binary(2, 2);
    float[] values = new float[32 * 4];
    long[] labels = new long[32];
    for (int i = 0; i < 32; i++) {
      labels[i] = i % 2;
      Arrays.fill(values, i * 4, i * 4 + 4, i % 2); // class 1 is white
    }
    each(
        image,
        2,
        model -> {
          try (Tensor x = TinyImages.tensor(device, image, values);
              PixelCnnTraining run =
                  new PixelCnnTraining(model, Examples.of(x).labelled(labels), fast(40))) {
            while (run.epoch() < run.epochs()) {
              run.step();
            }
            double right = mean(model.logLikelihood(x, labels));
            long[] swapped = Arrays.stream(labels).map(c -> 1 - c).toArray();
            assertTrue(right > mean(model.logLikelihood(x, swapped)) + 1, model.kind());
            assertThrows(
                IllegalArgumentException.class, () -> new PixelCnnTraining(model, x, fast(1)));
          }
        });
  }

  @Test
  void filesKeepEveryKind(@TempDir Path folder) throws IOException {
    ImageShape image = new ImageShape(1, 4, 4, 4);
    Path file = folder.resolve("model.safetensors");
    each(
        image,
        0,
        model -> {
          try (Tensor x = TinyImages.tensor(device, image, TinyImages.random(image, 5, 2))) {
            model.save(file);
            try (AutoregressiveImages loaded = AutoregressiveImages.load(file, device)) {
              assertEquals(model.getClass(), loaded.getClass());
              assertEquals(model.config(), loaded.config());
              assertArrayEquals(model.logLikelihood(x), loaded.logLikelihood(x));
            }
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    try (GatedPixelCnn model = TinyImages.gated(device, LINE, 1, 4)) {
      model.save(file);
      try (AutoregressiveImages loaded = AutoregressiveImages.load(file, device)) {
        assertEquals(4, loaded.classes());
      }
    }
  }

  @Test
  void aResumedRunIsTheSameRun(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.safetensors");
    try (Tensor x = TinyImages.tensor(device, SQUARE, TinyImages.random(SQUARE, 50, 3));
        PixelCnn straight = TinyImages.plain(device, SQUARE, 1);
        PixelCnnTraining all = new PixelCnnTraining(straight, x, fast(4));
        PixelCnn first = TinyImages.plain(device, SQUARE, 1);
        PixelCnnTraining half = new PixelCnnTraining(first, x, fast(4))) {
      for (int i = 0; i < 9; i++) {
        all.step();
      }
      for (int i = 0; i < 4; i++) {
        half.step();
      }
      half.save(file);
      try (AutoregressiveImages second = AutoregressiveImages.load(file, device);
          PixelCnnTraining rest = PixelCnnTraining.resume(second, file, Examples.of(x))) {
        assertEquals(fast(4), rest.config());
        for (int i = 0; i < 5; i++) {
          rest.step();
        }
        straight
            .parameters()
            .forEach(
                (name, tensor) ->
                    assertArrayEquals(
                        tensor.toArray(), second.parameters().get(name).toArray(), name));
      }
    }
  }

  /** The gradient's mean over many draws is the same whether targets are drawn or expected. */
  @Test
  void theExpectedLossIsTheMeanOfTheDrawnOne() {
    float[] grey = new float[LINE.entries()];
    Arrays.fill(grey, 0.3f);
    try (PixelCnn model = TinyImages.plain(device, LINE, 1);
        Tensor intensities = TinyImages.tensor(device, LINE, grey);
        Tape tape = Tape.inference(device)) {
      int states = 1 << LINE.entries();
      double drawn = 0;
      double expected = 0;
      for (int state = 0; state < states; state++) {
        float[] x = new float[LINE.entries()];
        double probability = 1;
        for (int i = 0; i < x.length; i++) {
          x[i] = state >> i & 1;
          probability *= x[i] == 1 ? grey[i] : 1 - grey[i];
        }
        try (Tensor image = TinyImages.tensor(device, LINE, x)) {
          Var input = model.input(tape, image);
          Var target = model.input(tape, intensities);
          drawn += probability * model.logLikelihood(input, null).value().toDoubleArray()[0];
          expected +=
              probability
                  * model.expectedLogLikelihood(input, target, null).value().toDoubleArray()[0];
        }
      }
      assertEquals(drawn, expected, 1e-5 * Math.abs(drawn));
    }
  }

  @Test
  void withoutAnAverageTheWeightsAreTheirOwn() {
    PixelCnnTrainingConfig config =
        new PixelCnnTrainingConfig(
            1, 4, Rule.adam(), 0.01, Decay.CONSTANT, 0, 0, Binarisation.RESAMPLED, 1);
    try (PixelCnn model = TinyImages.plain(device, LINE, 1);
        Tensor x = TinyImages.tensor(device, LINE, TinyImages.random(LINE, 8, 1));
        PixelCnnTraining run = new PixelCnnTraining(model, x, config)) {
      run.step();
      double[] own = model.logLikelihood(x);
      try (PixelCnnTraining.Averaged weights = run.averaged()) {
        assertArrayEquals(own, model.logLikelihood(x));
      }
    }
  }

  // --- Refusals ---------------------------------------------------------------------------------

  @Test
  void configurationsOutOfRangeAreRefused() {
    for (Runnable wrong :
        List.<Runnable>of(
            () -> new ImageShape(2, 3, 3, 2),
            () -> new ImageShape(1, 0, 3, 2),
            () -> new ImageShape(1, 3, 1 << 20, 2),
            () -> new ImageShape(1, 3, 3, 1),
            () -> new ImageShape(1, 3, 3, 257),
            () -> PixelCnnConfig.of(SQUARE, 0, 2),
            () -> PixelCnnConfig.of(SQUARE, 2, -1),
            () -> PixelCnnConfig.of(new ImageShape(3, 2, 2, 4), 4, 1),
            () -> new PixelCnnConfig(SQUARE, 2, 1, 4, 3, 4),
            () -> new PixelCnnConfig(SQUARE, 2, 1, 1, 3, 4),
            () -> new PixelCnnConfig(SQUARE, 2, 1, 3, 2, 4),
            () -> new PixelCnnConfig(SQUARE, 2, 1, 3, 3, 0),
            () -> GatedPixelCnnConfig.of(SQUARE, 2, 0),
            () -> GatedPixelCnnConfig.of(SQUARE, 2, 1).withClasses(-1),
            () -> new GatedPixelCnnConfig(SQUARE, 2, 1, 1, 3, 4, 0),
            () -> new PixelCnnPlusPlusConfig(SQUARE, 2, 2, 1, 1, 0, 0), // odd sides
            () -> new PixelCnnPlusPlusConfig(SQUARE, 2, 1, 1, 1, 1, 0),
            () -> new PixelCnnPlusPlusConfig(SQUARE, 2, 1, 0, 1, 0, 0),
            () -> new PixelCnnPlusPlusConfig(SQUARE, 2, 1, 1, 0, 0, 0),
            () -> PixelCnnTrainingConfig.of(0),
            () ->
                new PixelCnnTrainingConfig(
                    1, 1, Rule.muon(), 0, Decay.COSINE, 0, 0, Binarisation.RESAMPLED, 1),
            () ->
                new PixelCnnTrainingConfig(
                    1, 1, Rule.muon(), 1, Decay.COSINE, 1, 0, Binarisation.RESAMPLED, 1),
            () ->
                new PixelCnnTrainingConfig(
                    1, 1, Rule.muon(), 1, Decay.COSINE, 0, -1, Binarisation.RESAMPLED, 1))) {
      assertThrows(IllegalArgumentException.class, wrong::run);
    }
  }

  @Test
  void aFileOfAnotherKindIsRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("vae.safetensors");
    VaeConfig config = new VaeConfig(3, "2", "1", VaeConfig.Decoder.BERNOULLI, Nonlinearity.TANH);
    try (Vae vae = Vae.create(device, config, 1)) {
      vae.save(file);
    }
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> AutoregressiveImages.load(file, device));
    assertEquals(
        "expected an autoregressive model of images, got the kind \"vae\"", e.getMessage());
    assertThrows(IOException.class, () -> PixelCnn.load(file, device));
  }

  @Test
  void refusesWhatItCannotDo() {
    ImageShape colour = new ImageShape(3, 1, 1, 4);
    try (PixelCnn plain = TinyImages.plain(device, LINE, 1);
        GatedPixelCnn gated = TinyImages.gated(device, LINE, 1, 2);
        PixelCnnPlusPlus mixture = TinyImages.plusPlus(device, colour, 1, 1, 0);
        Tensor wide = Tensor.zeros(device, 2, 4);
        Tensor x = Tensor.zeros(device, 2, 3);
        Tensor three = Tensor.zeros(device, 3, 3);
        Tensor above = Tensor.of(device, new float[] {2, 0, 0}, 1, 3);
        Tensor all = Tensor.ones(device, 1, 3);
        Tensor one = Tensor.of(device, new float[] {1, 0, 0}, 1, 3)) {
      for (Runnable wrong :
          List.<Runnable>of(
              () -> plain.logLikelihood(wide),
              () -> plain.logLikelihood(x, new long[] {0, 0}),
              () -> plain.sample(0, 1),
              () -> plain.sample(new long[] {0}, 1),
              () -> plain.inpaint(wide, all, 1),
              () -> plain.inpaint(x, wide, 1),
              () -> plain.inpaint(x, three, 1),
              () -> plain.inpaint(above, all, 1),
              () -> gated.logLikelihood(x, null),
              () -> gated.logLikelihood(x, new long[] {0}),
              () -> gated.logLikelihood(x, new long[] {0, 2}),
              () -> gated.sample(0, 1),
              () -> gated.inpaint(x, all, 1), // of which class?
              () -> mixture.inpaint(x, one, 1))) {
        assertThrows(IllegalArgumentException.class, wrong::run);
      }
      try (Tensor kept = plain.inpaint(x, all, 1)) {
        assertArrayEquals(x.toArray(), kept.toArray());
      }
    }
  }
}
