// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

/**
 * Told of what happens in a training run, on the thread that trains. What a listener throws ends
 * the run.
 */
public interface TrainingListener {

  /** Before the first step of a call of {@link Trainer#fit}. */
  default void onStart(TrainingEvent event) {}

  /** After each update. Called often: be quick. */
  default void onBatch(TrainingEvent event) {}

  /** After each epoch, with the metrics. */
  default void onEpoch(TrainingEvent event) {}

  /** After a checkpoint was written. */
  default void onCheckpoint(TrainingEvent event) {}

  /** At the end, however it came; the event says why. */
  default void onEnd(TrainingEvent event) {}
}
