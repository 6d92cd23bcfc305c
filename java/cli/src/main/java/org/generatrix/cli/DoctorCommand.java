// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.generatrix.cli.doctor.Doctor;
import org.generatrix.cli.doctor.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what this machine offers, what was chosen and why, and how to mend what is amiss. */
@Command(
    name = "doctor",
    description =
        "Shows platform, Java, kernels, threads, OpenBLAS, memory and GPU, with a hint for whatever is amiss.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:the CPU can compute", "1:it cannot; the line marked FAIL says why"})
final class DoctorCommand implements Callable<Integer> {
  private static final String INDENT = " ".repeat(23);

  @Spec private CommandSpec spec;

  @Mixin private HelpOptions options;

  @Override
  public Integer call() {
    List<Finding> findings = new Doctor().examine();
    PrintWriter out = spec.commandLine().getOut();
    for (Finding finding : findings) {
      String mark =
          finding.level() == Finding.Level.NONE ? "-" : finding.level().toString().toLowerCase();
      String text = finding.text().replace("\n", "\n" + INDENT);
      out.println(Text.format("%-5s %-16s %s", mark, finding.subject(), text));
      if (finding.hint() != null) {
        out.println(INDENT + "hint: " + finding.hint());
      }
    }
    boolean fails = findings.stream().anyMatch(finding -> finding.level() == Finding.Level.FAIL);
    out.println();
    out.println(fails ? "Nothing can be computed here yet." : "The CPU is ready.");
    out.flush();
    return fails ? ExitCode.FAILURE : ExitCode.OK;
  }
}
