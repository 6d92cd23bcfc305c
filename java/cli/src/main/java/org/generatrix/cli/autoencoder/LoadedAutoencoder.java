// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoencoder;

import java.util.Set;
import java.util.function.Consumer;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.SquaredError;
import org.generatrix.cli.Text;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.data.Binarisation;
import org.generatrix.linalg.Pca;
import org.generatrix.model.autoencoder.CodeModel;
import org.generatrix.tensor.Tensor;

/** An autoencoder out of a file. */
public record LoadedAutoencoder(CodeModel model) implements LoadedModel {

  @Override
  public String name() {
    return Network.of(model).name();
  }

  @Override
  public String size() {
    return Network.of(model).size();
  }

  @Override
  public Device device() {
    return model.device();
  }

  @Override
  public int visible() {
    return Math.toIntExact(model.visible());
  }

  @Override
  public Set<String> options() {
    return Set.of();
  }

  /** What the decoder makes of draws from a Gaussian that fits the codes. */
  @Override
  public Tensor sample(int n, SampleSettings how) {
    return model.sample(n, how.seed());
  }

  @Override
  public Binarisation measured(Binarisation training) {
    return Binarisation.INTENSITIES;
  }

  @Override
  public void score(
      DataSet data, Binarisation binarisation, ScoreSettings how, Consumer<String> found) {
    try (Tensor train = DataSet.intensities(device(), data.train());
        Tensor test = DataSet.intensities(device(), data.test())) {
      try (Tensor back = model.reconstruct(test)) {
        found.accept(line("autoencoder", SquaredError.mean(test, back)));
      }
      Pca pca = Pca.fit(train, Math.toIntExact(model.code()));
      try (Tensor codes = pca.encode(test);
          Tensor back = pca.decode(codes)) {
        String name = pca.code() + " principal components";
        found.accept(line(name, SquaredError.mean(test, back)));
      }
    }
  }

  private static String line(String name, double error) {
    return Text.format("%-24s %.5f mean squared error of a pixel", name, error);
  }

  @Override
  public void close() {
    model.close();
  }
}
