// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

/** What a run learns from, as far as every run shows it: pictures, or points. */
public interface RunData {

  /** What to call them: "the bundled MNIST digits". */
  String name();

  /** "5,000 training and 1,000 test pictures of 28 x 28 pixels". */
  String size();

  /** One of them in the plural: "pictures". */
  String noun();

  /** How many there are to learn from. */
  int trainCount();

  /** The record of a run on them, by which a resumed run finds the same ones. */
  RunRecord record();
}
