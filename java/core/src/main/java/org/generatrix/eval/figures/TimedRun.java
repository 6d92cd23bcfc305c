// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import org.generatrix.binding.Device;
import org.generatrix.data.PictureSet;
import org.generatrix.train.TrainingListener;

/**
 * A training for a stated time whose outcome is stated: beside what it may be read against, and
 * with a bar only where there is one.
 */
public interface TimedRun {

  /** The data a run needs. */
  enum Data {
    /** None: it makes its own. */
    NONE,
    /** A folder in the form of MNIST, as {@code gx data mnist} fetches. */
    MNIST,
    /** Colour pictures, as {@code gx data emoji} makes. */
    EMOJI
  }

  /** What {@code gx figure} calls it. */
  String name();

  /** Model, data, time and measure in one line. */
  String title();

  /** What {@link #run} is to be given. */
  Data data();

  /**
   * Trains and measures from scratch.
   *
   * @param pictures as {@link #data} says; null for NONE
   * @param progress told of the training
   */
  TimedRunResult run(Device device, PictureSet pictures, TrainingListener progress);
}
