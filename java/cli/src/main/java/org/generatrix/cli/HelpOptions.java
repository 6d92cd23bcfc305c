// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
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

  /** The options that stand on the command line, by their longest names. */
  final List<String> given() {
    return command.commandLine().getParseResult().matchedOptions().stream()
        .map(OptionSpec::longestName)
        .toList();
  }

  /**
   * A configuration of the options; its complaint becomes one about the option: "batchSize must be
   * .." becomes "--batch-size must be ..".
   *
   * @param renamed fields whose options have other names
   */
  final <T> T checked(Supplier<T> configuration, Map<String, String> renamed) {
    try {
      return configuration.get();
    } catch (IllegalArgumentException e) {
      String message = e.getMessage();
      int end = message.indexOf(' ');
      String field = message.substring(0, end);
      String option =
          renamed.getOrDefault(field, field).replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      throw usage("--" + option + message.substring(end) + ".");
    }
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
