// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;
import org.generatrix.io.SafeTensors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be done with a trained model: sample, score, inspect. */
class ModelCommandsTest {
  @TempDir static Path temp;
  private static Path data;
  private static Path run;
  private static Path small;

  @BeforeAll
  static void train() throws IOException {
    data = TinyData.write(temp.resolve("data"));
    run = temp.resolve("run");
    small = temp.resolve("small");
    train(run, 40);
    train(small, 4);
  }

  private static void train(Path out, int hidden) {
    Cli cli =
        Cli.run(
            "train",
            "rbm",
            "--data",
            data,
            "--out",
            out,
            "--hidden",
            hidden,
            "--epochs",
            3,
            "--batch-size",
            10,
            "--chains",
            10,
            "--threads",
            1,
            "--no-likelihood");
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
  }

  private static Cli sample(Path out, Object... more) {
    Object[] all = new Object[7 + more.length];
    System.arraycopy(
        new Object[] {"sample", run, "--out", out, "--steps", 20, "-n9"}, 0, all, 0, 7);
    System.arraycopy(more, 0, all, 7, more.length);
    return Cli.run(all);
  }

  // --- sample
  // -------------------------------------------------------------------------------------

  @Test
  void samplesAsAGrid() throws IOException {
    Path png = temp.resolve("grid.png");
    Cli cli = sample(png);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertEquals("Wrote 9 samples of 6 x 5 pixels to " + png + ".", cli.out().strip());
    assertEquals(2 + 3 * (5 * 8 + 2), ImageIO.read(png.toFile()).getWidth());
    assertEquals(2 + 3 * (6 * 8 + 2), ImageIO.read(png.toFile()).getHeight());
  }

