// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** What every command understands, and how it refuses a wrong command line. */
class HelpOptions {
  private static final String DEBUG = "--debug";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(names = DEBUG, order = 1000, description = "Show the stack trace of a failure.")
  private boolean debug;

  @Option(
      names = {"-h", "--help"},
      order = 1001,
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  /** Refuses a value below {@code low}; null is an option that was not given. */
  final void atLeast(String option, Number value, double low) {
    if (value != null && !(value.doubleValue() >= low)) {
      throw usage(option + " must be at least " + Text.number(low) + ", got " + value + ".");
    }
  }

  /** A wrong command line, said in one sentence. */
  final ParameterException usage(String sentence) {
    return new ParameterException(command.commandLine(), sentence);
  }

  /** Whether an option stands on the command line, as opposed to having its default. */
  final boolean given(String option) {
    return command.commandLine().getParseResult().hasMatchedOption(option);
  }

  /** The whole command line as it was typed, for records. */
  final String line() {
    CommandLine root = command.commandLine();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    return Main.name() + " " + String.join(" ", root.getParseResult().originalArgs());
  }

  /** Whether the user asked for stack traces, anywhere on the line. */
  static boolean debug(ParseResult parsed) {
    for (ParseResult at = parsed; at != null; at = at.subcommand()) {
      if (at.hasMatchedOption(DEBUG)) {
        return true;
      }
    }
    return false;
  }
}
