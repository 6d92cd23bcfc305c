// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import org.generatrix.binding.Device;
import org.generatrix.data.Mnist;
import org.generatrix.train.TrainingListener;

/** A run that is set beside another method on the same data, not beside a published number. */
public interface Comparison {

  /** What {@code gx figure} calls it. */
  String name();

  /** Models, data and measure in one line. */
  String title();

  /**
   * Trains and measures from scratch.
   *
   * @param data the full set
   * @param progress told of the training
   */
  ComparisonResult run(Device device, Mnist.Split data, TrainingListener progress);
}
