// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.data.Digits;
import org.generatrix.data.Images;
import org.generatrix.data.Mnist;
import org.generatrix.data.PictureSet;
import org.generatrix.data.Points;
import org.generatrix.eval.AisConfig;
import org.generatrix.eval.LogLikelihood.Certainty;
import org.generatrix.io.Json;
import org.generatrix.model.adversarial.GanTrainingConfig;
import org.generatrix.model.autoencoder.AutoencoderTrainingConfig;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.autoregressive.PixelCnnConfig;
import org.generatrix.model.autoregressive.PixelCnnTrainingConfig;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import org.generatrix.model.flow.Dequantisation;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.model.flow.Nice;
import org.generatrix.model.flow.NiceConfig;
import org.generatrix.model.flow.RealNvp;
import org.generatrix.model.flow.RealNvpConfig;
import org.generatrix.model.flow.SplineFlowConfig;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.model.variational.VaeTrainingConfig;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.optim.Decay;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;
import org.junit.jupiter.api.Test;

/** The figures' list, and the whole way of one on the bundled digits, in small. */
class FiguresTest {
  private static final Mnist.Split DIGITS =
      new Mnist.Split(Digits.train(), Digits.trainLabels(), Digits.test(), Digits.testLabels());

  private static RbmFigure figure(AisConfig ais, double bar) {
    RbmTrainingConfig recipe =
        RbmTrainingConfig.builder().epochs(6).learningRate(0.1).finalLearningRate(0.001).build();
    return new RbmFigure("small", "a small one", 16, recipe, ais, -150, "nobody", bar);
  }

