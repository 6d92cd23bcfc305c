// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

import java.util.Objects;

/**
 * How a model's parameters are moved.
 *
 * <pre>{@code
 * OptimizerConfig.of(Rule.adam(), 1e-3).withClipNorm(1).withEma(0.999)
 * }</pre>
 *
 * @param rule of a step
 * @param schedule of the learning rate
 * @param clipNorm the most that the norm of all gradients together may be: more is scaled down to
 *     it (Pascanu, Mikolov, Bengio 2013); 0 = none
 * @param clipValue the most that an element of a gradient may be in size, after the scaling; 0 =
 *     none
 * @param emaDecay of the exponential moving average of the parameters, in [0, 1); 0 = no average
 * @param emaWarmUp whether the average follows faster at first: with decay min(emaDecay, (1 + t) /
 *     (10 + t)) at step t = 0, 1, ..
 */
public record OptimizerConfig(
    Rule rule,
    Schedule schedule,
    double clipNorm,
    double clipValue,
    double emaDecay,
    boolean emaWarmUp) {

  public OptimizerConfig {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(schedule, "schedule");
    Checks.notNegative("clipNorm", clipNorm);
    Checks.notNegative("clipValue", clipValue);
    Checks.share("emaDecay", emaDecay);
    if (emaWarmUp && emaDecay == 0) {
      throw new IllegalArgumentException("emaWarmUp needs an emaDecay above 0, got 0");
    }
  }

  /** No clipping, no average. */
  public static OptimizerConfig of(Rule rule, Schedule schedule) {
    return new OptimizerConfig(rule, schedule, 0, 0, 0, false);
  }

  /** At a constant rate. */
  public static OptimizerConfig of(Rule rule, double rate) {
    return of(rule, Schedule.constant(rate));
  }

  public OptimizerConfig withClipNorm(double norm) {
    return new OptimizerConfig(rule, schedule, norm, clipValue, emaDecay, emaWarmUp);
  }

  public OptimizerConfig withClipValue(double value) {
    return new OptimizerConfig(rule, schedule, clipNorm, value, emaDecay, emaWarmUp);
  }

  public OptimizerConfig withEma(double decay) {
    return new OptimizerConfig(rule, schedule, clipNorm, clipValue, decay, false);
  }

  public OptimizerConfig withWarmedUpEma(double decay) {
    return new OptimizerConfig(rule, schedule, clipNorm, clipValue, decay, true);
  }
}
