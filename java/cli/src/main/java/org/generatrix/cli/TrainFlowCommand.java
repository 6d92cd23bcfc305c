// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.cli.run.Recipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code train flow}. */
@Command(
    name = "flow",
    description =
        "Trains a flow, an invertible map with an exact density: of points with --points or --csv, else of pictures.")
final class TrainFlowCommand extends TrainModelCommand {
  @Mixin private FlowOptions flow;

  TrainFlowCommand(Interrupt interrupt) {
    super(interrupt);
  }

  @Override
  Recipe<?> recipe(RunOptions run, HelpOptions options) {
    return flow.recipe(run, options);
  }
}
