// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.io.PrintStream;
import java.util.Locale;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;

/** A line for every tenth part of the training, and one a minute. */
final class EpochLines implements TrainingListener {
  private static final double INTERVAL = 60; // seconds

  private final PrintStream out;
  private double last;

  EpochLines(PrintStream out) {
    this.out = out;
  }

  @Override
  public void onEpoch(TrainingEvent event) {
    int tenth = Math.max(1, event.epochs() / 10);
    if (event.epoch() % tenth == 0 || event.seconds() > last + INTERVAL) {
      last = event.seconds();
      out.printf(
          Locale.ROOT,
          "epoch %d of %d, %.0f s, %.0f examples/s%n",
          event.epoch(),
          event.epochs(),
          event.seconds(),
          event.rate());
    }
  }
}
