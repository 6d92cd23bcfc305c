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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code train dcgan} from IDX files to the report, and what can be done with its model. */
class TrainDcganCommandTest extends TrainCommandFixture {
  TrainDcganCommandTest() {
    super(
        "dcgan",
        option("--latents", 3),
        option("--generator-width", 4),
        option("--discriminator-width", 4),
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
        "forming.png",
        "interpolation.png",
        "report.html");
    assertTrue(cli.out().contains("6 x 5 from 3 latent units"), cli::toString);
    assertTrue(cli.out().contains("epoch 2/2 "), cli::toString);
    // A row after each epoch.
    assertPicture("forming", 2 + 12 * (5 * 8 + 2), 2 + 2 * (6 * 8 + 2));
  }

  @Test
  void theReportShowsSamplesAsTheyForm() throws IOException {
    trained("--loss", "minimax", "--label-smoothing", 0.1, "--instance-noise", 0.2);
    String html = report();
    // Three pictures, and three charts for two themes.
    assertEquals(3 + 3 * 2, html.split("data:image/png;base64,", -1).length - 1);
    for (String word :
        List.of(
            "Convolutional adversarial network",
            "after epochs 1 and 2",
            "Squared mean discrepancy",
            "minimax",
            "Label smoothing",
            "Provenance")) {
      assertTrue(html.contains(word), "the report lacks: " + word);
    }
    Map<String, Object> record = record();
    assertEquals("dcgan", record.get("kind"));
    double mmd = (Double) record.get("squared_mean_discrepancy");
    assertTrue(mmd > 0 && mmd < 10, "" + mmd);
  }

  @Test
  void trainingBringsSamplesNearer() throws IOException {
    trained("--epochs", 1);
    double before = discrepancy();
    trained("--epochs", 40, "--learning-rate", 0.002, "--force");
    double after = discrepancy();
    assertTrue(after < 0.7 * before, before + " to " + after);
  }

  private double discrepancy() throws IOException {
    return (Double) record().get("squared_mean_discrepancy");
  }

  @Test
  void aResumedRunGoesOnBitForBit() throws IOException {
    trained("--epochs", 4);
    byte[] straight = Files.readAllBytes(out.resolve("samples.png"));
    trained("--epochs", 2, "--force");
    Cli cli = Cli.run("train", "dcgan", "--resume", "--out", out, "--epochs", 4, "--threads", 2);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertArrayEquals(straight, Files.readAllBytes(out.resolve("samples.png")));
  }

  @Test
  void sampleAndScore() {
    trained();
    Path png = temp.resolve("s.png");
    Cli sampled = Cli.run("sample", out, "--out", png, "-n", 9);
    assertEquals("Wrote 9 samples of 6 x 5 pixels to " + png + ".", sampled.out().strip());
    Cli scored = Cli.run("score", out, "--data", data);
    assertEquals(ExitCode.OK, scored.code(), scored::toString);
    assertTrue(scored.out().contains("squared mean discrepancy"), scored::toString);
    assertFalse(scored.out().contains("nats"), "it has no likelihood: " + scored);
    assertTrue(Cli.run("inspect", out).out().contains("dcgan"));
  }

  @Test
  void whatIsOutOfRangeIsRefusedByTheOptionsName() {
    Cli cli = Cli.run("train", "dcgan", "--data", data, "--out", out, "--label-smoothing", 1);
    assertEquals(ExitCode.USAGE, cli.code());
    assertTrue(cli.err().contains("--label-smoothing must be in [0, 1), got 1"), cli::toString);
  }
}
