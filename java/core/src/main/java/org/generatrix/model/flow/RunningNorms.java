// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.tensor.Tensor;

/**
 * The running statistics of a model's batch norms, for weights that are not those they were
 * gathered with: they have to be gathered again before such weights are of use (Izmailov et al.,
 * "Averaging weights leads to wider optima and better generalization", 2018, section 3.2). Some
 * passes over batches in training move them there.
 */
final class RunningNorms {
  /**
   * Passes: of a running average that forgets a tenth in each, 4 % is left of where it came from.
   */
  private static final int PASSES = 30;

  /** A pass over a batch, on a tape that trains. */
  interface Pass {
    void run(int number);
  }

  private final Map<String, Tensor> running = new LinkedHashMap<>();
  private Map<String, float[]> found; // at a place of the training
  private long foundAt;

  RunningNorms(FlowModel model) {
    model
        .buffers()
        .forEach(
            (name, tensor) -> {
              if (name.endsWith("running_mean") || name.endsWith("running_var")) {
                running.put(name, tensor);
              }
            });
  }

  boolean isEmpty() {
    return running.isEmpty();
  }

  /** The statistics as they are. */
  Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    running.forEach((name, tensor) -> values.put(name, tensor.toArray()));
    return values;
  }

  void restore(Map<String, float[]> values) {
    running.forEach((name, tensor) -> tensor.copyFrom(values.get(name)));
  }

  /**
   * Gathers them for the weights of this moment.
   *
   * @param place of the training, at which the weights are always the same
   */
  void gather(long place, Pass pass) {
    if (found != null && foundAt == place) {
      restore(found);
      return;
    }
    for (int i = 0; i < PASSES; i++) {
      pass.run(i);
    }
    found = values();
    foundAt = place;
  }
}
