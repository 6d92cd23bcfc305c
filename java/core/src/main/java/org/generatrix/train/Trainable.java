// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A training run that can be driven step by step: what {@link Trainer} drives, and users may drive
 * themselves. It knows where it stands, and its checkpoint holds all of that, so that a resumed run
 * goes on bit for bit.
 */
public interface Trainable {

  /**
   * One update of the parameters from the next minibatch; after the last batch of an epoch the next
   * epoch begins.
   */
  void step();

  /** Epochs completed. */
  int epoch();

  /** Epochs wanted; the run is complete when {@link #epoch} reaches it. */
  int epochs();

  /** Batches done in the current epoch, in [0, batchesPerEpoch). */
  long batch();

  long batchesPerEpoch();

  /** Examples of one pass over the data. */
  long examplesPerEpoch();

  /** What the run can say about itself at no cost, by name: the learning rate and the like. */
  Map<String, Double> metrics();

  /**
   * The name of a parameter tensor that holds a NaN or an infinity, or null; cheap enough to ask
   * every few batches.
   */
  String nonFinite();

  /** Writes the model and the whole state of the run to one file, atomically. */
  void save(Path checkpoint) throws IOException;
}
