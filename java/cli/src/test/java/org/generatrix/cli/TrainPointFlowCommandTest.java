// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code train flow} on points to the report, and what can be done with its models. */
class TrainPointFlowCommandTest extends TrainCommandFixture {
  TrainPointFlowCommandTest() {
    super(
        "flow",
        option("--points", "moons"),
        option("--train-points", 400),
        option("--test-points", 300),
        option("--couplings", 2),
        option("--width", 8),
        option("--batch-size", 50),
        option("--epochs", 2),
        option("--threads", 1));
  }

  @Override
  Path write(Path folder) {
    return null; // points are drawn
  }

  private void assertReport(String... words) throws IOException {
    String html = report();
    for (String word : words) {
      assertTrue(html.contains(word), "the report lacks: " + word);
    }
  }

  private static void assertRefused(Cli cli, String sentence) {
    assertEquals("error: " + sentence, cli.error(), cli::toString);
    assertEquals(ExitCode.USAGE, cli.code(), cli::toString);
  }

  @Test
  void pointsOfAKnownDensity() throws IOException {
    Cli cli = trained();
    assertEquals("", cli.err());
    assertFiles(
        "run.json",
        "model.safetensors",
        "checkpoint.safetensors",
        "metrics.csv",
        "density.png",
        "samples.png",
        "grid.png",
        "forming.png",
        "report.html");
    for (String word :
        List.of(
            "data    two-moons at noise 0.05",
            "400 training and 300 test points of 2 columns",
            "model   a neural spline flow, 2 couplings of 8 bins with networks 8 wide, 2 dimensions,",
            "epoch 2/2 ",
            "negative log-likelihood",
            " under the true density")) {
      assertTrue(cli.out().contains(word), word + " in " + cli);
    }
    assertEquals(
        "epoch,seconds,samples_per_second,learning_rate,nll_train,nll_test",
        Files.readAllLines(out.resolve("metrics.csv")).get(0));
    assertReport(
        "Neural spline flow of 2 couplings",
        "Test negative log-likelihood",
        "Entropy of the data",
        "of its mass",
        "The grid bent by the flow",
        "after epochs 1 and 2",
        "entropy of the data", // the dotted line
        "95 % interval",
        "a moving average, decay 0.999");
    assertEquals("splineflow", record().get("kind"));
    assertEquals(0.05, ((Map<?, ?>) record().get("points")).get("noise"));
    Map<?, ?> likelihood = (Map<?, ?>) record().get("likelihood");
    assertEquals(300L, likelihood.get("rows"));
    assertEquals(
        0.296, -(Double) likelihood.get("mean_log_likelihood_of_the_truth"), 0.15); // oracle 59
  }

