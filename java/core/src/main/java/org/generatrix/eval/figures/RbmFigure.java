// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.data.Images;
import org.generatrix.data.Mnist;
import org.generatrix.eval.Ais;
import org.generatrix.eval.AisConfig;
import org.generatrix.eval.Binarised;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.eval.LogPartitionEstimate;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingListener;

/**
 * A centered RBM trained on intensities and tested on one draw of the test set, as in Melchior et
 * al. 2016. The training set alone gives the mean that the biases, the offsets and the base of AIS
 * start from.
 *
 * @param ais how log Z is estimated, both ways; null enumerates it
 */
record RbmFigure(
    String name,
    String title,
    int hidden,
    RbmTrainingConfig recipe,
    AisConfig ais,
    double published,
    String source,
    double bar)
    implements Figure {

  @Override
  public FigureResult run(Device device, Mnist.Split data, TrainingListener progress) {
    float[] mean = data.train().mean();
    try (Rbm rbm =
        Rbm.create(device, RbmConfig.centered(mean.length, hidden), mean, recipe.seed())) {
      long start = System.nanoTime();
      try (Tensor train = tensor(device, data.train());
          RbmTrainer run = new RbmTrainer(rbm, train, recipe)) {
        new Trainer(run).listen(progress).fit();
      }
      return measure(rbm, data, mean, (System.nanoTime() - start) / 1e9);
    }
  }

  private FigureResult measure(Rbm rbm, Mnist.Split data, float[] mean, double trainingSeconds) {
    Binarisation tested = Binarisation.RESAMPLED;
    long start = System.nanoTime();
    try (Tensor intensities = tensor(rbm.device(), data.test());
        Tensor test = Binarised.of(intensities, tested, recipe.seed())) {
      LogLikelihood value;
      LogLikelihood reverse = null;
      if (ais == null) {
        value = LogLikelihood.exact(rbm, test, tested);
      } else {
        value = LogLikelihood.estimate(rbm, test, Ais.forward(rbm, ais, mean), tested);
        try (Tensor seen = tensor(rbm.device(), data.train().slice(0, ais.chains()))) {
          LogPartitionEstimate logZ = Ais.reverse(rbm, seen, ais, mean);
          reverse = LogLikelihood.estimate(rbm, test, logZ, tested);
        }
      }
      return new FigureResult(
          this,
          value,
          reverse,
          recipe.binarisation().id(),
          recipe.epochs(),
          trainingSeconds,
          (System.nanoTime() - start) / 1e9);
    }
  }

  private static Tensor tensor(Device device, Images images) {
    return Tensor.of(device, images.intensities(), images.count(), images.size());
  }
}
