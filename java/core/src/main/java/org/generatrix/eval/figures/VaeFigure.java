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
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingEvent;
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
  private static final int WARM_UP = 20; // updates
  private static final double TRIAL = 0.02; // share of the time
  private static final double OVERRUN = 1.1; // where a run that is slower than it began is stopped

  @Override
  public FigureResult run(Device device, Mnist.Split data, TrainingListener progress) {
    long start = System.nanoTime();
    try (Tensor train = tensor(device, data.train());
        Vae vae = Vae.create(device, model, data.train().mean(), recipe.seed())) {
      int epochs = epochs(device, train);
      try (VaeTraining run = new VaeTraining(vae, train, recipe.withEpochs(epochs))) {
        Trainer trainer = new Trainer(run).listen(progress);
        trainer.listen(new Limit(trainer)).fit();
        epochs = run.epoch();
      }
      return measure(vae, data, epochs, seconds(start));
    }
  }

  /** What is left of the time after a trial, in epochs. */
  private int epochs(Device device, Tensor train) {
    double seconds = limit.toNanos() / 1e9;
    long start = System.nanoTime();
    try (Vae vae = Vae.create(device, model, recipe.seed());
        VaeTraining trial = new VaeTraining(vae, train, recipe.withEpochs(1_000_000))) {
      for (int i = 0; i < WARM_UP; i++) {
        trial.step();
      }
      long warm = System.nanoTime();
      int steps = 0;
      do {
        trial.step();
        steps++;
      } while (seconds(start) < TRIAL * seconds);
      double epoch = seconds(warm) / steps * trial.batchesPerEpoch();
      return (int) Math.max(1, (seconds - seconds(start)) / epoch);
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

  /** Stops a run whose machine became busier than it was in the trial. */
  private final class Limit implements TrainingListener {
    private final Trainer trainer;

    Limit(Trainer trainer) {
      this.trainer = trainer;
    }

    @Override
    public void onBatch(TrainingEvent event) {
      if (event.seconds() > OVERRUN * limit.toNanos() / 1e9 && event.epoch() > 0) {
        trainer.requestStop();
      }
    }
  }
}
