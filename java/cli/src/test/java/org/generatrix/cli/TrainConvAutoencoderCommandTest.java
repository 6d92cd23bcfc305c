// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.generatrix.data.Digits;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;
import org.junit.jupiter.api.Test;

/** {@code train conv-autoencoder} on a few digits: the report, and what can be done after. */
class TrainConvAutoencoderCommandTest extends TrainCommandFixture {
  TrainConvAutoencoderCommandTest() {
    super(
        "conv-autoencoder",
        option("--code", 3),
        option("--channels", 3),
        option("--batch-size", 10),
        option("--epochs", 2),
        option("--threads", 1));
  }

  @Override
  Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Idx.writeImages(folder.resolve("train-images-idx3-ubyte"), first(Digits.train(), 40));
    Idx.writeImages(folder.resolve("t10k-images-idx3-ubyte"), first(Digits.test(), 24));
    return folder;
  }

  private static Images first(Images images, int count) {
    byte[] pixels = Arrays.copyOf(images.pixels(), count * images.size());
    return new Images(count, images.height(), images.width(), pixels);
  }

  // One run, since the principal components of 784 pixels take their time.
  @Test
  void trainsReportsResumesSamplesAndScores() throws IOException {
    Cli cli = trained("--decay", "constant");
    assertTrue(cli.out().contains("model   784-3 by 3 channels"), cli::toString);
    String html = report();
    // Three pictures, and two charts for two themes.
    assertEquals(3 + 2 * 2, html.split("data:image/png;base64,", -1).length - 1);
    for (String word :
        List.of(
            "Convolutional autoencoder, 784 – 3 by 3 channels",
            "3 principal components",
            "4 x 4 stride 2 to 3",
            "Interpolation",
            "Gaussian")) {
      assertTrue(html.contains(word), "the report lacks: " + word);
    }
    Map<String, Object> record = record();
    assertEquals("conv-autoencoder", record.get("kind"));
    assertTrue((Double) record.get("squared_error_test") > 0);
    assertTrue((Double) record.get("pca_squared_error_test") > 0);
    for (String picture : List.of("samples", "reconstructions", "interpolation")) {
      assertTrue(Files.exists(out.resolve(picture + ".png")), picture);
    }

    Cli resumed = Cli.run("train", "conv-autoencoder", "--resume", "--out", out, "--epochs", 3);
    assertEquals(ExitCode.OK, resumed.code(), resumed::toString);
    Path png = temp.resolve("s.png");
    Cli sampled = Cli.run("sample", out, "--out", png, "-n", 9);
    assertEquals("Wrote 9 samples of 28 x 28 pixels to " + png + ".", sampled.out().strip());
    Cli scored = Cli.run("score", out, "--data", data);
    assertEquals(ExitCode.OK, scored.code(), scored::toString);
    assertTrue(scored.out().contains("mean squared error"), scored::toString);
    assertTrue(scored.out().contains("3 principal components"), scored::toString);
    assertTrue(Cli.run("inspect", out).out().contains("conv-autoencoder"));
  }

  @Test
  void refusesOtherPictures() throws IOException {
    Path tiny = TinyData.write(temp.resolve("tiny"));
    Cli cli = Cli.run("train", "conv-autoencoder", "--data", tiny, "--out", out, "--epochs", 1);
    assertTrue(cli.code() != ExitCode.OK);
    assertTrue(cli.error().contains("pictures of 28 x 28 pixels"), cli::toString);
    assertTrue(cli.error().contains("6 x 5"), cli::toString);
    assertEquals(
        ExitCode.USAGE, Cli.run("train", "conv-autoencoder", "--out", out, "--channels", 0).code());
  }
}
