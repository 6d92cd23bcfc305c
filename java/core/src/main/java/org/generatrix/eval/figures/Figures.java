// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.generatrix.data.Binarisation;
import org.generatrix.data.Images;
import org.generatrix.data.Points;
import org.generatrix.eval.AisConfig;
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

/** All figures that can be rerun, and their recipes. */
public final class Figures {
  private static final String MELCHIOR =
      "Melchior, Fischer, Wiskott, \"How to center deep Boltzmann machines\", JMLR 2016";

  private static final String BURDA =
      "Burda, Grosse, Salakhutdinov, \"Importance weighted autoencoders\", ICLR 2016";
  private static final VaeConfig BURDA_ONE_LAYER =
      new VaeConfig(784, "200-200", "50", VaeConfig.Decoder.BERNOULLI, Nonlinearity.TANH);

  private static final List<Figure> ALL =
      List.of(
          new RbmFigure(
              "rbm-500",
              "RBM, 784-500, centered, PCD-1, MNIST: test log-likelihood by AIS, 100 chains, 14,500 temperatures",
              500,
              pcd(150, 0.2),
              AisConfig.standard14500(),
              -84.86,
              MELCHIOR + "; reverse AIS -96.61",
              -90),
          new RbmFigure(
              "rbm-16-exact",
              "RBM, 784-16, centered, PCD-1, MNIST: exact test log-likelihood",
              16,
              pcd(50, 0.1),
              null,
              -142.56,
              MELCHIOR + "; not centered -149.05",
              -144),
          new VaeFigure(
              "vae",
              "VAE, 784-200-200-50, evidence lower bound, MNIST: test log-likelihood by importance weighting, 5,000 samples",
              BURDA_ONE_LAYER,
              VaeTrainingConfig.elbo(1),
              Duration.ofMinutes(15),
              5_000,
              -86.76,
              BURDA,
              -87.5),
          new VaeFigure(
              "iwae-5",
              "IWAE with 5 samples, 784-200-200-50, MNIST: test log-likelihood by importance weighting, 5,000 samples",
              BURDA_ONE_LAYER,
              VaeTrainingConfig.iwae(1, 5),
              Duration.ofMinutes(20),
              5_000,
              -85.54,
              BURDA + "; with 50 samples -84.78",
              -86.3),
          new PixelCnnFigure(
              "pixelcnn",
              "PixelCNN, 16 channels, 15 residual blocks, MNIST: exact test log-likelihood",
              PixelCnnConfig.of(ImageShape.binary(28, 28), 16, 15),
              PixelCnnTrainingConfig.of(1),
              Duration.ofMinutes(20),
              -81.45,
              "pytorch-generative, 457 epochs; van den Oord, Kalchbrenner, Kavukcuoglu, \"Pixel recurrent neural networks\", ICML 2016: -81.30 on fixed states",
              -85));

  private static final List<Comparison> COMPARISONS =
      List.of(
          new ConvAutoencoderComparison(
              "conv-ae",
              "Convolutional autoencoder of EE-559 beside PCA, codes of 8 and 32, MNIST: squared error of a test pixel",
              32,
              List.of(8L, 32L),
              AutoencoderTrainingConfig.of(4)));

  private static final List<TimedRun> TIMED =
      List.of(
          new PointFlowRun(
              "two-moons",
              "Neural spline flow, 4 couplings of 16 bins, two moons at noise 0.05, 2 minutes: test negative log-likelihood",
              Points.TWO_MOONS,
              0.05,
              100_000,
              new SplineFlowConfig(2, 0, Dequantisation.none(), 4, 64, 2, 16, 4, true, false, 1),
              FlowTrainingConfig.of(1).withBatchSize(500).withLearningRate(3e-3),
              Duration.ofMinutes(2),
              0.40),
          new PictureFlowRun(
              "nice",
              "NICE, 4 couplings of 5 x 1000, dequantised MNIST, 15 minutes: test bits per dimension",
              TimedRun.Data.MNIST,
              (device, like, seed) -> Nice.create(device, NiceConfig.mnist(), seed),
              // 400 updates came to 5.18 bits; at 1e-3 to 5.29, at 5e-4 to 5.41.
              FlowTrainingConfig.of(1).withLearningRate(2e-3),
              Duration.ofMinutes(15),
              1_000,
              "4.36 after 1,500 epochs (Dinh, Krueger, Bengio, \"NICE\", 2015)"),
          new PictureFlowRun(
              "realnvp",
              "RealNVP, 3 scales, 32 channels, 2 blocks, emoji of 32 x 32 in colour, 15 minutes: test bits per dimension",
              TimedRun.Data.EMOJI,
              (device, like, seed) -> RealNvp.create(device, realNvp(like), seed),
              new FlowTrainingConfig(1, 32, 1.5e-3, Decay.COSINE, 0.99, 100, 0, 0, 1),
              Duration.ofMinutes(15),
              64,
              "nothing published on these pictures; CIFAR-10 3.49 (Dinh, Sohl-Dickstein, Bengio, \"Real NVP\", 2017)"),
          new DcganRun(
              "dcgan",
              "DCGAN, 64 features, batches of 64, MNIST in a square of 32 x 32, 10 minutes: an update's time, samples",
              TimedRun.Data.MNIST,
              64,
              64,
              GanTrainingConfig.of(1_000).withBatchSize(64),
              Duration.ofMinutes(10),
              2_000));

  private Figures() {}

  // The paper's setting (PCD-1, batches and chains of 100), with a rate that starts ten or twenty
  // times higher and falls to nothing: the chains then mix early and the parameters settle late.
  private static RbmTrainingConfig pcd(int epochs, double rate) {
    return RbmTrainingConfig.builder()
        .algorithm(RbmTrainingConfig.Algorithm.PCD)
        .steps(1)
        .batchSize(100)
        .chains(100)
        .epochs(epochs)
        .learningRate(rate)
        .finalLearningRate(0.0001)
        .offsetRate(0.01)
        .binarisation(Binarisation.INTENSITIES)
        .seed(1)
        .build();
  }

  private static RealNvpConfig realNvp(Images like) {
    ImageShape shape = new ImageShape(like.channels(), like.height(), like.width(), 256);
    return RealNvpConfig.of(shape, 32, 2);
  }

  public static List<Figure> all() {
    return ALL;
  }

  /**
   * The figure of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Figure of(String name) {
    return ALL.stream()
        .filter(figure -> figure.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected a figure of %s, got %s".formatted(names(), name)));
  }

  private static List<String> names() {
    return Stream.of(
            ALL.stream().map(Figure::name),
            COMPARISONS.stream().map(Comparison::name),
            TIMED.stream().map(TimedRun::name))
        .flatMap(names -> names)
        .toList();
  }

  /** The runs that are set beside another method, not beside a published number. */
  public static List<Comparison> comparisons() {
    return COMPARISONS;
  }

  /** The comparison of that name, if there is one. */
  public static Optional<Comparison> comparison(String name) {
    return COMPARISONS.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /** The runs of a stated time. */
  public static List<TimedRun> timedRuns() {
    return TIMED;
  }

  /** The timed run of that name, if there is one. */
  public static Optional<TimedRun> timedRun(String name) {
    return TIMED.stream().filter(each -> each.name().equals(name)).findFirst();
  }
}
