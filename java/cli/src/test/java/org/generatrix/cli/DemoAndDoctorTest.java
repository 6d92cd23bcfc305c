// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoAndDoctorTest {
  @TempDir Path temp;

  @Test
  void theDemoTrainsOnTheBundledDigitsAndNamesItsFiles() {
    Path out = temp.resolve("demo");
    Object[] line = {"demo", "--out", out, "--epochs", 1, "--hidden", 20, "--threads", 1};
    Cli cli = Cli.run(line);
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    assertTrue(
        cli.out().contains("5,000 training and 1,000 test pictures of 28 x 28 pixels"),
        cli::toString);
    for (String name :
        new String[] {
          "report.html", "samples.png", "filters.png", "reconstructions.png", "inpainting.png"
        }) {
      assertTrue(Files.exists(out.resolve(name)), name);
      assertTrue(cli.out().contains(out.resolve(name).toString()), cli::toString);
    }
    Cli again = Cli.run(line);
    assertEquals(ExitCode.FAILURE, again.code(), again::toString);
    assertTrue(again.error().contains("already holds a run"), again::toString);
    Object[] forced = Arrays.copyOf(line, line.length + 1);
    forced[line.length] = "--force";
    assertEquals(ExitCode.OK, Cli.run(forced).code());
  }

  @Test
  void theDoctorFindsTheCpuReady() {
    Cli cli = Cli.run("doctor");
    assertEquals(ExitCode.OK, cli.code(), cli::toString);
    for (String subject :
        new String[] {
          "platform",
          "Java",
          "native library",
          "instructions",
          "threads",
          "kernels",
          "OpenBLAS",
          "memory",
          "GPU"
        }) {
      assertTrue(
          cli.out().matches("(?sm).*^(ok|warn|-) +" + subject + " .*"), subject + " in " + cli);
    }
    assertTrue(cli.out().contains("gibbs."), "kernel variants are listed: " + cli);
    assertFalse(cli.out().contains("fail"), cli::toString);
    assertTrue(cli.out().endsWith("The CPU is ready." + System.lineSeparator()), cli::toString);
  }
}
