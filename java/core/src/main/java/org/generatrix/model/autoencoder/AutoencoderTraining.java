// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Examples;
import org.generatrix.train.GradientTraining;

/**
 * A training run of an {@link Autoencoder} or a {@link ConvAutoencoder}. A checkpoint also holds
 * the moments of the codes, so that it can be sampled from.
 */
public final class AutoencoderTraining extends GradientTraining {
  private final CodeModel model;
  private final Tensor data;
  private final AutoencoderTrainingConfig config;

  /**
   * A run at its beginning.
   *
   * @param data float [n, visible]; stays the caller's, open and unchanged
   */
  public AutoencoderTraining(CodeModel model, Tensor data, AutoencoderTrainingConfig config) {
    super(
        model,
        model.kind(),
        model.config(),
        Examples.of(data),
        config.gradient(data.rows()),
        config,
        (tape, batch) -> model.loss(model.input(tape, batch.x())).mean());
    this.model = model;
    this.data = data;
    this.config = config;
  }

  /** Goes on where a checkpoint stopped, bit for bit. */
  public static AutoencoderTraining resume(CodeModel model, Path checkpoint, Tensor data)
      throws IOException {
    return resume(model, checkpoint, data, 0);
  }

  /** Goes on to another number of epochs, over which the rate then falls; 0 keeps the file's. */
  public static AutoencoderTraining resume(
      CodeModel model, Path checkpoint, Tensor data, int epochs) throws IOException {
    return resumed(
        checkpoint,
        model.kind(),
        AutoencoderTrainingConfig.class,
        stored ->
            new AutoencoderTraining(model, data, epochs == 0 ? stored : stored.withEpochs(epochs)));
  }

  public AutoencoderTrainingConfig config() {
    return config;
  }

  @Override
  public void save(Path checkpoint) throws IOException {
    model.fitCodes(data);
    super.save(checkpoint);
  }
}
