// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;

/**
 * Drives a {@link Trainable} to its last epoch: listeners, metrics, checkpoints, early stop, a
 * guard against NaN, and a way to stop from outside. Set it up, then call {@link #fit} on one
 * thread; {@link #requestStop} may come from any other.
 *
 * <pre>{@code
 * Trainer trainer =
 *     new Trainer(run)
 *         .metric("log_pl", 1, () -> mean(rbm.logPseudoLikelihood(validation)))
 *         .checkpoint(Path.of("checkpoint.safetensors"), 5)
 *         .listen(progress);
 * TrainingEvent.End end = trainer.fit(); // STOPPED if another thread called trainer.requestStop()
 * }</pre>
 */
public final class Trainer {
  private record Metric(String name, int everyEpochs, DoubleSupplier value) {}

  private final Trainable run;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private final List<Metric> metrics = new ArrayList<>();
  private Path checkpoint;
  private int checkpointEveryEpochs;
  private EarlyStop earlyStop;
  private int guardEveryBatches = 100;
  private volatile boolean stopRequested;

  private long startNanos;
  private long examples;
  private boolean clean; // no step since the last checkpoint

  public Trainer(Trainable run) {
    this.run = Objects.requireNonNull(run, "run");
  }

  /** Adds a listener; they are called in the order they were added. */
  public Trainer listen(TrainingListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /**
   * Measures something after every n-th epoch and after the last; listeners find it among the
   * epoch's metrics.
   */
  public Trainer metric(String name, int everyEpochs, DoubleSupplier value) {
    Objects.requireNonNull(name, "name");
    if (metrics.stream().anyMatch(m -> m.name().equals(name))) {
      throw new IllegalArgumentException("there is a metric named \"" + name + "\" already");
    }
    metrics.add(
        new Metric(name, positive("everyEpochs", everyEpochs), Objects.requireNonNull(value)));
    return this;
  }

  /**
   * Writes a checkpoint after every n-th epoch, and at the end of the run unless it diverged or
   * failed.
   */
  public Trainer checkpoint(Path file, int everyEpochs) {
    checkpoint = Objects.requireNonNull(file, "file");
    checkpointEveryEpochs = positive("everyEpochs", everyEpochs);
    return this;
  }

  /**
   * Stops when a metric no longer improves, counted from the start of this call of {@link #fit}.
   */
  public Trainer earlyStop(EarlyStop rule) {
    earlyStop = Objects.requireNonNull(rule, "rule");
    return this;
  }

  /**
   * How often the parameters are looked at for NaN and infinities: after every n-th batch of an
   * epoch, 100 at first; 0 leaves the looks at the end of each epoch and before each checkpoint.
   */
  public Trainer guard(int everyBatches) {
    if (everyBatches < 0) {
      throw new IllegalArgumentException("everyBatches must not be negative, got " + everyBatches);
    }
    guardEveryBatches = everyBatches;
    return this;
  }

  /**
   * Ends the run after the batch at hand, with a checkpoint if there is a file for it. From any
   * thread, also before fit.
   */
  public void requestStop() {
    stopRequested = true;
  }

  /**
   * Trains until all epochs are done or something ends it earlier.
   *
   * @throws DivergedException when a parameter became NaN or infinite
   * @throws UncheckedIOException when a checkpoint cannot be written
   */
  public TrainingEvent.End fit() {
    startNanos = System.nanoTime();
    examples = 0;
    clean = false;
    TrainingEvent.End end = TrainingEvent.End.FAILED;
    try {
      tell(TrainingListener::onStart, Map.of(), null, null);
      end = epochs();
      saveCheckpoint();
    } catch (DivergedException e) {
      end = TrainingEvent.End.DIVERGED;
      throw e;
    } catch (RuntimeException | Error e) {
      end = TrainingEvent.End.FAILED;
      throw e;
    } finally {
      tell(TrainingListener::onEnd, Map.of(), null, end);
    }
    return end;
  }

  private TrainingEvent.End epochs() {
    double best = earlyStop == null ? 0 : earlyStop.worst();
    int sinceBest = 0;
    while (run.epoch() < run.epochs()) {
      if (!finishEpoch()) {
        return TrainingEvent.End.STOPPED;
      }
      Map<String, Double> measured = measure();
      tell(TrainingListener::onEpoch, measured, null, null);
      if (checkpoint != null && run.epoch() % checkpointEveryEpochs == 0) {
        saveCheckpoint();
      }
      if (earlyStop != null && measured.containsKey(earlyStop.metric())) {
        if (earlyStop.improves(measured.get(earlyStop.metric()), best)) {
          best = measured.get(earlyStop.metric());
          sinceBest = 0;
        } else if (++sinceBest >= earlyStop.patience()) {
          return TrainingEvent.End.EARLY_STOP;
        }
      }
    }
    return TrainingEvent.End.COMPLETED;
  }

  // The rest of the epoch at hand; false when asked to stop in its midst.
  private boolean finishEpoch() {
    int epoch = run.epoch();
    while (run.epoch() == epoch) {
      if (stopRequested) {
        return false;
      }
      long before = position();
      run.step();
      clean = false;
      examples += position() - before;
      if (guardEveryBatches > 0 && run.batch() % guardEveryBatches == 0) {
        guard();
      }
      if (!listeners.isEmpty()) {
        tell(TrainingListener::onBatch, Map.of(), null, null);
      }
    }
    guard();
    return true;
  }

  // Examples of this run so far; batches are of equal size but the last of an epoch.
  private long position() {
    long perEpoch = run.examplesPerEpoch();
    long batchSize = (perEpoch + run.batchesPerEpoch() - 1) / run.batchesPerEpoch();
    return run.epoch() * perEpoch + Math.min(run.batch() * batchSize, perEpoch);
  }

  private Map<String, Double> measure() {
    Map<String, Double> values = new LinkedHashMap<>(run.metrics());
    for (Metric metric : metrics) {
      if (run.epoch() % metric.everyEpochs() == 0 || run.epoch() == run.epochs()) {
        values.put(metric.name(), metric.value().getAsDouble());
      }
    }
    if (earlyStop != null
        && metrics.stream().noneMatch(m -> m.name().equals(earlyStop.metric()))
        && !values.containsKey(earlyStop.metric())) {
      throw new IllegalStateException(
          "early stop watches \"%s\", but the metrics are %s"
              .formatted(earlyStop.metric(), values.keySet()));
    }
    return values;
  }

  private void guard() {
    String tensor = run.nonFinite();
    if (tensor != null) {
      boolean atEnd = run.batch() == 0; // of the epoch just completed
      throw new DivergedException(
          "training diverged in epoch %d of %d at batch %d of %d: %s holds a NaN or an infinity; a lower learning rate may help"
              .formatted(
                  atEnd ? run.epoch() : run.epoch() + 1,
                  run.epochs(),
                  atEnd ? run.batchesPerEpoch() : run.batch(),
                  run.batchesPerEpoch(),
                  tensor));
    }
  }

  private void saveCheckpoint() {
    if (checkpoint == null || clean) {
      return;
    }
    guard(); // a good checkpoint is never replaced by a broken one
    try {
      run.save(checkpoint);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    clean = true;
    tell(TrainingListener::onCheckpoint, Map.of(), checkpoint, null);
  }

  private void tell(
      BiConsumer<TrainingListener, TrainingEvent> call,
      Map<String, Double> values,
      Path file,
      TrainingEvent.End end) {
    TrainingEvent event =
        new TrainingEvent(
            run,
            run.epoch(),
            run.epochs(),
            run.batch(),
            run.batchesPerEpoch(),
            examples,
            (System.nanoTime() - startNanos) / 1e9,
            values,
            file,
            end);
    for (TrainingListener listener : listeners) {
      call.accept(listener, event);
    }
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, got " + value);
    }
    return value;
  }
}
