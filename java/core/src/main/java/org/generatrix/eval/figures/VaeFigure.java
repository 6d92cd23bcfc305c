// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.time.Duration;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.data.Images;
import org.generatrix.data.Mnist;
import org.generatrix.eval.Binarised;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.model.variational.VaeTraining;
import org.generatrix.model.variational.VaeTrainingConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Pace;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingListener;

/**
 * A variational autoencoder that is trained on pictures binarised anew at each presentation, for a
 * stated time, and tested by importance weighting on one draw of the test set (Burda, Grosse,
 * Salakhutdinov, "Importance weighted autoencoders", ICLR 2016, whose setting this is).
 *
 * <p>The first updates of a model that is thrown away tell how many epochs the time allows; the
 * learning rate falls over exactly those. So the figure depends on the machine's speed, and says
 * how many epochs it had.
 *
 * @param recipe of the training but for the number of epochs
 * @param limit of the training's wall time
 * @param samples of the importance weighting, for each test picture
 */
record VaeFigure(
    String name,
    String title,
    VaeConfig model,
    VaeTrainingConfig recipe,
    Duration limit,
    int samples,
    double published,
    String source,
    double bar)
    implements Figure {
  @Override
  public FigureResult run(Device device, Mnist.Split data, TrainingListener progress) {
    long start = System.nanoTime();
    try (Tensor train = tensor(device, data.train());
        Vae vae = Vae.create(device, model, data.train().mean(), recipe.seed())) {
      int epochs = epochs(device, train);
      try (VaeTraining run = new VaeTraining(vae, train, recipe.withEpochs(epochs))) {
        Trainer trainer = new Trainer(run).listen(progress);
        trainer.listen(Pace.limit(trainer, limit.toNanos() / 1e9)).fit();
        epochs = run.epoch();
      }
      return measure(vae, data, epochs, seconds(start));
    }
  }

  private int epochs(Device device, Tensor train) {
    try (Vae vae = Vae.create(device, model, recipe.seed());
        VaeTraining trial = new VaeTraining(vae, train, recipe.withEpochs(1_000_000))) {
      return Pace.epochs(trial, limit.toNanos() / 1e9);
    }
  }

  private FigureResult measure(Vae vae, Mnist.Split data, int epochs, double trainingSeconds) {
    Binarisation tested = Binarisation.RESAMPLED;
    long start = System.nanoTime();
    try (Tensor intensities = tensor(vae.device(), data.test());
        Tensor bits = Binarised.of(intensities, tested, recipe.seed());
        Tensor test = bits.toFloats()) {
      double[] rows = vae.logLikelihood(test, samples, recipe.seed());
      return new FigureResult(
          this,
          LogLikelihood.lowerBound(rows, tested),
          null,
          recipe.binarisation().id(),
          epochs,
          trainingSeconds,
          seconds(start));
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static Tensor tensor(Device device, Images images) {
    return Tensor.of(device, images.intensities(), images.count(), images.size());
  }
}
