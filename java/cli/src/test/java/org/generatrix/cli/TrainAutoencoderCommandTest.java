// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code train autoencoder} from IDX files to the report, and what can be done with its model. */
class TrainAutoencoderCommandTest extends TrainCommandFixture {
  TrainAutoencoderCommandTest() {
    super(
        "autoencoder",
        option("--hidden", 12),
        option("--code", 3),
        option("--epochs", 2),
        option("--batch-size", 10),
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
        "reconstructions.png",
        "interpolation.png",
        "report.html");
    assertTrue(cli.out().contains("model   30-12-3"), cli::toString);
    assertTrue(cli.out().contains("epoch 2/2 "), cli::toString);
    // Two bands: original, code, components.
    assertPicture("reconstructions", 2 + 12 * (5 * 8 + 2), 2 + 6 * (6 * 8 + 2) + 6);
  }

  @Test
  void theReportSetsItBesidePrincipalComponents() throws IOException {
    trained();
    String html = report();
    // Three pictures, and two charts for two themes.
    assertEquals(3 + 2 * 2, html.split("data:image/png;base64,", -1).length - 1);
    for (String word :
        List.of(
            "Autoencoder, 30 – 12 – 3",
            "3 principal components",
            "Mean squared error",
            "Gaussian",
            "Interpolation",
            "Provenance")) {
      assertTrue(html.contains(word), "the report lacks: " + word);
    }
    Map<String, Object> record = record();
    assertEquals("autoencoder", record.get("kind"));
    for (String error :
        List.of(
            "squared_error_train",
            "squared_error_test",
            "pca_squared_error_train",
            "pca_squared_error_test")) {
      double value = (Double) record.get(error);
      assertTrue(value > 0 && value < 0.5, error + " " + value);
    }
  }

  @Test
  void longTrainingBeatsPrincipalComponents() throws IOException {
    trained("--epochs", 120, "--code", 2, "--hidden", 30, "--learning-rate", 0.02);
    Map<String, Object> record = record();
    double error = (Double) record.get("squared_error_train");
    double pca = (Double) record.get("pca_squared_error_train");
    assertTrue(error < pca, error + " against " + pca);
  }

  @Test
  void aResumedRunGoesOnBitForBit() throws IOException {
    trained("--epochs", 4, "--decay", "constant");
    byte[] straight = Files.readAllBytes(out.resolve("samples.png"));
    trained("--epochs", 2, "--decay", "constant", "--force");
    Cli cli =
        Cli.run("train", "autoencoder", "--resume", "--out", out, "--epochs", 4, "--threads", 2);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertTrue(Arrays.equals(straight, Files.readAllBytes(out.resolve("samples.png"))));
  }

  @Test
  void sampleAndScore() throws IOException {
    trained();
    Path png = temp.resolve("s.png");
    Cli sampled = Cli.run("sample", out, "--out", png, "-n", 9);
    assertEquals("Wrote 9 samples of 6 x 5 pixels to " + png + ".", sampled.out().strip());
    Cli scored = Cli.run("score", out, "--data", data);
    assertEquals(ExitCode.OK, scored.code(), scored::toString);
    assertTrue(scored.out().contains("mean squared error"), scored::toString);
    assertTrue(scored.out().contains("3 principal components"), scored::toString);
    assertFalse(scored.out().contains("nats"), "an autoencoder has no likelihood: " + scored);
    assertEquals(ExitCode.USAGE, Cli.run("score", out, "--data", data, "--samples", 5).code());
    assertTrue(Cli.run("inspect", out).out().contains("autoencoder"));
  }
}