  @Test
  void samplesForNumPy() throws IOException {
    Path npy = temp.resolve("s.npy");
    sample(npy);
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(npy)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals((byte) 0x93, file.get(0));
    assertEquals(1, file.get(6));
    int header = file.getShort(8);
    assertEquals(0, (10 + header) % 64);
    String text = new String(file.array(), 10, header, StandardCharsets.US_ASCII);
    assertTrue(
        text.startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (9, 6, 5), }")
            && text.endsWith("\n"),
        text);
    assertEquals(10 + header + 9 * 30 * 4, file.capacity());
    for (int at = 10 + header; at < file.capacity(); at += 4) {
      float p = file.getFloat(at);
      assertTrue(p >= 0 && p <= 1, "a probability, got " + p);
    }
  }

  @Test
  void samplesAsIdx() throws IOException {
    Path idx = temp.resolve("s.idx");
    sample(idx, "--binary");
    Images images = Idx.readImages(idx);
    assertEquals(9, images.count());
    assertEquals(6, images.height());
    assertEquals(5, images.width());
    Set<Integer> values = new HashSet<>();
    for (byte pixel : images.pixels()) {
      values.add(pixel & 0xff);
    }
    assertEquals(Set.of(0, 255), values);
    Path gz = temp.resolve("s.idx.gz");
    sample(gz, "--binary");
    assertEquals(images, Idx.readImages(gz));
    assertEquals((byte) 0x1f, Files.readAllBytes(gz)[0]);
  }

  @Test
  void theSeedDecides() throws IOException {
    Path a = temp.resolve("a.npy");
    Path b = temp.resolve("b.npy");
    sample(a, "--seed", 3, "--threads", 1);
    sample(b, "--seed", 3, "--threads", 2);
    assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(b));
    sample(b, "--seed", 4);
    assertFalse(Arrays.equals(Files.readAllBytes(a), Files.readAllBytes(b)));
  }

  @Test
  void completionsKeepTheObservedHalf() throws IOException {
    Path given = temp.resolve("given.idx");
    Path out = temp.resolve("completed.idx");
    Images originals = TinyData.images(7, 9);
    Idx.writeImages(given, originals);
    for (Half half : Half.values()) {
      Cli cli = sample(out, "--inpaint", given, "--observed", half);
      assertEquals(
          "Wrote 7 completed pictures of 6 x 5 pixels to " + out + ".",
          cli.out().strip(),
          cli::toString);
      Images completed = Idx.readImages(out);
      boolean[] mask = half.mask(new org.generatrix.cli.picture.TileShape(6, 5));
      int changed = 0;
      for (int i = 0; i < completed.pixels().length; i++) {
        if (mask[i % 30]) {
          assertEquals(originals.pixels()[i], completed.pixels()[i], half + ", pixel " + i);
        } else {
          changed += originals.pixels()[i] != completed.pixels()[i] ? 1 : 0;
        }
      }
      assertTrue(changed > 7 * 12 / 2, half + " changed " + changed);
    }
    assertEquals(ExitCode.OK, sample(temp.resolve("c.png"), "--inpaint", given).code());
    // Four triples to a row.
    assertEquals(
        2 + 12 * (5 * 8 + 2) + 3 * 6, ImageIO.read(temp.resolve("c.png").toFile()).getWidth());
  }

  @Test
  void tooManyForTheMemoryAreRefusedAtOnce() {
    Cli cli = Cli.run("sample", run, "--out", temp.resolve("many.npy"), "-n", 2_000_000_000);
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertTrue(
        cli.error()
            .matches("error: 2,000,000,000 pictures of 30 pixels need 480\\.0 GB of Java heap, .*"),
        cli::toString);
    assertFalse(Files.exists(temp.resolve("many.npy")));
  }

  @Test
  void theShapeCanBeGiven() throws IOException {
    Path elsewhere =
        Files.copy(run.resolve("model.safetensors"), temp.resolve("elsewhere.safetensors"));
    Path out = temp.resolve("shaped.idx");
    Cli guessed = Cli.run("sample", elsewhere, "--out", out, "-n", 1, "--steps", 1);
    assertTrue(guessed.out().contains("of 5 x 6 pixels"), guessed::toString);
    Cli told = Cli.run("sample", elsewhere, "--out", out, "-n", 1, "--steps", 1, "--shape", "15x2");
    assertTrue(told.out().contains("of 15 x 2 pixels"), told::toString);
    Cli wrong = Cli.run("sample", elsewhere, "--out", out, "--shape", "5x5");
    assertEquals(
        "error: --shape 5 x 5 has 25 pixels, but the model has 30 visible units.", wrong.error());
    assertEquals(ExitCode.FAILURE, wrong.code());
  }

  @Test
  void wrongFilesAreNamed() throws IOException {
    Path none = temp.resolve("none.safetensors");
    assertEquals("error: " + none + " does not exist.", Cli.run("sample", none).error());
    Path empty = Files.createDirectories(temp.resolve("empty"));
    assertEquals(
        "error: "
            + empty.resolve("model.safetensors")
            + " does not exist; the run in "
            + empty
            + " has no model yet.",
        Cli.run("inspect", empty).error());
    Path foreign = temp.resolve("foreign.safetensors");
    SafeTensors.writer().floats("x", new long[] {2}, new float[2]).write(foreign);
    Path garbage = Files.write(temp.resolve("garbage.safetensors"), new byte[] {1, 2, 3});
    for (String command : new String[] {"sample", "score"}) {
      for (Path file : new Path[] {foreign, garbage}) {
        Cli cli = Cli.run(command, file);
        assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
        assertTrue(cli.error().startsWith("error: " + file), cli::toString);
        assertEquals(1, cli.err().lines().count(), cli::toString);
      }
    }
    Cli nowhere = sample(temp.resolve("no/such/folder/s.png"));
    assertEquals(ExitCode.FAILURE, nowhere.code());
    assertTrue(nowhere.error().startsWith("error: cannot write"), nowhere::toString);
    Path other = temp.resolve("other.idx");
    Idx.writeImages(other, new Images(1, 5, 5, new byte[25]));
    assertEquals(
        "error: " + other + " holds pictures of 5 x 5 pixels, the model needs 6 x 5.",
        sample(temp.resolve("x.png"), "--inpaint", other).error());
  }

  // --- score
  // --------------------------------------------------------------------------------------

  @Test
  void smallModelsAreScoredExactly() {
    Cli cli = Cli.run("score", small, "--data", data);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertTrue(cli.out().contains("exact "), cli::toString);
    assertTrue(cli.out().contains("free-energy gap"), cli::toString);
    assertFalse(cli.out().contains("AIS"), cli::toString);
  }

  @Test
  void bothEstimatesAgreeOnAnEasyModel() {
    Cli cli =
        Cli.run(
            "score",
            run,
            "--data",
            data,
            "--ais-temperatures",
            500,
            "--ais-chains",
            20,
            "--threads",
            1);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    double forward = figure(cli, "forward AIS");
    assertTrue(forward < 0 && forward > -TinyData.UNITS, cli::toString);
    assertEquals(forward, figure(cli, "reverse AIS"), 0.5, cli::toString);
    assertTrue(cli.out().contains("500 temperatures, 20 chains"), cli::toString);
  }

  /** The mean on the line with that label. */
  private static double figure(Cli cli, String label) {
    String line =
        cli.out()
            .lines()
            .filter(text -> text.startsWith(label))
            .findFirst()
            .orElseThrow(() -> new AssertionError(cli));
    return Double.parseDouble(line.substring(label.length()).strip().split(" ")[0]);
  }

  @Test
  void theBinarisationMatters() {
    double drawn =
        figure(Cli.run("score", small, "--data", data, "--binarisation", "resampled"), "exact");
    double cut =
        figure(Cli.run("score", small, "--data", data, "--binarisation", "threshold"), "exact");
    assertNotEquals(drawn, cut);
    assertEquals(
        drawn,
        figure(Cli.run("score", small, "--data", data), "exact"),
        "as the model was trained on intensities");
  }

  @Test
  void optionsOfOtherModelsAreRefused() {
    Cli cli = Cli.run("score", small, "--data", data, "--samples", 10);
    assertEquals(ExitCode.USAGE, cli.code(), cli::toString);
    assertEquals(
        "error: --samples means nothing to a restricted Boltzmann machine, which "
            + small.resolve("model.safetensors")
            + " holds.",
        cli.error());
  }

  @Test
  void modelsOfKindsUnknownHereAreNamed() throws IOException {
    Path strange = temp.resolve("strange.safetensors");
    SafeTensors.writer().metadata("generatrix.kind", "strange").write(strange);
    Cli cli = Cli.run("sample", strange);
    assertEquals(ExitCode.FAILURE, cli.code(), cli::toString);
    assertEquals(
        "error: "
            + strange
            + " holds a model of kind \"strange\", which this program does not know.",
        cli.error());
  }

  @Test
  void picturesMustFitTheModel() {
    Cli cli = Cli.run("score", run);
    assertEquals(ExitCode.FAILURE, cli.code());
    assertEquals(
        "error: The pictures of the bundled MNIST digits have 28 x 28 pixels, but the model has 30 visible units.",
        cli.error());
  }

  // --- inspect
  // ------------------------------------------------------------------------------------

  @Test
  void inspectShowsModels() {
    Cli cli = Cli.run("inspect", run);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    for (String word :
        new String[] {
          "generatrix.kind", "rbm", "visible", "30", "learningRate", "W ", "[30, 40]", "norm"
        }) {
      assertTrue(cli.out().contains(word), word + " in " + cli);
    }
  }

  @Test
  void inspectShowsCheckpointsAndForeignFiles() throws IOException {
    Cli checkpoint = Cli.run("inspect", run.resolve("checkpoint.safetensors"));
    assertTrue(
        checkpoint.out().contains("training.chains") && checkpoint.out().contains("I32"),
        checkpoint::toString);
    Path foreign = temp.resolve("foreign2.safetensors");
    SafeTensors.writer()
        .floats("layer.weight", new long[] {2, 2}, new float[] {3, 0, 0, -4})
        .write(foreign);
    Cli cli = Cli.run("inspect", foreign);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertTrue(cli.out().contains("Not a Generatrix model"), cli::toString);
    assertTrue(
        cli.out().matches("(?s).*layer\\.weight +F32 +\\[2, 2\\] +5\\.0000 +-4\\.0000 +3\\.0000.*"),
        cli::toString);
  }
}
