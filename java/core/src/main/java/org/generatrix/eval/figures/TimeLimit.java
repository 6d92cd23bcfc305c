// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;

/** Asks a trainer to stop once its run has taken so long. */
record TimeLimit(Trainer trainer, double seconds) implements TrainingListener {
  @Override
  public void onBatch(TrainingEvent event) {
    if (event.seconds() > seconds) {
      trainer.requestStop();
    }
  }
}
