// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.StateOps;
import org.generatrix.optim.Ema;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Examples;
import org.generatrix.train.GradientTraining;

/**
 * A training run of an {@link AutoregressiveImages}: its loss is minus the mean log-likelihood, in
 * nats. With a moving average of the weights, score and sample while {@link #averaged} is open.
 */
public final class PixelCnnTraining extends GradientTraining {
  private final PixelCnnTrainingConfig config;

  /**
   * A run at its beginning.
   *
   * @param data float or bits [n, channels height width]; stays the caller's, open and unchanged
   */
  public PixelCnnTraining(AutoregressiveImages model, Tensor data, PixelCnnTrainingConfig config) {
    this(model, Examples.of(data), config);
  }

  /**
   * A run at its beginning.
   *
   * @param data with a class for each image if the model has classes
   */
  public PixelCnnTraining(
      AutoregressiveImages model, Examples data, PixelCnnTrainingConfig config) {
    super(
        model,
        model.kind(),
        model.config(),
        data,
        config.gradient(data.rows(), model.image()),
        config,
        (tape, batch) -> logLikelihood(model, config, tape, batch).mean().neg());
    this.config = config;
    if (model.classes() > 0 != (data.labels() != null)) {
      close();
      throw new IllegalArgumentException(
          "expected data %s labels for a model of %d classes"
              .formatted(model.classes() > 0 ? "with" : "without", model.classes()));
    }
  }

  /**
   * Of intensities that are to be drawn anew, the expectation over each pixel's own draw: given the
   * pixels before it, which are drawn, it is a state with a probability equal to its intensity, so
   * that the cross entropy with the intensity is the mean of what its draws would give. The
   * gradient has the same expectation and, of grey pixels, none of their noise.
   */
  private static Var logLikelihood(
      AutoregressiveImages model, PixelCnnTrainingConfig config, Tape tape, Examples batch) {
    Tensor given = batch.x();
    if (!config.drawsStates(model.image()) || given.dtype() == DType.BITS) {
      return model.logLikelihood(model.input(tape, given), batch.labels());
    }
    Tensor states = tape.own(Tensor.bits(given.device(), given.rows(), given.units()));
    StateOps.bernoulli(given.device(), given.buffer(), tape.nextRng(), states.states());
    return model.expectedLogLikelihood(
        model.input(tape, states), model.input(tape, given), batch.labels());
  }

  /** Goes on where a checkpoint stopped, bit for bit. */
  public static PixelCnnTraining resume(AutoregressiveImages model, Path checkpoint, Examples data)
      throws IOException {
    return resume(model, checkpoint, data, 0);
  }

  /** Goes on to another number of epochs, over which the rate then falls; 0 keeps the file's. */
  public static PixelCnnTraining resume(
      AutoregressiveImages model, Path checkpoint, Examples data, int epochs) throws IOException {
    return resumed(
        checkpoint,
        model.kind(),
        PixelCnnTrainingConfig.class,
        stored ->
            new PixelCnnTraining(model, data, epochs == 0 ? stored : stored.withEpochs(epochs)));
  }

  public PixelCnnTrainingConfig config() {
    return config;
  }

  /** The weights that the model has for a while. */
  public interface Averaged extends AutoCloseable {
    @Override
    void close();
  }

  /** Gives the model the average of its weights, if there is one, until this is closed. */
  public Averaged averaged() {
    if (ema() == null) {
      return () -> {};
    }
    Ema.Applied applied = ema().apply();
    return applied::close;
  }
}
