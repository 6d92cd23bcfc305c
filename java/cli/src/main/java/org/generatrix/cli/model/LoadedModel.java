// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.model;

import java.io.IOException;
import java.util.Set;
import java.util.function.Consumer;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.PointSet;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.data.Binarisation;
import org.generatrix.tensor.Tensor;

/** A model out of a file, and what the commands can do with one of its kind. */
public interface LoadedModel extends AutoCloseable {
  /**
   * How samples are drawn: Gibbs steps where there are any, states or their probabilities, and the
   * temperature where there is one.
   */
  record SampleSettings(int steps, boolean binary, double temperature, long seed) {}

  /**
   * How a model is measured.
   *
   * @param temperatures of annealed importance sampling
   * @param chains annealed side by side
   * @param samples of importance sampling, for each picture
   */
  record ScoreSettings(int temperatures, int chains, int samples, long seed) {}

  /** What it is called in a sentence: "a restricted Boltzmann machine". */
  String name();

  /** Its size: "784 x 500". */
  String size();

  Device device();

  int visible();

  /** Whether its rows are points rather than pictures. */
  default boolean ofPoints() {
    return false;
  }

  /** The size of its pictures, null where it does not know. */
  default TileShape tile() {
    return null;
  }

  /**
   * The options of the commands that mean something to this kind of model, of those that do not
   * mean something to every kind.
   */
  Set<String> options();

  /**
   * New pictures or points, float [n, visible]; the caller closes them.
   *
   * @param n at least 1
   */
  Tensor sample(int n, SampleSettings how);

  /**
   * Pictures whose observed units are kept and whose others are drawn, float [n, visible]; the
   * caller closes them. Only for kinds that have the option --inpaint.
   *
   * @param v float [n, visible]
   */
  default Tensor inpaint(Tensor v, boolean[] observed, SampleSettings how) {
    throw new UnsupportedOperationException(name() + " cannot complete pictures.");
  }

  /**
   * What test pictures are made into before they are measured.
   *
   * @param training the binarisation of the training, null if unknown
   */
  Binarisation measured(Binarisation training);

  /**
   * Measures it on test pictures and hands out each line as soon as it is known.
   *
   * @param binarisation of the pictures
   */
  void score(DataSet data, Binarisation binarisation, ScoreSettings how, Consumer<String> found)
      throws IOException;

  /** The same on test points. Only for models of points. */
  default void score(PointSet points, Consumer<String> found) {
    throw new UnsupportedOperationException(name() + " is no model of points.");
  }

  @Override
  void close();
}
