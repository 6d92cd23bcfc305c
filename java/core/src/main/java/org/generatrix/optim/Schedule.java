// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

import java.util.List;
import java.util.Objects;

/**
 * A learning rate as a function of the step, counted from 0. Each is a record, so that it can stand
 * in a configuration; they compose: {@code cosine(1e-3, 0, 9_000).warmUp(1_000)}.
 */
public sealed interface Schedule {

  /** The rate of a step, from 0. */
  double at(long step);

  static Schedule constant(double rate) {
    return new Constant(rate);
  }

  /** From one rate to another over so many steps, then that. */
  static Schedule linear(double from, double to, long steps) {
    return new Linear(from, to, steps);
  }

  /** Half a cosine from one rate to another over so many steps, then that. */
  static Schedule cosine(double from, double to, long steps) {
    return new Cosine(from, to, steps);
  }

  /** Multiplied by a factor after every so many steps. */
  static Schedule stairs(double rate, double factor, long every) {
    return new Stairs(rate, factor, every);
  }

  /** The same without the stairs. */
  static Schedule exponential(double rate, double factor, long every) {
    return new Exponential(rate, factor, every);
  }

  /** One schedule after the other, each from its own step 0. */
  static Schedule pieces(Piece... pieces) {
    return new Pieces(List.of(pieces));
  }

  /** First rises over so many steps to where this schedule begins, then follows it from its 0. */
  default Schedule warmUp(long steps) {
    return new WarmUp(steps, this);
  }

  /** The same rate at every step. */
  record Constant(double rate) implements Schedule {
    public Constant {
      Checks.notNegative("rate", rate);
    }

    @Override
    public double at(long step) {
      return rate;
    }
  }

  /** from + (to - from) step / steps, then to. */
  record Linear(double from, double to, long steps) implements Schedule {
    public Linear {
      Checks.notNegative("from", from);
      Checks.notNegative("to", to);
      Checks.atLeast(1, "steps", steps);
    }

    @Override
    public double at(long step) {
      return step >= steps ? to : from + (to - from) * step / steps;
    }
  }

  /** to + (from - to) (1 + cos(pi step / steps)) / 2, then to (Loshchilov and Hutter 2017). */
  record Cosine(double from, double to, long steps) implements Schedule {
    public Cosine {
      Checks.notNegative("from", from);
      Checks.notNegative("to", to);
      Checks.atLeast(1, "steps", steps);
    }

    @Override
    public double at(long step) {
      return step >= steps
          ? to
          : to + (from - to) * (1 + StrictMath.cos(Math.PI * step / steps)) / 2;
    }
  }

  /** rate factor^floor(step / every). */
  record Stairs(double rate, double factor, long every) implements Schedule {
    public Stairs {
      Checks.notNegative("rate", rate);
      Checks.notNegative("factor", factor);
      Checks.atLeast(1, "every", every);
    }

    @Override
    public double at(long step) {
      return rate * StrictMath.pow(factor, step / every);
    }
  }

  /** rate factor^(step / every). */
  record Exponential(double rate, double factor, long every) implements Schedule {
    public Exponential {
      Checks.notNegative("rate", rate);
      Checks.notNegative("factor", factor);
      Checks.atLeast(1, "every", every);
    }

    @Override
    public double at(long step) {
      return rate * StrictMath.pow(factor, (double) step / every);
    }
  }

  /** then.at(0) (step + 1) / (steps + 1) for the first steps, then.at(step - steps) after them. */
  record WarmUp(long steps, Schedule then) implements Schedule {
    public WarmUp {
      Checks.atLeast(1, "steps", steps);
      Objects.requireNonNull(then, "then");
    }

    @Override
    public double at(long step) {
      return step < steps ? then.at(0) * (step + 1) / (steps + 1) : then.at(step - steps);
    }
  }

  /** A schedule for so many steps. */
  record Piece(long steps, Schedule schedule) {
    public Piece {
      Checks.atLeast(1, "steps", steps);
      Objects.requireNonNull(schedule, "schedule");
    }
  }

  /** One after the other, each from its own step 0; the last goes on. */
  record Pieces(List<Piece> pieces) implements Schedule {
    public Pieces {
      pieces = List.copyOf(pieces);
      if (pieces.isEmpty()) {
        throw new IllegalArgumentException("pieces must not be empty");
      }
    }

    @Override
    public double at(long step) {
      int i = 0;
      while (i < pieces.size() - 1 && step >= pieces.get(i).steps()) {
        step -= pieces.get(i++).steps();
      }
      return pieces.get(i).schedule().at(step);
    }
  }
}
