// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.normalLike;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.data.Binarisation;
import org.generatrix.optim.Ema;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Examples;
import org.generatrix.train.GradientTraining;
import org.generatrix.train.MiniBatches;

/**
 * A training run of a {@link FlowModel}: its loss is minus the mean log-likelihood, in nats. With a
 * moving average of the weights, score and sample while {@link #averaged} is open.
 */
public final class FlowTraining extends GradientTraining {
  private final FlowModel model;
  private final Examples data;
  private final FlowTrainingConfig config;
  private final RunningNorms norms;

  /**
   * A run at its beginning.
   *
   * @param data float or bits [n, D]; stays the caller's, open and unchanged
   */
  public FlowTraining(FlowModel model, Tensor data, FlowTrainingConfig config) {
    this(model, Examples.of(data), config);
  }

  /**
   * A run at its beginning.
   *
   * @param data if the model has a context, with its rows [n, context units] as target, or with
   *     labels, which are taken one-hot
   */
  public FlowTraining(FlowModel model, Examples data, FlowTrainingConfig config) {
    super(
        model,
        model.kind(),
        model.config(),
        checked(model, data, config),
        config.gradient(data.rows()),
        config,
        (tape, batch) -> loss(model, config.noise(), tape, batch));
    this.model = model;
    this.data = data;
    this.config = config;
    norms = new RunningNorms(model);
  }

  private static Var loss(FlowModel model, double noise, Tape tape, Examples batch) {
    Var x = model.input(tape, batch.x());
    if (noise > 0) {
      x = x.add(normalLike(x).mul(noise));
    }
    return model.logLikelihood(x, context(model, tape, batch)).mean().neg();
  }

  private static Var context(FlowModel model, Tape tape, Examples batch) {
    if (model.context() == 0) {
      return null;
    }
    return tape.constant(
        batch.labels() == null
            ? batch.target()
            : tape.own(Tensor.oneHot(model.device(), batch.labels(), model.context())));
  }

  private static Examples checked(FlowModel model, Examples data, FlowTrainingConfig config) {
    if (config.noise() > 0 && model.dequantisation().levels() > 0) {
      throw new IllegalArgumentException(
          "expected no noise for data of %d levels, which are dequantised, got %s"
              .formatted(model.dequantisation().levels(), config.noise()));
    }
    boolean labels = data.labels() != null;
    int contexts = data.targets().size() + (labels ? 1 : 0);
    if (contexts != (model.context() > 0 ? 1 : 0)) {
      throw new IllegalArgumentException(
          "expected data with %s for a model of %d context units, got %d targets and %s labels"
              .formatted(
                  model.context() > 0 ? "one target or labels" : "nothing beside the rows",
                  model.context(),
                  data.targets().size(),
                  labels ? "" : "no"));
    }
    if (!labels && model.context() > 0 && data.target().units() != model.context()) {
      throw new IllegalArgumentException(
          "expected a target [%d, %d], got %s"
              .formatted(data.rows(), model.context(), data.target().describe()));
    }
    for (int i = 0; labels && i < data.labels().length; i++) {
      if (data.labels()[i] < 0 || data.labels()[i] >= model.context()) {
        throw new IllegalArgumentException(
            "a class must be in [0, %d), got %d of row %d"
                .formatted(model.context(), data.labels()[i], i));
      }
    }
    return data;
  }

  /** Goes on where a checkpoint stopped, bit for bit. */
  public static FlowTraining resume(FlowModel model, Path checkpoint, Examples data)
      throws IOException {
    return resume(model, checkpoint, data, 0);
  }

  /** Goes on to another number of epochs, over which the rate then falls; 0 keeps the file's. */
  public static FlowTraining resume(FlowModel model, Path checkpoint, Examples data, int epochs)
      throws IOException {
    return resumed(
        checkpoint,
        model.kind(),
        FlowTrainingConfig.class,
        stored -> new FlowTraining(model, data, epochs == 0 ? stored : stored.withEpochs(epochs)));
  }

  public FlowTrainingConfig config() {
    return config;
  }

  /** The weights that the model has for a while. */
  public interface Averaged extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Gives the model the average of its weights, if there is one, until this is closed. Running
   * statistics of batch norms, which belong to other weights, are gathered anew by some passes over
   * the data, and come back with the weights.
   */
  public Averaged averaged() {
    if (ema() == null) {
      return () -> {};
    }
    Map<String, float[]> before = norms.values();
    Ema.Applied applied = ema().apply();
    Averaged averaged =
        () -> {
          norms.restore(before);
          applied.close();
        };
    try {
      gatherNorms();
      return averaged;
    } catch (RuntimeException | Error e) {
      averaged.close();
      throw e;
    }
  }

  private void gatherNorms() {
    if (norms.isEmpty()) {
      return;
    }
    long place = epoch() * batchesPerEpoch() + batch();
    Binarisation asIs = Binarisation.INTENSITIES;
    try (MiniBatches batches = new MiniBatches(data, config.batchSize(), asIs, config.seed())) {
      norms.gather(
          place,
          pass -> {
            try (Tape tape = Tape.training(model.device(), config.seed(), pass)) {
              loss(model, config.noise(), tape, batches.nextBatch(tape.nextRng()));
            }
          });
    }
  }
}
