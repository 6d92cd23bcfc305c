// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

/** How a learning rate falls over a run: a {@link Schedule} that does not know the run's length. */
public enum Decay {
  CONSTANT {
    @Override
    public Schedule over(double rate, long steps) {
      return Schedule.constant(rate);
    }
  },
  LINEAR {
    @Override
    public Schedule over(double rate, long steps) {
      return Schedule.linear(rate, 0, steps);
    }
  },
  COSINE {
    @Override
    public Schedule over(double rate, long steps) {
      return Schedule.cosine(rate, 0, steps);
    }
  };

  /** From a rate to 0 over so many steps, or constant. */
  public abstract Schedule over(double rate, long steps);
}
