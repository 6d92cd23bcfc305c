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
import org.generatrix.io.SafeTensors;
import org.generatrix.io.SafeTensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code train vae} from IDX files to the report, and what can be done with its model. */
class TrainVaeCommandTest extends TrainCommandFixture {
  TrainVaeCommandTest() {
    super(
        "vae",
        option("--hidden", 12),
        option("--latents", 3),
        option("--epochs", 2),
        option("--batch-size", 10),
        option("--likelihood-samples", 20),
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
        "manifold.png",
        "report.html");
    for (String word :
        List.of("model   30-12-3, Bernoulli", "epoch 2/2 ", "elbo -", "importance weighting")) {
      assertTrue(cli.out().contains(word), word + " in " + cli);
    }
    assertTrue(
        cli.out().endsWith("Done: open " + out.resolve("report.html") + System.lineSeparator()),
        cli::toString);
  }

  @Test
  void picturesHaveTheSizeOfTheirTiles() throws IOException {
    trained();
    assertPicture("samples", 2 + 10 * (5 * 8 + 2), 2 + 10 * (6 * 8 + 2));
    assertPicture("reconstructions", 2 + 12 * (5 * 8 + 2), 2 + 4 * (6 * 8 + 2) + 6);
    assertPicture("interpolation", 2 + 12 * (5 * 8 + 2) + 2 * 6, 2 + 8 * (6 * 8 + 2));
    assertPicture("manifold", 2 + 16 * (5 * 8 + 2), 2 + 16 * (6 * 8 + 2));
  }

  @Test
  void theBoundIsTheReconstructionLessTheDivergence() throws IOException {
    trained("--epochs", 3);
    List<String> lines = Files.readAllLines(out.resolve("metrics.csv"));
    assertEquals(
        "epoch,seconds,samples_per_second,learning_rate,elbo_train,elbo_test,"
            + "reconstruction_train,reconstruction_test,kl_train,kl_test",
        lines.get(0));
    assertEquals(4, lines.size());
    for (String line : lines.subList(1, 4)) {
      double[] cells = Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray();
      for (int set = 0; set < 2; set++) {
        assertEquals(cells[6 + set] - cells[8 + set], cells[4 + set], 1e-4, line);
        assertTrue(cells[8 + set] >= 0 && cells[4 + set] < 0, line);
      }
    }
  }

  @Test
  void theReportIsOneFileWithEverything() throws IOException {
    trained();
    String html = report();
    assertFalse(
        html.matches("(?s).*(https?:|<script|<link rel=\"stylesheet|@import|url\\().*"),
        "something is loaded from elsewhere");
    // Four pictures, and four charts for two themes.
    assertEquals(4 + 4 * 2, html.split("data:image/png;base64,", -1).length - 1);
    for (String word :
        List.of(
            "Variational autoencoder, 30 – 12 – 3",
            "evidence lower bound",
            "Divergence from the prior",
            "importance weighting",
            "20 samples",
            "95 % interval",
            "binarised by one draw",
            "Active units",
            "of 3",
            "whose means vary most",
            "Interpolation",
            "Manifold",
            "resampled",
            "--hidden 12",
            "Instruction set",
            "Seed")) {
      assertTrue(html.contains(word), "the report lacks: " + word);
    }
  }

  @Test
  void theRecordIsForScripts() throws IOException {
    trained();
    Map<String, Object> record = record();
    assertEquals("vae", record.get("kind"));
    assertEquals("12", ((Map<?, ?>) record.get("model")).get("hidden"));
    assertTrue((Long) record.get("active_units") <= 3);
    List<?> likelihoods = (List<?>) record.get("likelihood");
    double elbo = (Double) ((Map<?, ?>) likelihoods.get(0)).get("mean_log_likelihood");
    double weighted = (Double) ((Map<?, ?>) likelihoods.get(1)).get("mean_log_likelihood");
    assertTrue(weighted > elbo, "more samples give a tighter bound: " + likelihoods);
    assertEquals(20L, ((Map<?, ?>) likelihoods.get(1)).get("samples"));
    assertEquals("LOWER_BOUND", ((Map<?, ?>) likelihoods.get(1)).get("certainty"));
  }

