// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import org.generatrix.binding.Device;
import org.generatrix.data.Mnist;
import org.generatrix.train.TrainingListener;

/**
 * A published figure that this library reruns: the recipe, what the paper reached, and what we ask
 * of ourselves.
 */
public interface Figure {

  /** What {@code gx figure} calls it. */
  String name();

  /** Model, data and measure in one line. */
  String title();

  /** Mean test log-likelihood in nats as published. */
  double published();

  /** Where, with what else that source says. */
  String source();

  /** The least value that counts as reached. */
  double bar();

  /**
   * Trains and measures from scratch.
   *
   * @param data the full set
   * @param progress told of the training
   */
  FigureResult run(Device device, Mnist.Split data, TrainingListener progress);
}
