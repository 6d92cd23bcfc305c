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
import org.generatrix.model.autoregressive.PixelCnn;
import org.generatrix.model.autoregressive.PixelCnnConfig;
import org.generatrix.model.autoregressive.PixelCnnTraining;
import org.generatrix.model.autoregressive.PixelCnnTrainingConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Pace;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingListener;

/**
 * A PixelCNN that is trained on pictures binarised anew at each presentation, for a stated time,
 * and measured exactly on one draw of the test set. As for {@link VaeFigure} a trial tells how many
 * epochs the time allows; the weights measured are their moving average.
 *
 * @param recipe of the training but for the number of epochs
 * @param limit of the training's wall time
 */
record PixelCnnFigure(
    String name,
    String title,
    PixelCnnConfig model,
    PixelCnnTrainingConfig recipe,
    Duration limit,
    double published,
    String source,
    double bar)
    implements Figure {
  @Override
  public FigureResult run(Device device, Mnist.Split data, TrainingListener progress) {
    long start = System.nanoTime();
    try (Tensor train = tensor(device, data.train());
        PixelCnn pixelCnn = PixelCnn.create(device, model, recipe.seed())) {
      int epochs = epochs(device, train);
      try (PixelCnnTraining run =
          new PixelCnnTraining(pixelCnn, train, recipe.withEpochs(epochs))) {
        Trainer trainer = new Trainer(run).listen(progress);
        trainer.listen(Pace.limit(trainer, limit.toNanos() / 1e9)).fit();
        double seconds = seconds(start);
        try (PixelCnnTraining.Averaged weights = run.averaged()) {
          return measure(pixelCnn, data, run.epoch(), seconds);
        }
      }
    }
  }

  private int epochs(Device device, Tensor train) {
    try (PixelCnn pixelCnn = PixelCnn.create(device, model, recipe.seed());
        PixelCnnTraining trial =
            new PixelCnnTraining(pixelCnn, train, recipe.withEpochs(1_000_000))) {
      return Pace.epochs(trial, limit.toNanos() / 1e9);
    }
  }

  private FigureResult measure(
      PixelCnn pixelCnn, Mnist.Split data, int epochs, double trainingSeconds) {
    Binarisation tested = Binarisation.RESAMPLED;
    long start = System.nanoTime();
    try (Tensor intensities = tensor(pixelCnn.device(), data.test());
        Tensor test = Binarised.of(intensities, tested, recipe.seed())) {
      double[] rows = pixelCnn.logLikelihood(test);
      return new FigureResult(
          this,
          LogLikelihood.exact(rows, tested),
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
