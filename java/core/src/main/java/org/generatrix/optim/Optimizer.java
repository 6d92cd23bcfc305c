// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.generatrix.autograd.Gradients;
import org.generatrix.binding.Device;
import org.generatrix.binding.Optim;
import org.generatrix.binding.View;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * Moves named parameters along their gradients. A step is one native call over all of them (two
 * with clipping by norm, and where a rule takes matrices apart), in which their average moves too.
 * It owns the state of its rule and the average; the parameters stay the caller's.
 *
 * <pre>{@code
 * try (Optimizer optimizer =
 *     new Optimizer(model.parameters(), OptimizerConfig.of(Rule.adam(), 1e-3))) {
 *   for (..) {
 *     try (Tape tape = Tape.training(device, seed, optimizer.steps())) {
 *       optimizer.step(tape.gradients(loss(tape, batch)));
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>Of one thread, except that another may take a copy of the average.
 */
public final class Optimizer implements AutoCloseable {
  private static final int SLOTS = 3;

  /** A parameter with what belongs to it. */
  private record Entry(
      String name, Tensor p, long rows, String[] slotNames, Tensor[] slots, Tensor ema) {
    View slot(int i) {
      return slots[i] == null ? null : slots[i].view();
    }
  }

  private final OptimizerConfig config;
  private final Device device;
  private final List<Entry> entries = new ArrayList<>();
  private final Scope scope = new Scope();
  private final Ema ema; // or null
  private final List<Optim.Segment> segments = new ArrayList<>();
  private final List<View> gradients = new ArrayList<>();
  private final List<Tensor> moved = new ArrayList<>(); // parameters, in the segments' order
  private long steps;
  private double gradientNorm = Double.NaN;

  /**
   * At the first step.
   *
   * @param parameters numbers of one type on one device, at least one, by name
   */
  public Optimizer(Map<String, Tensor> parameters, OptimizerConfig config) {
    this.config = Objects.requireNonNull(config, "config");
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("expected at least one parameter, got none");
    }
    Tensor first = parameters.values().iterator().next();
    device = first.device();
    try {
      parameters.forEach((name, p) -> entries.add(entry(name, p, first)));
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
    ema = config.emaDecay() > 0 ? new Ema(this, averages()) : null;
  }

  private Entry entry(String name, Tensor p, Tensor first) {
    p.view(); // of numbers
    if (p.device() != device || p.dtype() != first.dtype()) {
      throw new IllegalArgumentException(
          "expected parameters of one type on one device, got %s and \"%s\" %s"
              .formatted(first.describe(), name, p.describe()));
    }
    long rows = rows(p.shape());
    String[] names = config.rule().slots(rows);
    Tensor[] slots = new Tensor[SLOTS];
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = names[i] == null ? null : scope.own(Tensor.zeros(device, p.dtype(), p.shape()));
    }
    Tensor average = config.emaDecay() > 0 ? scope.own(p.copy()) : null;
    return new Entry(name, p, rows, names, slots, average);
  }

  /** Of weights between units or channels, of which there are several on both sides; else 0. */
  private static long rows(long[] shape) {
    return shape.length >= 2 && shape[0] > 1 && shape[1] > 1 ? shape[0] : 0;
  }

  private Map<String, Ema.Average> averages() {
    Map<String, Ema.Average> averages = new LinkedHashMap<>();
    entries.forEach(e -> averages.put(e.name(), new Ema.Average(e.p(), e.ema())));
    return averages;
  }

  public OptimizerConfig config() {
    return config;
  }

  /** Steps done. */
  public long steps() {
    return steps;
  }

  /** The learning rate of the next step. */
  public double rate() {
    return config.schedule().at(steps);
  }

  /**
   * Moves every parameter that has a gradient; the others stay, and so do their states and
   * averages.
   */
  public void step(Gradients from) {
    step(from::of);
  }

  /** The same with a gradient for each parameter, or null. */
  public synchronized void step(Function<Tensor, Tensor> gradientOf) {
    requireNotApplied();
    collect(gradientOf);
    double scale = 1;
    gradientNorm = Double.NaN;
    if (config.clipNorm() > 0) {
      gradientNorm = Optim.globalNorm(device, gradients);
      scale = Math.min(1, config.clipNorm() / (gradientNorm + 1e-6)); // as PyTorch's
      if (Double.isNaN(scale)) {
        scale = 1; // a NaN gradient reaches its parameter, where the guard names it
      }
    }
    Optim.Step step =
        new Optim.Step(
            rate(),
            scale,
            config.clipValue() > 0 ? config.clipValue() : Double.POSITIVE_INFINITY,
            config.rule().weightDecay(),
            emaDecay());
    try {
      config.rule().step(device, step, steps + 1, segments);
    } finally {
      moved.forEach(Tensor::touch);
    }
    steps++;
    segments.clear();
    gradients.clear();
  }

  private double emaDecay() {
    return config.emaWarmUp()
        ? Math.min(config.emaDecay(), (1.0 + steps) / (10.0 + steps))
        : config.emaDecay();
  }

  private void collect(Function<Tensor, Tensor> gradientOf) {
    segments.clear();
    moved.clear();
    gradients.clear();
    for (Entry e : entries) {
      Tensor g = gradientOf.apply(e.p());
      if (g == null) {
        continue;
      }
      if (g.size() != e.p().size()) {
        throw new IllegalArgumentException(
            "expected a gradient of the shape of \"%s\" %s, got %s"
                .formatted(e.name(), e.p().describe(), g.describe()));
      }
      gradients.add(g.view());
      moved.add(e.p());
      segments.add(
          new Optim.Segment(
              e.p().view(),
              g.view(),
              e.slot(0),
              e.slot(1),
              e.slot(2),
              e.ema() == null ? null : e.ema().view(),
              e.rows()));
    }
    if (segments.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a gradient for at least one parameter, got none: does the loss depend on %s?"
              .formatted(entries.get(0).name()));
    }
  }

  /** The norm of the gradients of all parameters together. */
  public synchronized double norm(Gradients from) {
    collect(from::of);
    return Optim.globalNorm(device, gradients);
  }

  /**
   * The norm of the last step's gradients before they were clipped; NaN without clipping by norm.
   */
  public double gradientNorm() {
    return gradientNorm;
  }

  /** The moving average of the parameters, or null if there is none. */
  public Ema ema() {
    return ema;
  }

  void requireNotApplied() {
    if (ema != null && ema.isApplied()) {
      throw new IllegalStateException(
          "expected the parameters themselves, but their average is swapped in");
    }
  }

  // --- The state ------------------------------------------------------------------------------

  /**
   * What the next step depends on beside the parameters, {@link #steps} and the configuration, by
   * name: "moment1.encoder.0.weight", .. and the average under "ema.". The optimiser's own.
   */
  public synchronized Map<String, Tensor> state() {
    requireNotApplied();
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (Entry e : entries) {
      for (int i = 0; i < SLOTS; i++) {
        if (e.slots()[i] != null) {
          state.put(e.slotNames()[i] + "." + e.name(), e.slots()[i]);
        }
      }
      if (e.ema() != null) {
        state.put("ema." + e.name(), e.ema());
      }
    }
    return Collections.unmodifiableMap(state);
  }

  /** Goes on after so many steps; the tensors of {@link #state} are the caller's to restore. */
  public void resume(long stepsDone) {
    Checks.atLeast(0, "stepsDone", stepsDone);
    steps = stepsDone;
  }

  /** Frees the state and the average; the parameters stay. */
  @Override
  public void close() {
    scope.close();
  }
}
