// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.binding.Device;
import org.generatrix.data.Images;
import org.generatrix.data.Mnist;
import org.generatrix.linalg.Pca;
import org.generatrix.model.autoencoder.AutoencoderTraining;
import org.generatrix.model.autoencoder.AutoencoderTrainingConfig;
import org.generatrix.model.autoencoder.ConvAutoencoder;
import org.generatrix.model.autoencoder.ConvAutoencoderConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingListener;

/**
 * The convolutional autoencoder of EE-559 beside as many principal components as its code has
 * units: the mean squared error of a test picture's pixel. Both are fitted to the intensities of
 * the training pictures.
 *
 * @param channels of the layers in between
 * @param codes their sizes, one training each
 */
record ConvAutoencoderComparison(
    String name, String title, long channels, List<Long> codes, AutoencoderTrainingConfig training)
    implements Comparison {

  @Override
  public ComparisonResult run(Device device, Mnist.Split data, TrainingListener progress) {
    List<ComparisonResult.Row> rows = new ArrayList<>();
    double[] seconds = new double[2]; // of training, of the rest
    try (Tensor train = tensor(device, data.train());
        Tensor test = tensor(device, data.test())) {
      for (long code : codes) {
        long start = System.nanoTime();
        try (ConvAutoencoder model =
                ConvAutoencoder.create(
                    device, new ConvAutoencoderConfig(code, channels), training.seed());
            AutoencoderTraining run = new AutoencoderTraining(model, train, training)) {
          new Trainer(run).listen(progress).fit();
          seconds[0] += (System.nanoTime() - start) / 1e9;
          start = System.nanoTime();
          try (Tensor back = model.reconstruct(test)) {
            double ours = error(test, back);
            rows.add(
                new ComparisonResult.Row(
                    "code of " + code,
                    ours,
                    code + " principal components",
                    error(Pca.fit(train, Math.toIntExact(code)), test)));
          }
          seconds[1] += (System.nanoTime() - start) / 1e9;
        }
      }
    }
    return new ComparisonResult(
        this, "mean squared error of a pixel", rows, training.epochs(), seconds[0], seconds[1]);
  }

  private static double error(Pca pca, Tensor test) {
    try (Tensor codes = pca.encode(test);
        Tensor back = pca.decode(codes)) {
      return error(test, back);
    }
  }

  private static double error(Tensor test, Tensor back) {
    float[] x = test.toArray();
    float[] y = back.toArray();
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (x[i] - y[i]) * (double) (x[i] - y[i]);
    }
    return sum / x.length;
  }

  private static Tensor tensor(Device device, Images images) {
    return Tensor.of(device, images.intensities(), images.count(), images.size());
  }
}
