// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.adversarial;

import java.util.Set;
import java.util.function.Consumer;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.MeanDiscrepancy;
import org.generatrix.model.adversarial.Dcgan;
import org.generatrix.model.adversarial.DcganConfig;
import org.generatrix.tensor.Tensor;

/** A convolutional adversarial network out of a file. */
public record LoadedDcgan(Dcgan gan) implements LoadedModel {
  static final int SAMPLES = 1000; // to measure with

  @Override
  public String name() {
    return "a convolutional adversarial network";
  }

  @Override
  public String size() {
    return size(gan.config());
  }

  /** "28 x 28 from 100 latent units, 64 features". */
  static String size(DcganConfig config) {
    String features =
        config.generatorWidth() == config.discriminatorWidth()
            ? config.generatorWidth() + " features"
            : config.generatorWidth() + " and " + config.discriminatorWidth() + " features";
    return "%d x %d from %d latent units, %s"
        .formatted(config.height(), config.width(), config.latents(), features);
  }

  @Override
  public Device device() {
    return gan.device();
  }

  @Override
  public int visible() {
    return Math.toIntExact(gan.visible());
  }

  @Override
  public Set<String> options() {
    return Set.of();
  }

  @Override
  public Tensor sample(int n, SampleSettings how) {
    return gan.sample(n, how.seed());
  }

  @Override
  public Binarisation measured(Binarisation training) {
    return Binarisation.INTENSITIES;
  }

  /** It has no density: what can be said is how far its samples are from the test pictures. */
  @Override
  public void score(
      DataSet data, Binarisation binarisation, ScoreSettings how, Consumer<String> found) {
    try (Tensor test = DataSet.intensities(device(), DataSet.spread(data.test(), SAMPLES));
        Tensor train = DataSet.intensities(device(), DataSet.spread(data.train(), SAMPLES));
        Tensor samples = gan.sample(SAMPLES, how.seed())) {
      found.accept(line("samples", MeanDiscrepancy.of(test, samples)));
      found.accept(line("training pictures", MeanDiscrepancy.of(test, train)));
    }
  }

  static String line(String what, double mmd) {
    return Text.format("%-18s %.5f squared mean discrepancy from test pictures", what, mmd);
  }

  @Override
  public void close() {
    gan.close();
  }
}
