// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.variational;

import java.util.Set;
import java.util.function.Consumer;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.ActiveUnits;
import org.generatrix.eval.Binarised;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.model.variational.VaeConfig.Decoder;
import org.generatrix.tensor.Tensor;

/** A variational autoencoder out of a file. */
public record LoadedVae(Vae vae) implements LoadedModel {

  @Override
  public String name() {
    return "a variational autoencoder";
  }

  @Override
  public String size() {
    return size(vae.config());
  }

  /** "784-200-200-50, Bernoulli". */
  static String size(VaeConfig config) {
    return layers(config, "-")
        + (config.decoder() == Decoder.BERNOULLI ? ", Bernoulli" : ", Gaussian");
  }

  /** All layers from the data up; where several are stochastic, these in parentheses. */
  static String layers(VaeConfig config, String dash) {
    long[] latents = config.latentSizes();
    StringBuilder layers = new StringBuilder().append(config.visible());
    for (int l = 0; l < latents.length; l++) {
      for (long hidden : config.hiddenSizes(l)) {
        layers.append(dash).append(hidden);
      }
      layers.append(dash).append(latents.length == 1 ? latents[l] : "(" + latents[l] + ")");
    }
    return layers.toString();
  }

  @Override
  public Device device() {
    return vae.device();
  }

  @Override
  public int visible() {
    return Math.toIntExact(vae.config().visible());
  }

  @Override
  public Set<String> options() {
    return binary(vae) ? Set.of("--binary", "--binarisation", "--samples") : Set.of("--samples");
  }

  private static boolean binary(Vae vae) {
    return vae.config().decoder() == Decoder.BERNOULLI;
  }

  /** The decoder's means; with binary, one draw from them. */
  @Override
  public Tensor sample(int n, SampleSettings how) {
    Tensor means = vae.sample(n, how.seed());
    if (!how.binary()) {
      return means;
    }
    try (means;
        Tensor bits = Binarised.of(means, Binarisation.RESAMPLED, ~how.seed())) {
      return bits.toFloats();
    }
  }

  @Override
  public Binarisation measured(Binarisation training) {
    return measured(vae, training);
  }

  /** A Bernoulli likelihood needs binary pictures, a Gaussian one takes them as they are. */
  static Binarisation measured(Vae vae, Binarisation training) {
    return binary(vae) ? DataSet.measured(training) : Binarisation.INTENSITIES;
  }

  @Override
  public void score(
      DataSet data, Binarisation binarisation, ScoreSettings how, Consumer<String> found) {
    try (Tensor test = DataSet.measured(device(), data.test(), binarisation, how.seed())) {
      VaeLikelihood.measure(
          vae, test, binarisation, how.samples(), how.seed(), each -> found.accept(each.line()));
      if (test.rows() > 1) {
        try (Tensor codes = vae.encode(test)) {
          ActiveUnits units = ActiveUnits.of(codes);
          found.accept(
              "active units "
                  + Text.count(units.count())
                  + " of "
                  + Text.count(units.activity().length));
        }
      }
    }
  }

  @Override
  public void close() {
    vae.close();
  }
}