  @Test
  void theImportanceWeightedBoundIsWatchedWhereItIsTheObjective() throws IOException {
    Cli cli = trained("--objective", "iwae", "--importance-samples", 4, "--no-likelihood");
    assertTrue(cli.out().contains("importance weighted bound of 4 samples"), cli::toString);
    List<String> lines = Files.readAllLines(out.resolve("metrics.csv"));
    assertTrue(lines.get(0).endsWith(",iwae_train,iwae_test"), lines.get(0));
    String[] last = lines.get(2).split(",");
    assertTrue(
        Double.parseDouble(last[11]) >= Double.parseDouble(last[5]), "tighter: " + lines.get(2));
    String html = report();
    assertTrue(html.contains("Bound of 4 samples") && !html.contains("95 % interval"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--latents 2 --binarisation threshold",
        "--latents 1 --hidden 9-7",
        "--latents 4-2 --hidden 9,7",
        "--decoder gaussian",
        "--binarisation intensities --early-stop 1"
      })
  void everyVariantRuns(String options) throws IOException {
    trained((Object[]) options.split(" "));
    String html = report();
    assertEquals(
        options.contains("latents"), !html.contains("whose means vary most"), "of the manifold");
    assertEquals(options.contains("threshold"), html.contains("thresholded at 1/2"));
    assertEquals(options.contains("gaussian"), html.contains("as intensities"));
  }

  @Test
  void theSameSeedGivesTheSameFilesOnAnyNumberOfThreads() throws IOException {
    trained();
    byte[] model = Files.readAllBytes(out.resolve("model.safetensors"));
    byte[] samples = Files.readAllBytes(out.resolve("samples.png"));
    trained("--threads", 2, "--force");
    assertArrayEquals(model, Files.readAllBytes(out.resolve("model.safetensors")));
    assertArrayEquals(samples, Files.readAllBytes(out.resolve("samples.png")));
    trained("--seed", 2, "--force");
    assertFalse(Arrays.equals(model, Files.readAllBytes(out.resolve("model.safetensors"))));
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
            "vae",
            "--resume",
            "--out",
            out,
            "--epochs",
            4,
            "--no-likelihood",
            "--threads",
            1);
    assertEquals(ExitCode.OK, resumed.code(), resumed::toString);
    for (String name : List.of("model.safetensors", "checkpoint.safetensors")) {
      assertSameTensors(straight.resolve(name), out.resolve(name));
    }
    assertArrayEquals(
        Files.readAllBytes(straight.resolve("samples.png")),
        Files.readAllBytes(out.resolve("samples.png")));
    assertEquals(5, Files.readAllLines(out.resolve("metrics.csv")).size());
    assertEquals(lastCell(straight.resolve("metrics.csv")), lastCell(out.resolve("metrics.csv")));
  }

  private static String lastCell(Path csv) throws IOException {
    List<String> lines = Files.readAllLines(csv);
    String line = lines.get(lines.size() - 1);
    return line.substring(line.lastIndexOf(','));
  }

  private static void assertSameTensors(Path expected, Path actual) throws IOException {
    try (SafeTensorsFile a = SafeTensors.read(expected);
        SafeTensorsFile b = SafeTensors.read(actual)) {
      assertEquals(a.names(), b.names());
      for (String name : a.names()) {
        assertEquals(a.bytes(name), b.bytes(name), name);
      }
    }
  }

  @Test
  void theRunOfAnotherModelIsNotResumed() {
    assertEquals(
        ExitCode.OK,
        Cli.run(
                "train",
                "rbm",
                "--data",
                data,
                "--out",
                out,
                "--hidden",
                4,
                "--epochs",
                1,
                "--no-likelihood")
            .code());
    Cli cli = Cli.run("train", "vae", "--resume", "--out", out);
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertTrue(
        cli.error().contains("expected a model of kind \"vae\", got \"rbm\""), cli::toString);
  }

  // --- What can be done with the model ---------------------------------------------------------

  @Test
  void samplesAreMeansOrDraws() throws IOException {
    trained("--no-likelihood");
    Path idx = temp.resolve("s.idx");
    Cli cli = Cli.run("sample", out, "--out", idx, "-n", 9);
    assertEquals("Wrote 9 samples of 6 x 5 pixels to " + idx + ".", cli.out().strip());
    assertTrue(values(idx).size() > 2, "probabilities");
    Cli.run("sample", out, "--out", idx, "-n", 9, "--binary");
    assertEquals(Set.of(0, 255), values(idx));
    Cli refused = Cli.run("sample", out, "--out", idx, "--steps", 5);
    assertEquals(ExitCode.USAGE, refused.code(), refused::toString);
    assertEquals(
        "error: --steps means nothing to a variational autoencoder, which "
            + out.resolve("model.safetensors")
            + " holds.",
        refused.error());
  }

  @Test
  void scoresSayWhatTheyAre() {
    trained("--no-likelihood");
    Cli cli = Cli.run("score", out, "--data", data, "--samples", 30);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    for (String word :
        List.of(
            "30-12-3, Bernoulli",
            "test pictures binarised by one draw",
            "ELBO ",
            "1 sample a picture",
            "importance weighting >= -",
            "30 samples a picture",
            "active units ")) {
      assertTrue(cli.out().contains(word), word + " in " + cli);
    }
    Cli other = Cli.run("score", out, "--data", data, "--ais-chains", 30);
    assertEquals(ExitCode.USAGE, other.code(), other::toString);
  }

  @Test
  void inspectShowsModelAndCheckpoint() {
    trained("--no-likelihood");
    for (Path file : List.of(out, out.resolve("checkpoint.safetensors"))) {
      Cli cli = Cli.run("inspect", file);
      assertEquals(ExitCode.OK, cli.code(), cli::toString);
      for (String word :
          List.of("generatrix.kind", "vae", "latents", "encoder1.mean.weight", "F32")) {
        assertTrue(cli.out().contains(word), word + " in " + cli);
      }
    }
  }
}
