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
import java.util.Set;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.autoregressive.PixelCnn;
import org.generatrix.model.autoregressive.PixelCnnConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code train pixelcnn} from IDX files to the report, and what can be done with its model. */
class TrainPixelCnnCommandTest extends TrainCommandFixture {
  TrainPixelCnnCommandTest() {
    super(
        "pixelcnn",
        option("--channels", 2),
        option("--blocks", 1),
        option("--first-kernel", 3),
        option("--epochs", 2),
        option("--batch-size", 20),
        option("--threads", 1));
  }

  @Test
  void writesARunFolder() throws IOException {
    Cli cli = trained();
    assertEquals("", cli.err());
    assertFiles(
        "run.json",
        "model.safetensors",
        "checkpoint.safetensors",
        "metrics.csv",
        "samples.png",
        "stages.png",
        "forming.png",
        "completions.png",
        "report.html");
    for (String word :
        List.of(
            "model   a PixelCNN, 2 channels, 1 block, 6 x 5 of 2 levels, ",
            "epoch 2/2 ",
            "test -",
            "nats, exact for each picture",
            "bits a pixel")) {
      assertTrue(cli.out().contains(word), word + " in " + cli);
    }
    assertEquals(
        "epoch,seconds,samples_per_second,learning_rate,log_likelihood_train,log_likelihood_test",
        Files.readAllLines(out.resolve("metrics.csv")).get(0));
    assertPicture("samples", 2 + 8 * (5 * 8 + 2), 2 + 8 * (6 * 8 + 2));
    assertPicture("stages", 2 + 8 * (5 * 8 + 2), 2 + 4 * (6 * 8 + 2));
    assertPicture("forming", 2 + 10 * (5 * 8 + 2), 2 + 2 * (6 * 8 + 2)); // two epochs
    assertPicture("completions", 2 + 10 * (5 * 8 + 2), 2 + 6 * (6 * 8 + 2));
    String html = report();
    for (String word :
        List.of(
            "PixelCNN, 2 channels, 1 block",
            "Samples as they are drawn",
            "after epochs 1 and 2",
            "Completions",
            "95 % interval",
            "binarised by one draw",
            "a moving average, decay 0.999")) {
      assertTrue(html.contains(word), word);
    }
    Map<String, Object> record = record();
    assertEquals("pixelcnn", record.get("kind"));
    Map<?, ?> likelihood = (Map<?, ?>) record.get("likelihood");
    assertEquals("EXACT", likelihood.get("certainty"));
    assertEquals(20L, likelihood.get("rows"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--model gated --binarisation threshold --ema 0",
        "--model plusplus --scales 1 --levels 16 --components 2 --dropout 0.1",
        "--levels 4 --decay constant --no-likelihood --early-stop 1"
      })
  void everyVariantRunsAndIsMeasured(String options) throws IOException {
    trained((Object[]) options.split(" "));
    String html = report();
    assertEquals(options.contains("threshold"), html.contains("thresholded at 1/2"));
    assertEquals(options.contains("levels"), html.contains("as intensities"));
    assertEquals(options.contains("--ema 0"), html.contains("those of the last update"));
    assertEquals(!options.contains("--no-likelihood"), html.contains("95 % interval"));
    Cli score = Cli.run("score", out, "--data", data);
    assertEquals(ExitCode.OK, score.code(), score::toString);
    assertTrue(score.out().contains("nats, exact for each picture"), score::toString);
    boolean levels = options.contains("levels");
    Cli other = Cli.run("score", out, "--data", data, "--binarisation", "threshold");
    assertEquals(levels ? ExitCode.USAGE : ExitCode.OK, other.code(), other::toString);
  }

  @Test
  void minutesBecomeEpochs() throws IOException {
    Cli cli = trained("--epochs", 1); // for the length of the arguments
    assertTrue(cli.out().contains("epoch 1/1 "), cli::toString);
    Cli timed =
        Cli.run(
            "train",
            "pixelcnn",
            "--data",
            data,
            "--out",
            out,
            "--force",
            "--minutes",
            "0.0005",
            "--channels",
            2,
            "--blocks",
            0,
            "--no-likelihood");
    assertEquals(ExitCode.OK, timed.code(), timed::toString);
    assertTrue(timed.out().contains("epoch "), timed::toString);
  }

  @Test
  void aResumedRunGoesOnBitForBit() throws IOException {
    Path straight = out;
    trained("--epochs", 4, "--decay", "constant", "--no-likelihood");
    out = temp.resolve("halved");
    trained("--epochs", 2, "--decay", "constant", "--no-likelihood");
    Cli resumed =
        Cli.run(
            "train",
            "pixelcnn",
            "--resume",
            "--out",
            out,
            "--epochs",
            4,
            "--no-likelihood",
            "--threads",
            1);
    assertEquals(ExitCode.OK, resumed.code(), resumed::toString);
    for (String name : List.of("samples.png", "completions.png")) {
      assertArrayEquals(
          Files.readAllBytes(straight.resolve(name)), Files.readAllBytes(out.resolve(name)), name);
    }
    assertEquals(5, Files.readAllLines(out.resolve("metrics.csv")).size());
  }

  @Test
  void theRunOfAnotherModelIsNotResumed() {
    trained("--no-likelihood");
    Cli cli = Cli.run("train", "vae", "--resume", "--out", out);
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertTrue(cli.error().contains("got \"pixelcnn\""), cli::toString);
  }

  @Test
  void samplesAreStatesAndCompletionsKeepTheirHalf() throws IOException {
    trained("--no-likelihood");
    Path idx = temp.resolve("s.idx");
    Cli cli = Cli.run("sample", out, "--out", idx, "-n", 9);
    assertEquals("Wrote 9 samples of 6 x 5 pixels to " + idx + ".", cli.out().strip());
    assertEquals(Set.of(0, 255), values(idx));
    Cli refused = Cli.run("sample", out, "--out", idx, "--steps", 5);
    assertEquals(ExitCode.USAGE, refused.code(), refused::toString);
    assertTrue(refused.error().contains("--steps means nothing to a PixelCNN"), refused::toString);

    Path given = data.resolve("t10k-images-idx3-ubyte.gz");
    Cli completed =
        Cli.run("sample", out, "--out", idx, "-n", 3, "--inpaint", given, "--observed", "top");
    assertEquals(ExitCode.OK, completed.code(), completed::toString);
    Images before = Idx.readImages(given);
    Images after = Idx.readImages(idx);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(
          Arrays.copyOfRange(before.pixels(), i * 30, i * 30 + 15),
          Arrays.copyOfRange(after.pixels(), i * 30, i * 30 + 15));
    }
  }

  @Test
  void picturesThatDoNotFitTheNetworkAreRefused() {
    Cli cli = train("--model", "plusplus", "--scales", 2);
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertTrue(cli.error().contains("multiples of 2^1, got 6 x 5"), cli::toString);
  }

  @Test
  void coloursAreRefused() throws IOException {
    Path file = temp.resolve("colour.safetensors");
    try (org.generatrix.binding.Device device = org.generatrix.binding.Device.cpu(1);
        PixelCnn model =
            PixelCnn.create(
                device, new PixelCnnConfig(new ImageShape(3, 2, 2, 4), 3, 0, 3, 3, 3), 1)) {
      model.save(file);
    }
    Cli cli = Cli.run("sample", file, "--out", temp.resolve("s.png"));
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertFalse(cli.error().isEmpty());
  }
}
