// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.conv;

/** What is done with a convolution. */
public enum ConvPass {
  /** y, from weights as they are. */
  FORWARD("conv"),
  /** y, from weights that were packed before, as layers keep them between updates. */
  PACKED("conv-packed"),
  /** dx and dW. */
  BACKWARD("conv-backward"),
  /** y, dx and dW. */
  TRAIN("conv-train");

  private final String work;

  ConvPass(String work) {
    this.work = work;
  }

  /** The first part of a row's name. */
  String work() {
    return work;
  }

  public boolean forward() {
    return this != BACKWARD;
  }

  public boolean backward() {
    return this == BACKWARD || this == TRAIN;
  }

  int products() {
    return (forward() ? 1 : 0) + (backward() ? 2 : 0);
  }
}
