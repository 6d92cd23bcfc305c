// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import picocli.CommandLine;

/**
 * What the commands of this module share: a failure is one sentence and exit code 1, a wrong option
 * exit code 2.
 */
final class CommandLines {
  private CommandLines() {}

  static CommandLine of(Object command) {
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (failure, line, parsed) -> {
              String reason =
                  failure.getMessage() == null ? failure.toString() : failure.getMessage();
              line.getErr().println(line.getCommandName() + ": " + reason);
              return 1;
            });
  }
}
