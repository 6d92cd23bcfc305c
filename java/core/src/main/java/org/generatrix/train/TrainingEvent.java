// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a training run stands when a listener is called.
 *
 * @param source the run
 * @param epoch epochs completed
 * @param epochs epochs wanted
 * @param batch batches done in the current epoch, in [0, batches); 0 right after an epoch ended
 * @param batches batches of an epoch
 * @param examples examples seen in this call of {@link Trainer#fit}
 * @param seconds since this call of {@link Trainer#fit} began
 * @param metrics at the end of an epoch what was measured, by name, else empty
 * @param checkpoint the file just written, else null
 * @param end why the run ended, else null
 */
public record TrainingEvent(
    Trainable source,
    int epoch,
    int epochs,
    long batch,
    long batches,
    long examples,
    double seconds,
    Map<String, Double> metrics,
    Path checkpoint,
    End end) {

  /** Why a run ended. */
  public enum End {
    /** All epochs are done. */
    COMPLETED,
    /** {@link Trainer#requestStop} was called; the run can be resumed. */
    STOPPED,
    /** The watched metric no longer improved. */
    EARLY_STOP,
    /** A parameter became NaN or infinite; an earlier checkpoint is untouched. */
    DIVERGED,
    /** A step, a metric, a listener or the writing of a checkpoint failed. */
    FAILED
  }

  /** Examples per second so far in this call. */
  public double rate() {
    return seconds > 0 ? examples / seconds : 0;
  }
}
