// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoregressive;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.generatrix.binding.Device;
import org.generatrix.cli.CliException;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.data.Binarisation;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.GatedPixelCnnConfig;
import org.generatrix.model.autoregressive.PixelCnnConfig;
import org.generatrix.model.autoregressive.PixelCnnPlusPlusConfig;
import org.generatrix.tensor.Tensor;

/** An autoregressive model of images out of a file. */
public record LoadedPixelCnn(AutoregressiveImages model) implements LoadedModel {

  /** Refuses colours, which this program has no pictures for; closes them then. */
  public static LoadedPixelCnn of(AutoregressiveImages model) {
    if (model.image().channels() > 1) {
      model.close();
      throw new CliException(
          "This program shows grey pictures only; the model has %d channels."
              .formatted(model.image().channels()));
    }
    return new LoadedPixelCnn(model);
  }

  @Override
  public String name() {
    return name(model);
  }

  static String name(AutoregressiveImages model) {
    Record config = model.config();
    return config instanceof PixelCnnConfig
        ? "a PixelCNN"
        : config instanceof GatedPixelCnnConfig ? "a gated PixelCNN" : "a PixelCNN++";
  }

  @Override
  public String size() {
    return size(model);
  }

  /** "16 channels, 15 blocks, 28 x 28 of 2 levels". */
  static String size(AutoregressiveImages model) {
    return layers(model)
        + ", "
        + model.image()
        + " of "
        + model.image().levels()
        + " levels, "
        + Text.count(model.parameterCount())
        + " parameters";
  }

  static String layers(AutoregressiveImages model) {
    Record config = model.config();
    if (config instanceof PixelCnnConfig plain) {
      return counted(plain.channels(), "channel") + ", " + counted(plain.blocks(), "block");
    } else if (config instanceof GatedPixelCnnConfig gated) {
      return counted(gated.channels(), "channel") + ", " + counted(gated.layers(), "gated layer");
    }
    PixelCnnPlusPlusConfig plusPlus = (PixelCnnPlusPlusConfig) config;
    return counted(plusPlus.channels(), "channel")
        + ", "
        + counted(plusPlus.scales(), "scale")
        + " of "
        + counted(plusPlus.blocks(), "block")
        + ", "
        + counted(plusPlus.components(), "component");
  }

  private static String counted(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  @Override
  public Device device() {
    return model.device();
  }

  @Override
  public int visible() {
    return model.image().entries();
  }

  @Override
  public Set<String> options() {
    Set<String> options = new HashSet<>();
    if (binary(model)) {
      options.add("--binarisation");
    }
    if (model.classes() == 0) {
      options.addAll(Set.of("--inpaint", "--observed"));
    }
    return options;
  }

  private static boolean binary(AutoregressiveImages model) {
    return model.image().levels() == 2;
  }

  /** States, drawn pixel by pixel. */
  @Override
  public Tensor sample(int n, SampleSettings how) {
    return model.sample(n, how.seed());
  }

  @Override
  public Tensor inpaint(Tensor v, boolean[] observed, SampleSettings how) {
    float[] completed = PixelCnnPictures.complete(model, v, observed, how.seed());
    return Tensor.of(device(), completed, v.rows(), visible());
  }

  @Override
  public Binarisation measured(Binarisation training) {
    return measured(model, training);
  }

  /** Two levels need binary pictures, more take them as they are. */
  static Binarisation measured(AutoregressiveImages model, Binarisation training) {
    return binary(model) ? DataSet.measured(training) : Binarisation.INTENSITIES;
  }

  @Override
  public void score(
      DataSet data, Binarisation binarisation, ScoreSettings how, Consumer<String> found) {
    try (Tensor test = DataSet.measured(device(), data.test(), binarisation, how.seed())) {
      found.accept(PixelCnnLikelihood.measure(model, test, binarisation).line());
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