  @Test
  void theListHoldsThePublishedOnes() {
    assertEquals(
        List.of("rbm-500", "rbm-16-exact", "vae", "iwae-5", "pixelcnn"),
        Figures.all().stream().map(Figure::name).toList());
    assertEquals(-84.86, Figures.of("rbm-500").published());
    assertEquals(-90, Figures.of("rbm-500").bar());
    assertEquals(-142.56, Figures.of("rbm-16-exact").published());
    assertEquals(-144, Figures.of("rbm-16-exact").bar());
    assertEquals(-86.76, Figures.of("vae").published());
    assertEquals(-87.5, Figures.of("vae").bar());
    assertEquals(-85.54, Figures.of("iwae-5").published());
    assertEquals(-86.3, Figures.of("iwae-5").bar());
    assertEquals(-81.45, Figures.of("pixelcnn").published());
    assertEquals(-85, Figures.of("pixelcnn").bar());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Figures.of("rbm-17"));
    assertEquals(
        "expected a figure of [rbm-500, rbm-16-exact, vae, iwae-5, pixelcnn, conv-ae, two-moons, nice,"
            + " realnvp, dcgan], got rbm-17",
        e.getMessage());
  }

  @Test
  void aComparisonTrainsAndMeasuresBoth() {
    assertEquals(List.of("conv-ae"), Figures.comparisons().stream().map(Comparison::name).toList());
    assertEquals("conv-ae", Figures.comparison("conv-ae").orElseThrow().name());
    assertTrue(Figures.comparison("rbm-500").isEmpty());
    byte[] few = java.util.Arrays.copyOf(Digits.train().pixels(), 60 * 784);
    Images images = new Images(60, 28, 28, few);
    byte[] labels = new byte[60];
    int[] epochs = {0};
    TrainingListener counter =
        new TrainingListener() {
          @Override
          public void onEpoch(TrainingEvent event) {
            epochs[0]++;
          }
        };
    try (Device device = Device.cpu(1)) {
      ConvAutoencoderComparison small =
          new ConvAutoencoderComparison(
              "small", "a small one", 3, List.of(2L, 50L), AutoencoderTrainingConfig.of(2));
      ComparisonResult result =
          small.run(device, new Mnist.Split(images, labels, images, labels), counter);
      assertEquals(4, epochs[0]);
      assertEquals(2, result.rows().size());
      assertEquals("code of 2", result.rows().get(0).setting());
      assertEquals("50 principal components", result.rows().get(1).peer());
      // Nearly as many components as pictures leave nearly nothing, which no two epochs reach.
      assertTrue(result.rows().get(1).theirs() < 0.002, result::toString);
      assertTrue(result.rows().get(1).ours() > 0.02, result::toString);
      assertTrue(!result.reached());
      Map<String, Object> line = Json.parseObject(result.toJson());
      assertEquals("small", line.get("name"));
      assertEquals(2, ((List<?>) line.get("rows")).size());
      assertEquals(false, line.get("reached"));
      assertEquals(0, device.memory().live());
    }
  }

  @Test
  void aFigureTrainsAndMeasures() {
    int[] epochs = {0};
    TrainingListener counter =
        new TrainingListener() {
          @Override
          public void onEpoch(TrainingEvent event) {
            epochs[0]++;
          }
        };
    try (Device device = Device.cpu(1)) {
      FigureResult exact = figure(null, -190).run(device, DIGITS, counter);
      assertEquals(6, epochs[0]);
      assertEquals(Certainty.EXACT, exact.value().certainty());
      assertNull(exact.reverse());
      // The pixels' own marginals give about -206 nats; 6 epochs over these few digits give much of
      // the rest.
      assertTrue(exact.value().mean() > -190 && exact.value().mean() < -150, "" + exact.value());
      assertTrue(exact.reached());
      assertTrue(exact.trainingSeconds() > 0 && exact.evaluationSeconds() > 0);

      AisConfig ais = AisConfig.uniform(500).withBurnIn(100);
      FigureResult estimate = figure(ais, -100).run(device, DIGITS, counter);
      assertEquals(Certainty.ESTIMATE, estimate.value().certainty());
      assertEquals(exact.value().mean(), estimate.value().mean(), 0.5);
      assertEquals(exact.value().mean(), estimate.reverse().mean(), 0.5);
      assertTrue(!estimate.reached());
      assertEquals(0, device.memory().live());

      Map<String, Object> line = Json.parseObject(estimate.toJson());
      assertEquals("small", line.get("name"));
      assertEquals(estimate.value().mean(), line.get("value"));
      assertEquals(estimate.reverse().mean(), line.get("reverse"));
      assertEquals(false, line.get("reached"));
      assertEquals("intensities", line.get("trained_on"));
      assertEquals("resampled", line.get("tested_on"));
      assertEquals(6L, line.get("epochs"));
    }
  }

  @Test
  void aTimedFigureStretchesItsScheduleOverTheTimeThereIs() {
    VaeConfig tiny = new VaeConfig(784, "20", "4", VaeConfig.Decoder.BERNOULLI, Nonlinearity.TANH);
    List<Double> rates = new ArrayList<>();
    int[] epochs = {0};
    TrainingListener watcher =
        new TrainingListener() {
          @Override
          public void onEpoch(TrainingEvent event) {
            rates.add(event.metrics().get("learning_rate"));
            epochs[0] = event.epochs();
          }
        };
    try (Device device = Device.cpu(1)) {
      VaeFigure figure =
          new VaeFigure(
              "small",
              "a small one",
              tiny,
              VaeTrainingConfig.iwae(1, 2),
              Duration.ofMillis(700),
              10,
              -150,
              "nobody",
              -300);
      FigureResult result = figure.run(device, DIGITS, watcher);
      assertEquals(rates.size(), result.epochs());
      assertTrue(result.epochs() >= 1 && result.epochs() <= epochs[0]);
      if (result.epochs() == epochs[0]) { // else the machine became busy and the run was stopped
        assertEquals(0, rates.get(rates.size() - 1), "the rate falls over exactly those epochs");
      }
      assertEquals(Certainty.LOWER_BOUND, result.value().certainty());
      assertEquals(1000, result.value().rows());
      assertEquals(Binarisation.RESAMPLED, result.value().binarisation());
      assertEquals("resampled", result.training());
      assertNull(result.reverse());
      // The pixels' own marginals give about -206 nats.
      assertTrue(result.value().mean() > -250 && result.reached(), "" + result.value());
      assertEquals(0, device.memory().live());
    }
  }

  @Test
  void aPixelCnnIsMeasuredExactlyWithItsAveragedWeights() {
    Mnist.Split few =
        new Mnist.Split(
            Digits.train().slice(0, 40),
            Arrays.copyOf(Digits.trainLabels(), 40),
            Digits.test().slice(0, 20),
            Arrays.copyOf(Digits.testLabels(), 20));
    try (Device device = Device.cpu(1)) {
      PixelCnnFigure figure =
          new PixelCnnFigure(
              "small",
              "a small one",
              new PixelCnnConfig(ImageShape.binary(28, 28), 2, 1, 3, 3, 4),
              PixelCnnTrainingConfig.of(1),
              Duration.ofMillis(300),
              -81.45,
              "nobody",
              -1000);
      FigureResult result = figure.run(device, few, new TrainingListener() {});
      assertTrue(result.epochs() >= 1);
      assertEquals(Certainty.EXACT, result.value().certainty());
      assertEquals(20, result.value().rows());
      assertEquals("resampled", result.training());
      // Coins give 784 log 2 = 543 nats; there is time for little more.
      assertTrue(result.value().mean() > -1000 && result.reached(), "" + result.value());
      assertEquals(0, device.memory().live());
    }
  }

  @Test
  void aTimedRunIsReachedWhereNothingIsAsked() {
    assertEquals(
        List.of("two-moons", "nice", "realnvp", "dcgan"),
        Figures.timedRuns().stream().map(TimedRun::name).toList());
    assertEquals(TimedRun.Data.NONE, Figures.timedRun("two-moons").orElseThrow().data());
    assertEquals(TimedRun.Data.EMOJI, Figures.timedRun("realnvp").orElseThrow().data());
    assertEquals(TimedRun.Data.MNIST, Figures.timedRun("dcgan").orElseThrow().data());
    assertTrue(Figures.timedRun("vae").isEmpty());
    TimedRunResult.Row stated = new TimedRunResult.Row("a", 5, "", "", null);
    TimedRunResult.Row below = new TimedRunResult.Row("b", 5, "nats", "floor 4", 5.0);
    TimedRunResult.Row above = new TimedRunResult.Row("c", 5, "nats", "floor 4", 4.9);
    TimedRunResult.Row lost = new TimedRunResult.Row("d", Double.NaN, "nats", "", 9.0);
    assertTrue(stated.reached() && below.reached() && !above.reached() && !lost.reached());
    TimedRun run = Figures.timedRuns().get(0);
    List<TimedRunResult.Point> curve = List.of(new TimedRunResult.Point(1, 7));
    TimedRunResult good = new TimedRunResult(run, List.of(stated, below), curve, null, 10, 2.5, 1);
    assertTrue(good.reached());
    assertTrue(!new TimedRunResult(run, List.of(stated, lost), curve, null, 1, 2, 1).reached());
    Map<String, Object> line = Json.parseObject(good.toJson());
    assertEquals(List.of(List.of(1.0, 7.0)), line.get("curve"));
    assertEquals(10L, line.get("updates"));
    Map<?, ?> row = (Map<?, ?>) ((List<?>) line.get("rows")).get(1);
    assertEquals("floor 4", row.get("beside"));
    assertEquals(5.0, row.get("bar"));
  }

  @Test
  void aDcganStatesItsUpdateAndItsSamples() {
    PictureSet few = new PictureSet(Digits.train().slice(0, 50), Digits.test().slice(0, 30));
    DcganRun small =
        new DcganRun(
            "small",
            "a small one",
            TimedRun.Data.MNIST,
            2,
            3,
            GanTrainingConfig.of(1000).withBatchSize(16),
            Duration.ofMillis(200),
            20);
    try (Device device = Device.cpu(1)) {
      TimedRunResult result = small.run(device, few, new TrainingListener() {});
      assertTrue(result.updates() > 0 && result.reached());
      double update = result.rows().get(0).value();
      assertEquals(1e3 * result.trainingSeconds(), update * result.updates(), 1e-6);
      assertEquals("an update, batch of 16", result.rows().get(0).measure());
      // Pictures of another distribution are farther from test pictures than training pictures are.
      assertTrue(result.rows().get(1).value() > 0.1, result::toString);
      assertTrue(result.rows().get(1).beside().endsWith("20 of each kind compared"));
      assertEquals("Images[64 of 28 x 28]", result.samples().toString());
      assertEquals(0, device.memory().live());
    }
  }

  @Test
  void aFlowOfPointsIsSetBesideTheirEntropy() {
    PointFlowRun small =
        new PointFlowRun(
            "small",
            "a small one",
            Points.TWO_MOONS,
            0.1,
            500,
            SplineFlowConfig.of(2, 2, 8),
            FlowTrainingConfig.of(1).withLearningRate(5e-3),
            Duration.ofMillis(400),
            3);
    try (Device device = Device.cpu(1)) {
      TimedRunResult result = small.run(device, null, new TrainingListener() {});
      assertTrue(result.updates() >= 5, result::toString);
      TimedRunResult.Row nats = result.rows().get(0);
      // A Gaussian of the points' covariance, which the flow begins near, has about 2 nats.
      assertTrue(nats.value() > 1.008 - 0.2 && nats.value() < 3, result::toString);
      assertTrue(nats.beside().startsWith("floor 1.008, the entropy"), result::toString);
      assertTrue(result.reached());
      // What the flow loses is the difference to the mean of the true density at the same points.
      assertTrue(result.rows().get(1).value() > 0, result::toString);
      assertTrue(!result.curve().isEmpty());
      assertNull(result.samples());
      assertEquals(0, device.memory().live());
    }
  }

  @Test
  void aFlowOfPicturesStatesItsBitsAndDraws() {
    PictureSet few = new PictureSet(Digits.train().slice(0, 40), Digits.test().slice(0, 20));
    NiceConfig config =
        new NiceConfig(784, 0, Dequantisation.uniform(256), true, 2, 1, 8, Base.LOGISTIC);
    PictureFlowRun small =
        new PictureFlowRun(
            "small",
            "a small one",
            TimedRun.Data.MNIST,
            (device, like, seed) -> Nice.create(device, config, seed),
            FlowTrainingConfig.of(1),
            Duration.ofMillis(300),
            10,
            "4.36");
    try (Device device = Device.cpu(1)) {
      TimedRunResult result = small.run(device, few, new TrainingListener() {});
      TimedRunResult.Row bits = result.rows().get(0);
      assertEquals("test bits per dimension, 20 pictures", bits.measure());
      // Noise of no structure has 8 bits; forty pictures, of which many pixels are always black,
      // teach a flow more of themselves than of others.
      assertTrue(bits.value() > 1 && bits.value() < 40, result::toString);
      assertTrue(bits.beside().startsWith("4.36; uniform"), result::toString);
      assertEquals("drawing 64 pictures", result.rows().get(1).measure());
      assertEquals("Images[64 of 28 x 28]", result.samples().toString());
      assertTrue(!result.curve().isEmpty());
      assertEquals(0, device.memory().live());
    }
  }

  @Test
  void aFlowOfColourPictures() {
    byte[] pixels = new byte[6 * 3 * 4 * 4];
    new Random(1).nextBytes(pixels);
    Images tiny = new Images(6, 3, 4, 4, pixels);
    RealNvpConfig config = RealNvpConfig.of(new ImageShape(3, 4, 4, 256), 2, 1);
    PictureFlowRun small =
        new PictureFlowRun(
            "small",
            "a small one",
            TimedRun.Data.EMOJI,
            (device, like, seed) -> RealNvp.create(device, config, seed),
            new FlowTrainingConfig(1, 6, 1e-3, Decay.COSINE, 0, 100, 0, 0, 1),
            Duration.ofMillis(300),
            2,
            "nothing");
    try (Device device = Device.cpu(1)) {
      PictureSet pictures = new PictureSet(tiny, tiny.slice(0, 3));
      TimedRunResult result = small.run(device, pictures, new TrainingListener() {});
      assertTrue(result.rows().get(0).value() > 4 && result.rows().get(0).value() < 40);
      assertEquals(2, result.rows().size());
      assertEquals(0, device.memory().live());
    }
  }
}
