// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.generatrix.io.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train dcgan} from IDX files to the report, and what can be done with its model. */
class TrainDcganCommandTest {
  @TempDir Path temp;
  private Path data;
  private Path out;

  @BeforeEach
  void folders() throws IOException {
    data = TinyData.write(temp.resolve("data"));
    out = temp.resolve("run");
  }

  private Cli train(Object... more) {
    List<Object> args = new ArrayList<>(List.of("train", "dcgan", "--data", data, "--out", out));
    Object[][] options = {
      {"--latents", 3},
      {"--generator-width", 4},
      {"--discriminator-width", 4},
      {"--epochs", 2},
      {"--batch-size", 10},
      {"--threads", 1}
    };
    for (Object[] option : options) {
      if (!Arrays.asList(more).contains(option[0])) {
        args.addAll(Arrays.asList(option));
      }
    }
    args.addAll(Arrays.asList(more));
    Cli cli = Cli.run(args.toArray());
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    return cli;
  }

  @Test
  void writesARunFolder() throws IOException {
    Cli cli = train();
    assertEquals("", cli.err());
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          Set.of(
              "run.json",
              "model.safetensors",
              "checkpoint.safetensors",
              "metrics.csv",
              "samples.png",
              "forming.png",
              "interpolation.png",
              "report.html"),
          files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
    }
    assertTrue(cli.out().contains("6 x 5 from 3 latent units"), cli::toString);
    assertTrue(cli.out().contains("epoch 2/2 "), cli::toString);
    BufferedImage image = ImageIO.read(out.resolve("forming.png").toFile());
    assertEquals(2 + 12 * (5 * 8 + 2), image.getWidth());
    assertEquals(2 + 2 * (6 * 8 + 2), image.getHeight(), "a row after each epoch");
  }

  @Test
  void theReportShowsSamplesAsTheyForm() throws IOException {
    train("--loss", "minimax", "--label-smoothing", 0.1, "--instance-noise", 0.2);
    String html = Files.readString(out.resolve("report.html"));
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
    Map<String, Object> record = Json.parseObject(Files.readString(out.resolve("run.json")));
    assertEquals("dcgan", record.get("kind"));
    double mmd = (Double) record.get("squared_mean_discrepancy");
    assertTrue(mmd > 0 && mmd < 10, "" + mmd);
  }

  @Test
  void trainingBringsSamplesNearer() throws IOException {
    train("--epochs", 1);
    double before = discrepancy();
    train("--epochs", 40, "--learning-rate", 0.002, "--force");
    double after = discrepancy();
    assertTrue(after < 0.7 * before, before + " to " + after);
  }

  private double discrepancy() throws IOException {
    Map<String, Object> record = Json.parseObject(Files.readString(out.resolve("run.json")));
    return (Double) record.get("squared_mean_discrepancy");
  }

  @Test
  void aResumedRunGoesOnBitForBit() throws IOException {
    train("--epochs", 4);
    byte[] straight = Files.readAllBytes(out.resolve("samples.png"));
    train("--epochs", 2, "--force");
    Cli cli = Cli.run("train", "dcgan", "--resume", "--out", out, "--epochs", 4, "--threads", 2);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertArrayEquals(straight, Files.readAllBytes(out.resolve("samples.png")));
  }

  @Test
  void sampleAndScore() {
    train();
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
