// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong command lines: one sentence, a pointer to the help, exit code 2. */
class UsageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                                | A command is needed, such as demo or doctor.
          train                                             | The kind of model is needed: train rbm, train vae, train autoencoder, train conv-autoencoder, train pixelcnn, train flow or train dcgan.
          trian                                             | Unknown command trian; did you mean train?
          doctor now                                        | Unknown argument now.
          train rbm --hiden 3                               | Unknown option --hiden; did you mean --hidden?
          train rbm --hidden                                | Missing required parameter for option '--hidden' (N).
          train rbm --hidden many                           | Invalid value for option '--hidden': 'many' is not a whole number.
          train rbm --learning-rate fast                    | Invalid value for option '--learning-rate': 'fast' is not a number.
          train rbm --hidden 5 --hidden 6                   | option '--hidden' (N) should be specified only once.
          train rbm --hidden 0                              | --hidden must be at least 1, got 0.
          train rbm --threads 0                             | --threads must be at least 1, got 0.
          train rbm --checkpoint-every 0                    | --checkpoint-every must be at least 1, got 0.
          train rbm --early-stop 0                          | --early-stop must be at least 1, got 0.
          train rbm --ais-chains 1                          | --ais-chains must be at least 2, got 1.
          train rbm --ais-temperatures 2                    | --ais-temperatures must be at least 3, got 2.
          train rbm --initial-stddev -1                     | --initial-stddev must be at least 0, got -1.0.
          train rbm --initial-stddev nan                    | Invalid value for option '--initial-stddev': 'nan' is not a number.
          train rbm --initial-stddev NaN                    | --initial-stddev must be at least 0, got NaN.
          train rbm --batch-size -5                         | --batch-size must be at least 1, got -5.
          train rbm --epochs 0                              | --epochs must be at least 1, got 0.
          train rbm --learning-rate 0                       | --learning-rate must be positive and finite, got 0.0.
          train rbm --final-learning-rate 1                 | --final-learning-rate must be in [0, learningRate = 0.1], got 1.0.
          train rbm --momentum 1                            | --momentum must be in [0, 1), got 1.0.
          train rbm --temperatures 5                        | --temperatures belongs to --algorithm pt, got --algorithm pcd.
          train rbm --algorithm pt --temperatures 1         | --temperatures must be at least 2 with PARALLEL_TEMPERING, got 1.
          train rbm --resume                                | --resume needs --out with the folder of the run to go on with.
          train rbm --resume --force --out x                | --resume continues a run and --force replaces it; only one of them can be given.
          train rbm --resume --out x --seed 2               | --seed cannot be changed when a run is resumed; only --epochs can.
          train rbm --resume --out x --no-centered          | --centered cannot be changed when a run is resumed; only --epochs can.
          train vae --hidden 200-0                          | --hidden must be sizes such as 200-100, got "200-0".
          train vae --latents 0                             | --latents must be sizes such as 200-100, got "0".
          train vae --latents 50-20                         | --hidden must have a list for each of the 2 stochastic layers, joined by commas, got "200-200".
          train vae --importance-samples 5                  | --importance-samples must be 1 for ELBO, got 5.
          train vae --objective iwae --importance-samples 0 | --importance-samples must be at least 1, got 0.
          train vae --learning-rate 0                       | --learning-rate must be positive and finite, got 0.0.
          train vae --batch-size 0                          | --batch-size must be at least 1, got 0.
          train vae --likelihood-samples 0                  | --likelihood-samples must be at least 1, got 0.
          train vae --resume --out x --latents 3            | --latents cannot be changed when a run is resumed; only --epochs can.
          train autoencoder --code 0                        | --code must be at least 1, got 0.
          train autoencoder --epochs 0                      | --epochs must be at least 1, got 0.
          train autoencoder --hidden big                    | --hidden must be sizes such as 200-100, got "big".
          train pixelcnn --channels 0                       | --channels must be at least 1, got 0.
          train pixelcnn --kernel 4                         | --kernel must be odd and in [1, 15], got 4.
          train pixelcnn --levels 1                         | --levels must be in [2, 256], got 1.
          train pixelcnn --ema 1                            | --ema must be in [0, 1), got 1.0.
          train pixelcnn --minutes 0                        | --minutes must be above 0, got 0.0.
          train pixelcnn --minutes 1 --epochs 2             | --minutes and --epochs both say how long; only one can be given.
          train pixelcnn --binarisation intensities         | --binarisation must be threshold or resampled for binary pixels.
          train pixelcnn --levels 4 --binarisation threshold | --binarisation means nothing to pictures of 4 levels.
          train pixelcnn --model plusplus --dropout 1       | --dropout must be in [0, 1), got 1.0.
          train pixelcnn --model plusplus --components 0    | --components must be at least 1, got 0.
          train pixelcnn --learning-rate 0                  | --learning-rate must be positive and finite, got 0.0.
          demo --epochs 0                                   | --epochs must be at least 1, got 0.
          sample                                            | Missing required parameter: 'MODEL'.
          sample m -n 0                                     | -n must be at least 1, got 0.
          sample m -n 10001                                 | -n must be at most 10000 for a picture, got 10001; .npy and .idx take any number.
          sample m --shape 99999x99999                      | Invalid value for option '--shape': expected a height and a width such as 28x28, got 99999x99999.
          sample m --steps 0                                | --steps must be at least 1, got 0.
          sample m --out samples.jpg                        | --out must end in .png, .npy, .csv, .idx or .idx.gz, got samples.jpg.
          sample m --shape 28                               | Invalid value for option '--shape': expected a height and a width such as 28x28, got 28.
          sample m --shape 0x4                              | Invalid value for option '--shape': expected a height and a width such as 28x28, got 0x4.
          sample m --inpaint x.idx --binary                 | --binary is for free samples; completions are probabilities.
          score m --ais-chains 1                            | --ais-chains must be at least 2, got 1.
          score m --samples 0                               | --samples must be at least 1, got 0.
          score m --binarisation intensities                | --binarisation must be threshold or resampled: a likelihood of binary units needs binary pictures.
          inspect                                           | Missing required parameter: 'FILE'.
          """)
  void wrongLinesAreRefusedInOneSentence(String line, String sentence) {
    Cli cli = line.isEmpty() ? Cli.run() : Cli.run((Object[]) line.trim().split(" +"));
    assertEquals("error: " + sentence, cli.error(), cli::toString);
    assertEquals(ExitCode.USAGE, cli.code(), cli::toString);
    assertEquals("", cli.out());
    assertEquals(2, cli.err().lines().count(), cli::toString);
    assertTrue(
        cli.err().lines().skip(1).findFirst().orElse("").matches("See '.* --help'\\."),
        cli::toString);
  }

  @Test
  void unknownNamesOfChoicesListTheChoices() {
    assertTrue(Cli.run("train", "rbm", "--algorithm", "sgd").error().contains("[CD, PCD, PT]"));
    assertTrue(
        Cli.run("train", "rbm", "--binarisation", "x")
            .error()
            .contains("[THRESHOLD, RESAMPLED, INTENSITIES]"));
    assertTrue(
        Cli.run("sample", "m", "--observed", "x").error().contains("[LEFT, RIGHT, TOP, BOTTOM]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "train --help",
        "train rbm --help",
        "train vae --help",
        "train autoencoder --help",
        "train pixelcnn --help",
        "train flow --help",
        "sample -h",
        "score -h",
        "inspect -h",
        "doctor -h",
        "demo -h"
      })
  void helpGoesToStandardOutput(String line) {
    Cli cli = Cli.run((Object[]) line.split(" "));
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertEquals("", cli.err());
    assertTrue(cli.out().startsWith("Usage: "), cli::toString);
  }

  @Test
  void helpNamesDefaultsAndExitCodes() {
    String train = Cli.run("train", "rbm", "--help").out().replaceAll("\\s+", " ");
    assertTrue(train.contains("Hidden units (default: 500)."), train);
    assertTrue(train.contains("first update (default: 0.1)."), train);
    assertTrue(Cli.run("--help").out().contains("130   stopped by Ctrl-C"));
  }

  @Test
  void theVersionIsThatOfTheLibrary() {
    Cli cli = Cli.run("--version");
    assertTrue(
        cli.out()
            .matches(
                "(?s)Generatrix \\d+\\.\\d+\\.\\d+\\R.*Java 1.*|(?s)Generatrix \\d+\\.\\d+\\.\\d+\\R.*Java 2.*"),
        cli::toString);
  }
}
