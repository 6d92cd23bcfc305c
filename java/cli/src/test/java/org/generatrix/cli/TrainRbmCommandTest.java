// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code train rbm} from IDX files to the report. */
class TrainRbmCommandTest extends TrainCommandFixture {
  TrainRbmCommandTest() {
    super(
        "rbm",
        option("--hidden", 30),
        option("--epochs", 2),
        option("--batch-size", 10),
        option("--chains", 10),
        option("--ais-temperatures", 50),
        option("--ais-chains", 10),
        option("--threads", 1));
  }

  @Test
  void writesARunFolder() throws IOException {
    Cli cli = train();
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertEquals("", cli.err());
    assertFiles(
        "run.json",
        "model.safetensors",
        "checkpoint.safetensors",
        "metrics.csv",
        "samples.png",
        "filters.png",
        "reconstructions.png",
        "inpainting.png",
        "report.html");
    assertTrue(
        cli.out().contains("60 training and 20 test pictures of 6 x 5 pixels"), cli::toString);
    assertTrue(cli.out().contains("epoch 2/2 "), cli::toString);
    assertTrue(cli.out().contains("samples/s"), cli::toString);
    assertTrue(cli.out().contains("forward AIS"), cli::toString);
    assertTrue(
        cli.out().endsWith("Done: open " + out.resolve("report.html") + System.lineSeparator()),
        cli::toString);
  }

  @Test
  void picturesHaveTheSizeOfTheirTiles() throws IOException {
    train();
    assertTiles("samples", 10, 10);
    assertTiles("filters", 6, 5);
    BufferedImage reconstructions = ImageIO.read(out.resolve("reconstructions.png").toFile());
    BufferedImage inpainting = ImageIO.read(out.resolve("inpainting.png").toFile());
    int scale = 8; // the largest, for such small pictures
    assertEquals(2 + 12 * (5 * scale + 2), reconstructions.getWidth());
    assertEquals(
        2 + 4 * (6 * scale + 2) + 6,
        reconstructions.getHeight(),
        "20 pictures in two bands of pairs");
    assertEquals(2 + 12 * (5 * scale + 2), inpainting.getWidth());
    assertEquals(
        2 + 7 * (6 * scale + 2), inpainting.getHeight(), "whole, observed, five completions");
  }

  private void assertTiles(String name, int columns, int rows) throws IOException {
    BufferedImage image = ImageIO.read(out.resolve(name + ".png").toFile());
    assertEquals(2 + columns * (5 * 8 + 2), image.getWidth(), name);
    assertEquals(2 + rows * (6 * 8 + 2), image.getHeight(), name);
  }

  @Test
  void metricsAreOneLinePerEpoch() throws IOException {
    train("--epochs", 3);
    List<String> lines = Files.readAllLines(out.resolve("metrics.csv"));
    assertEquals(
        "epoch,seconds,samples_per_second,learning_rate,reconstruction_error,log_pl_train,log_pl_test,free_energy_gap",
        lines.get(0));
    assertEquals(4, lines.size());
    for (int epoch = 1; epoch <= 3; epoch++) {
      double[] cells =
          Arrays.stream(lines.get(epoch).split(",")).mapToDouble(Double::parseDouble).toArray();
      assertEquals(8, cells.length);
      assertEquals(epoch, cells[0]);
      assertTrue(cells[1] > 0 && cells[2] > 0, lines.get(epoch));
      assertTrue(cells[4] > 0 && cells[4] < 1, "reconstruction error " + cells[4]);
      assertTrue(cells[5] < 0 && cells[6] < 0, "pseudo-likelihoods are log-probabilities");
    }
  }

  @Test
  void theReportIsOneFileWithEverything() throws IOException {
    train();
    String html = report();
    assertFalse(
        html.matches("(?s).*(https?:|<script|<link rel=\"stylesheet|@import|url\\().*"),
        "something is loaded from elsewhere");
    // Four pictures, and four charts for two themes.
    assertEquals(4 + 4 * 2, html.split("data:image/png;base64,", -1).length - 1);
    for (String word :
        List.of(
            "forward AIS",
            "reverse AIS",
            "95 % interval",
            "log Z",
            "binarised by one draw",
            "PCD-1",
            "--hidden 30",
            "Instruction set",
            "Threads",
            "Seed",
            "prefers-color-scheme: dark",
            "name=\"viewport\"")) {
      assertTrue(html.contains(word), "the report lacks: " + word);
    }
  }

  @Test
  void theRecordIsForScripts() throws IOException {
    train("--likelihood");
    Map<String, Object> record = record();
    assertEquals(data.toAbsolutePath().toString(), record.get("data"));
    assertEquals(2L, record.get("epoch"));
    assertEquals(2, ((List<?>) record.get("likelihood")).size());
    assertEquals(30L, ((Map<?, ?>) record.get("machine")).get("hidden"));
  }

  @Test
  void smallMachinesGetAnExactLikelihood() throws IOException {
    Cli cli = train("--hidden", 5, "--binarisation", "threshold");
    assertTrue(cli.out().contains("exact"), cli::toString);
    assertFalse(cli.out().contains("AIS"), cli::toString);
    String html = report();
    assertTrue(html.contains("log Z was computed exactly.") && html.contains("thresholded at 1/2"));
  }

