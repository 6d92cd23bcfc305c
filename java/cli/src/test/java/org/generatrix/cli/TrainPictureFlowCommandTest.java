// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;
import org.junit.jupiter.api.Test;

/** {@code train flow} on pictures to the report, and what can be done with its models. */
class TrainPictureFlowCommandTest extends TrainCommandFixture {
  TrainPictureFlowCommandTest() {
    super(
        "flow",
        option("--width", 8),
        option("--layers", 1),
        option("--batch-size", 20),
        option("--epochs", 2),
        option("--threads", 1));
  }

  @Test
  void greyPictures() throws IOException {
    Cli cli = trained("--couplings", 2);
    assertEquals("", cli.err());
    assertFiles(
        "run.json",
        "model.safetensors",
        "checkpoint.safetensors",
        "metrics.csv",
        "samples.png",
        "cool.png",
        "forming.png",
        "interpolation.png",
        "extremes.png",
        "report.html");
    for (String word :
        List.of(
            "model   a NICE, 2 couplings with networks of 1 x 8 hidden units, 30 dimensions, ",
            "bits per dimension",
            "uniform dequantisation of 256 levels")) {
      assertTrue(cli.out().contains(word), word + " in " + cli);
    }
    assertEquals(
        "epoch,seconds,samples_per_second,learning_rate,bits_per_dimension_train,bits_per_dimension_test",
        Files.readAllLines(out.resolve("metrics.csv")).get(0));
    String html = report();
    for (String word :
        List.of(
            "NICE of 2 couplings",
            "Samples at temperature 0.7",
            "Bits per dimension",
            "uniform dequantisation of 256 levels",
            "Most and least likely",
            "after epochs 1 and 2")) {
      assertTrue(html.contains(word), "the report lacks: " + word);
    }
    assertPicture("forming", 2 + 10 * (5 * 8 + 2), 2 + 2 * (6 * 8 + 2)); // two epochs
    assertPicture("extremes", 2 + 10 * (5 * 8 + 2), 2 + 2 * (6 * 8 + 2) + 6); // ten of either
    assertFalse(
        Arrays.equals(
            Files.readAllBytes(out.resolve("samples.png")),
            Files.readAllBytes(out.resolve("cool.png"))));
    Map<?, ?> likelihood = (Map<?, ?>) record().get("likelihood");
    double nats = (Double) likelihood.get("mean_log_likelihood");
    double bits = (Double) likelihood.get("bits_per_dimension");
    assertEquals(8 - nats / (30 * Math.log(2)), bits, 1e-9); // oracle 60's conversion
    Cli score = Cli.run("score", out, "--data", data);
    assertTrue(score.out().contains(Text.format("%.4f bits per dimension", bits)), score::toString);
  }

  @Test
  void samplesOfPictures() throws IOException {
    trained("--couplings", 2, "--no-likelihood");
    Path idx = temp.resolve("s.idx");
    Cli sampled = Cli.run("sample", out, "--out", idx, "-n", 9, "--temperature", 0.5);
    assertEquals("Wrote 9 samples of 6 x 5 pixels to " + idx + ".", sampled.out().strip());
    Path csv = temp.resolve("s.csv");
    assertEquals(
        "error: --out must end in .png, .npy, .idx or .idx.gz for pictures, got " + csv + ".",
        Cli.run("sample", out, "--out", csv).error());
    assertEquals(
        "error: --points means nothing to a NICE, which "
            + out.resolve("model.safetensors")
            + " holds.",
        Cli.run("score", out, "--points", "moons").error());
    assertTrue(Cli.run("inspect", out).out().contains("nice"));
  }

  @Test
  void trainingBringsTheBitsDown() throws IOException {
    trained("--couplings", 2, "--epochs", 60, "--learning-rate", 0.01, "--no-likelihood");
    List<String> lines = Files.readAllLines(out.resolve("metrics.csv"));
    double first = Double.parseDouble(lines.get(1).split(",")[5]);
    double last = Double.parseDouble(lines.get(lines.size() - 1).split(",")[5]);
    assertTrue(last < first - 0.5, first + " to " + last);
  }

  /** 4 x 4 pixels in three colours, each picture one colour. */
  private Path colours() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("colours"));
    Random random = new Random(1);
    for (String name : List.of("train-images-idx4-ubyte", "t10k-images-idx4-ubyte.gz")) {
      byte[] pixels = new byte[30 * 3 * 16];
      for (int i = 0; i < 30 * 3; i++) {
        Arrays.fill(pixels, 16 * i, 16 * (i + 1), (byte) random.nextInt(256));
      }
      Idx.writeImages(folder.resolve(name), new Images(30, 3, 4, 4, pixels));
    }
    return folder;
  }

  @Test
  void colourPictures() throws IOException {
    data = colours();
    Cli cli = trained("--model", "realnvp", "--scales", 2, "--width", 2, "--norm", "weight");
    for (String word :
        List.of(
            "30 training and 30 test pictures of 3 x 4 x 4 pixels",
            "a RealNVP, 2 scales with networks of 2 channels and 1 block")) {
      assertTrue(cli.out().contains(word), word + " in " + cli);
    }
    assertTrue(report().contains("RealNVP of 2 scales") && report().contains("logit of"));
    Path alone = Files.copy(out.resolve("model.safetensors"), temp.resolve("alone.safetensors"));
    Path idx = temp.resolve("s.idx");
    Cli sampled = Cli.run("sample", alone, "--out", idx, "-n", 5);
    assertEquals("Wrote 5 samples of 3 x 4 x 4 pixels to " + idx + ".", sampled.out().strip());
    assertEquals(3, Idx.readImages(idx).channels());
    assertEquals(ExitCode.OK, Cli.run("score", out, "--data", data).code());
    Cli other = Cli.run("train", "vae", "--data", data, "--out", temp.resolve("vae"));
    assertEquals(
        "error: train vae learns grey pictures, but those of "
            + data
            + " are in colour; train flow takes them.",
        other.error());
    assertEquals(ExitCode.FAILURE, other.code());
  }

  @Test
  void aResumedRunGoesOnBitForBit() throws IOException {
    trained("--couplings", 2, "--epochs", 4, "--decay", "constant", "--no-likelihood");
    byte[] straight = Files.readAllBytes(out.resolve("samples.png"));
    trained("--couplings", 2, "--decay", "constant", "--no-likelihood", "--force");
    Cli cli = Cli.run("train", "flow", "--resume", "--out", out, "--epochs", 4, "--no-likelihood");
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertArrayEquals(straight, Files.readAllBytes(out.resolve("samples.png")));
  }

  @Test
  void picturesThatDoNotFitTheNetworkAreRefused() {
    Cli cli = train("--model", "realnvp", "--scales", 3);
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertTrue(cli.error().startsWith("error: The network does not fit the data: "), cli::toString);
  }
}