  @Test
  void trainingComesNearerToTheEntropy() throws IOException {
    trained("--epochs", 20, "--learning-rate", 0.01);
    List<String> lines = Files.readAllLines(out.resolve("metrics.csv"));
    double first = Double.parseDouble(lines.get(1).split(",")[5]);
    double last = Double.parseDouble(lines.get(lines.size() - 1).split(",")[5]);
    assertTrue(last < first - 0.3 && last > 0.2, first + " to " + last);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--model nvp --clamp 2 --points rings",
        "--model nice --points checkerboard --likelihood",
        "--model spline --bins 3 --layers 0 --points pinwheel --ema 0 --weight-decay 0.01 --jitter 0.01",
        "--model nvp --points swiss-roll --noise 0.2 --decay constant --early-stop 1 --no-likelihood"
      })
  void everyModelAndSetRuns(String options) throws IOException {
    trained((Object[]) options.split(" "));
    assertTrue(Files.exists(out.resolve("density.png")), options);
    Cli score = Cli.run("score", out);
    assertEquals(ExitCode.OK, score.code(), score::toString);
    assertTrue(score.out().contains("300 test points"), score::toString);
    assertTrue(Cli.run("inspect", out).out().contains("generatrix.kind"));
  }

  @Test
  void aResumedRunOnPointsGoesOnBitForBit() throws IOException {
    Path straight = out;
    trained("--epochs", 4, "--decay", "constant", "--no-likelihood");
    out = temp.resolve("halved");
    trained("--epochs", 2, "--decay", "constant", "--no-likelihood");
    Cli resumed =
        Cli.run(
            "train",
            "flow",
            "--resume",
            "--out",
            out,
            "--epochs",
            4,
            "--threads",
            2,
            "--no-likelihood");
    assertEquals(ExitCode.OK, resumed.code(), resumed::toString);
    for (String name : List.of("samples.png", "density.png", "grid.png")) {
      assertArrayEquals(
          Files.readAllBytes(straight.resolve(name)), Files.readAllBytes(out.resolve(name)), name);
    }
    assertEquals(5, Files.readAllLines(out.resolve("metrics.csv")).size());
  }

  @Test
  void minutesBecomeEpochs() {
    Cli cli =
        Cli.run(
            "train",
            "flow",
            "--points",
            "rings",
            "--train-points",
            200,
            "--width",
            4,
            "--couplings",
            1,
            "--minutes",
            0.0005,
            "--no-likelihood",
            "--out",
            out);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertTrue(cli.out().contains("epoch "), cli::toString);
  }

  @Test
  void samplesOfPoints() throws IOException {
    trained("--no-likelihood");
    Path csv = temp.resolve("s.csv");
    Cli cli = Cli.run("sample", out, "--out", csv, "-n", 7);
    assertEquals("Wrote 7 samples of 2 columns to " + csv + ".", cli.out().strip());
    List<String> lines = Files.readAllLines(csv);
    assertEquals("x,y", lines.get(0));
    assertEquals(8, lines.size());
    Cli.run("sample", out, "--out", csv, "-n", 7, "--temperature", 0);
    assertEquals(
        1, Files.readAllLines(csv).stream().skip(1).distinct().count(), "the middle, seven times");
    Path npy = temp.resolve("s.npy");
    Cli.run("sample", out, "--out", npy);
    assertTrue(
        new String(Files.readAllBytes(npy), 0, 128, StandardCharsets.ISO_8859_1)
            .contains("(1000, 2)"));
    Path png = temp.resolve("s.png");
    assertEquals(ExitCode.OK, Cli.run("sample", out, "--out", png).code());
    assertEquals(860, ImageIO.read(png.toFile()).getWidth());
    assertRefused(
        Cli.run("sample", out, "--out", temp.resolve("s.idx")),
        "--out must end in .png, .npy or .csv for points, got " + temp.resolve("s.idx") + ".");
    assertRefused(
        Cli.run("sample", out, "--shape", "1x2"),
        "--shape is for pictures; "
            + out.resolve("model.safetensors")
            + " holds a model of points.");
    assertRefused(
        Cli.run("sample", out, "--steps", 3),
        "--steps means nothing to a neural spline flow, which "
            + out.resolve("model.safetensors")
            + " holds.");
  }

  @Test
  void pointsAreScoredOnOthersToo() throws IOException {
    trained("--epochs", 10, "--no-likelihood");
    double own = score();
    double noisy = score("--points", "moons", "--noise", 0.3);
    assertTrue(noisy > own + 0.2, own + " on its own, " + noisy + " on noisier ones");
    assertRefused(
        Cli.run("score", out, "--data", temp),
        "--data names pictures; " + out.resolve("model.safetensors") + " holds a model of points.");
    Path alone = Files.copy(out.resolve("model.safetensors"), temp.resolve("alone.safetensors"));
    Cli cli = Cli.run("score", alone);
    assertEquals(
        "error: "
            + alone
            + " lies in no run on points; name those to measure on with --points or --csv.",
        cli.error());
    assertEquals(ExitCode.FAILURE, cli.code());
    assertEquals(ExitCode.OK, Cli.run("score", alone, "--points", "rings").code());
  }

  private double score(Object... more) {
    List<Object> args = new ArrayList<>(List.of("score", out));
    args.addAll(Arrays.asList(more));
    Cli cli = Cli.run(args.toArray());
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    String line =
        cli.out().lines().filter(l -> l.startsWith("negative log-l")).findFirst().orElseThrow();
    return Double.parseDouble(line.split(" +")[2]);
  }

  // --- Tables ---------------------------------------------------------------------------------

  private Path table() throws IOException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder("height,\"weight, kg\",age\n");
    for (int i = 0; i < 300; i++) {
      double height = 170 + 10 * random.nextGaussian();
      double weight = 70 + (height - 170) + 3 * random.nextGaussian();
      text.append(height).append(',').append(weight).append(',');
      text.append(i == 17 ? "NA" : "" + random.nextInt(90)).append('\n');
    }
    return Files.writeString(temp.resolve("people.csv"), text);
  }

  private Cli tabular(Object... more) {
    List<Object> args = new ArrayList<>(List.of("train", "flow", "--out", out, "--threads", 1));
    args.addAll(List.of("--couplings", 2, "--width", 8, "--batch-size", 50));
    args.addAll(List.of("--epochs", 20, "--learning-rate", 0.01));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  @Test
  void rowsOfATable() throws IOException {
    Path csv = table();
    Cli refused = tabular("--csv", csv);
    assertEquals(ExitCode.FAILURE, refused.code(), refused::toString);
    assertTrue(refused.error().startsWith("error: " + csv), refused::toString);
    Cli cli = tabular("--csv", csv, "--skip-missing");
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertTrue(cli.out().contains("269 training and 30 test rows of 3 columns"), cli::toString);
    assertFalse(Files.exists(out.resolve("density.png")), "three columns are no plane");
    assertReport(
        "below the diagonal", "in the units of the file", "whose columns are standardised");
    BufferedImage pairs = ImageIO.read(out.resolve("samples.png").toFile());
    assertEquals(3 * (1400 / 3) + 2 * 8, pairs.getWidth());

    Path samples = temp.resolve("s.csv");
    assertEquals(ExitCode.OK, Cli.run("sample", out, "--out", samples, "-n", 200).code());
    List<String> lines = Files.readAllLines(samples);
    assertEquals("height,\"weight, kg\",age", lines.get(0));
    double mean =
        lines.stream()
            .skip(1)
            .mapToDouble(l -> Double.parseDouble(l.split(",")[0]))
            .average()
            .orElse(0);
    assertEquals(170, mean, 5, "in the units of the file");
    double own = score();
    assertEquals(own, score("--csv", csv, "--skip-missing"), 0.5, "on all rows");
    Cli picture = Cli.run("sample", out, "--out", temp.resolve("s.png"));
    assertEquals(
        "error: A picture shows points of 2 columns, and the model has 3; .npy and .csv take any number.",
        picture.error());
    Cli resumed =
        Cli.run("train", "flow", "--resume", "--out", out, "--epochs", 21, "--no-likelihood");
    assertEquals(ExitCode.OK, resumed.code(), resumed::toString);
  }

  @Test
  void someColumnsOfATable() throws IOException {
    Path csv = table();
    Cli cli = tabular("--csv", csv, "--columns", "age,height", "--skip-missing");
    assertTrue(cli.out().contains("test rows of 2 columns"), cli::toString);
    assertTrue(Files.exists(out.resolve("density.png")), "two columns are a plane");
    Path samples = temp.resolve("s.csv");
    Cli.run("sample", out, "--out", samples, "-n", 2);
    assertEquals("age,height", Files.readAllLines(samples).get(0));
  }

  @Test
  void tablesThatGiveTooLittleAreNamed() throws IOException {
    Path one = Files.writeString(temp.resolve("one.csv"), "a,b\n1,2\n3,4\n");
    assertEquals(
        "error: " + one + " gives one column only; a flow of points needs at least 2.",
        tabular("--csv", one, "--columns", "a").error());
    assertEquals(
        "error: " + one + " gives 2 training and 0 test rows; at least 2 and 1 are needed.",
        tabular("--csv", one).error());
  }

  // --- Refusals -------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --points moons --csv a.csv        | --points and --csv both say which points; only one can be given.
          --points moons --data d           | --data names pictures; with points it cannot be given.
          --noise 0.1                       | --noise belongs to --points.
          --points moons --noise 0          | --noise must be above 0, got 0.0.
          --columns a                       | --columns belongs to --csv.
          --points moons --skip-missing     | --skip-missing belongs to --csv.
          --csv a.csv --train-points 5      | --train-points belongs to --points.
          --points moons --test-points 0    | --test-points must be at least 1, got 0.
          --jitter 0.1                      | --jitter is for points; pictures are dequantised.
          --points moons --jitter -1        | --jitter must not be negative and must be finite, got -1.0.
          --model nvp                       | --model nvp is for --points or --csv; of pictures there are nice and realnvp.
          --points moons --model realnvp    | --model realnvp is for pictures; of points there are nvp, spline and nice.
          --points moons --model nvp --bins 4 | --bins means nothing to --model nvp.
          --points moons --bins 1           | --bins must be in [2, 64], got 1.
          --couplings 0                     | --couplings must be at least 1, got 0.
          --width 0                         | --width must be at least 1, got 0.
          --points moons --model nvp --layers 0 | --layers must be at least 1, got 0.
          --model realnvp --scales 0        | --scales must be at least 1, got 0.
          --model realnvp --couplings 2     | --couplings means nothing to --model realnvp.
          --ema 1                           | --ema must be in [0, 1), got 1.0.
          --learning-rate 0                 | --learning-rate must be positive and finite, got 0.0.
          --minutes 0                       | --minutes must be above 0, got 0.0.
          --minutes 1 --epochs 2            | --minutes and --epochs both say how long; only one can be given.
          --resume --points moons           | --points cannot be changed when a run is resumed; only --epochs can.
          --points spirals                  | Invalid value for option '--points': expected one of two-moons, rings, pinwheel, checkerboard, swiss-roll but was 'spirals'.
          """)
  void wrongLinesAreRefusedInOneSentence(String line, String sentence) {
    List<Object> args = new ArrayList<>(List.of("train", "flow", "--out", out));
    args.addAll(Arrays.asList(line.split(" +")));
    assertRefused(Cli.run(args.toArray()), sentence);
  }

  @Test
  void aTrainingThatDivergesIsNoInternalError() {
    Cli cli = train("--model", "nvp", "--learning-rate", 1e6, "--epochs", 20);
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertTrue(cli.error().startsWith("error: training diverged in epoch "), cli::toString);
  }

  @Test
  void theRunOfAnotherModelIsNotResumed() throws IOException {
    trained("--no-likelihood");
    Cli cli = Cli.run("train", "vae", "--resume", "--out", out);
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertTrue(cli.error().contains("got \"splineflow\""), cli::toString);
  }
}