  @Test
  void theLikelihoodCanBeLeftOut() throws IOException {
    Cli cli = train("--no-likelihood");
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertFalse(report().contains("log Z"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cd", "pcd", "pt"})
  void everyAlgorithmRuns(String algorithm) {
    Cli cli =
        train(
            "--algorithm",
            algorithm,
            "--steps",
            2,
            "--no-likelihood",
            "--no-centered",
            "--momentum",
            0.5);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
  }

  @Test
  void theSameSeedGivesTheSameFilesOnAnyNumberOfThreads() throws IOException {
    train("--threads", 1);
    byte[] first = Files.readAllBytes(out.resolve("model.safetensors"));
    byte[] samples = Files.readAllBytes(out.resolve("samples.png"));
    train("--threads", 2, "--force");
    assertEquals(-1, Arrays.mismatch(first, Files.readAllBytes(out.resolve("model.safetensors"))));
    assertEquals(-1, Arrays.mismatch(samples, Files.readAllBytes(out.resolve("samples.png"))));
    train("--seed", 2, "--force");
    assertNotEquals(
        -1, Arrays.mismatch(first, Files.readAllBytes(out.resolve("model.safetensors"))));
  }

  @Test
  void anotherRunIsNotOverwritten() throws IOException {
    train();
    Path note = Files.writeString(out.resolve("notes.txt"), "mine");
    byte[] model = Files.readAllBytes(out.resolve("model.safetensors"));
    Cli refused = train("--seed", 5);
    assertEquals(ExitCode.FAILURE, refused.code());
    assertEquals(
        "error: "
            + out
            + " already holds a run; continue it with --resume, replace it with --force, or choose another --out.",
        refused.error());
    assertEquals(-1, Arrays.mismatch(model, Files.readAllBytes(out.resolve("model.safetensors"))));
    assertEquals(ExitCode.OK, train("--seed", 5, "--force").code());
    assertNotEquals(
        -1, Arrays.mismatch(model, Files.readAllBytes(out.resolve("model.safetensors"))));
    assertTrue(Files.exists(note), "--force deletes the run's own files only");
  }

  @Test
  void badDataLeavesAnEarlierRunAlone() throws IOException {
    train();
    Files.write(data.resolve("train-images-idx3-ubyte"), new byte[] {0, 0, 8, 3, 0});
    Cli cli = train("--force");
    assertEquals(ExitCode.FAILURE, cli.code());
    assertTrue(
        cli.error().startsWith("error: " + data.resolve("train-images-idx3-ubyte")), cli::toString);
    assertTrue(Files.exists(out.resolve("model.safetensors")));
  }

  @Test
  void missingDataIsSaid() throws IOException {
    data = temp.resolve("nowhere");
    assertEquals(
        "error: --data needs a folder with IDX files; " + data + " does not exist.",
        train().error());
    Files.createDirectories(data);
    assertTrue(
        train().error().startsWith("error: " + data + " holds none of train-images-idx3-ubyte, "),
        train()::toString);
    assertFalse(Files.exists(out), "nothing was started");
  }

  @Test
  void trainingAndTestPicturesMustAgree() throws IOException {
    org.generatrix.data.Idx.writeImages(
        data.resolve("train-images-idx3-ubyte"),
        new org.generatrix.data.Images(2, 5, 5, new byte[50]));
    assertEquals(
        "error: "
            + data
            + " holds training pictures of 5 x 5 pixels and test pictures of 6 x 5; they must agree.",
        train().error());
  }

  @Test
  void aFileIsNoRunFolder() throws IOException {
    Files.writeString(out, "a file");
    assertEquals("error: " + out + " is a file; --out needs a folder.", train().error());
    out = out.resolve("below");
    Cli cli = train();
    assertEquals(ExitCode.FAILURE, cli.code());
    assertEquals(1, cli.err().lines().count(), cli::toString);
  }

  @Test
  void trainingStopsEarlyWhereNothingImproves() throws IOException {
    Cli cli =
        train(
            "--epochs",
            50,
            "--early-stop",
            2,
            "--learning-rate",
            "1e-30",
            "--no-centered",
            "--no-likelihood");
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertEquals(4, Files.readAllLines(out.resolve("metrics.csv")).size(), cli::toString);
    assertTrue(
        cli.out().contains("Stopped early: log_pl_test has not improved for 2 epochs."),
        cli::toString);
  }

  @Test
  void divergenceIsSaid() throws IOException {
    Cli cli = train("--learning-rate", "1e10", "--weight-decay", "1e30", "--no-likelihood");
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertTrue(cli.error().contains("diverged in epoch 1"), cli::toString);
    assertFalse(cli.err().contains("\tat "), "no stack trace without --debug");
  }

  @Test
  void debugShowsTheStackTrace() {
    data = temp.resolve("nowhere");
    assertTrue(train("--debug").err().contains("\tat org.generatrix.cli."));
  }
}
