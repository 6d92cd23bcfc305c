// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoencoder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.generatrix.binding.Device;
import org.generatrix.cli.CliException;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.model.autoencoder.Autoencoder;
import org.generatrix.model.autoencoder.AutoencoderConfig;
import org.generatrix.model.autoencoder.CodeModel;
import org.generatrix.model.autoencoder.ConvAutoencoder;
import org.generatrix.model.autoencoder.ConvAutoencoderConfig;

/** The networks that an autoencoder can have: how they come to be, and what they are called. */
sealed interface Network {
  /** Fits the data, or says why it cannot. */
  CodeModel create(Device device, DataSet data, long seed);

  CodeModel load(Path checkpoint, Device device) throws IOException;

  /** "an autoencoder", with a capital where a sentence begins. */
  String name();

  /** "784-400-200-16". */
  String size();

  /** For the report's configuration. */
  Map<String, String> layers();

  /** That of a model. */
  static Network of(CodeModel model) {
    return model instanceof ConvAutoencoder conv
        ? new Convolutional(conv.config())
        : new Dense(((Autoencoder) model).config());
  }

  /**
   * A perceptron.
   *
   * @param config its visible units are those of the data
   */
  record Dense(AutoencoderConfig config) implements Network {
    @Override
    public Autoencoder create(Device device, DataSet data, long seed) {
      AutoencoderConfig fitting =
          new AutoencoderConfig(
              data.train().size(),
              config.hidden(),
              config.code(),
              config.activation(),
              config.output());
      return Autoencoder.create(device, fitting, seed);
    }

    @Override
    public Autoencoder load(Path checkpoint, Device device) throws IOException {
      return Autoencoder.load(checkpoint, device);
    }

    @Override
    public String name() {
      return "an autoencoder";
    }

    @Override
    public String size() {
      String hidden = config.hidden().isEmpty() ? "" : "-" + config.hidden();
      return config.visible() + hidden + "-" + config.code();
    }

    @Override
    public Map<String, String> layers() {
      Map<String, String> pairs = new LinkedHashMap<>();
      pairs.put("Layers", size().replace("-", " \u2013 ") + ", the decoder mirrored");
      pairs.put("Activation", config.activation().name().toLowerCase(Locale.ROOT));
      pairs.put("Output", config.output().name().toLowerCase(Locale.ROOT));
      return pairs;
    }
  }

  /** Convolutions there and transposed ones back. */
  record Convolutional(ConvAutoencoderConfig config) implements Network {
    private static final int SIDE = ConvAutoencoder.SIDE;

    @Override
    public ConvAutoencoder create(Device device, DataSet data, long seed) {
      if (data.train().height() != SIDE || data.train().width() != SIDE) {
        throw new CliException(
            "The convolutional autoencoder is for pictures of %d x %d pixels; %s holds %s."
                .formatted(SIDE, SIDE, data.name(), data.size()));
      }
      return ConvAutoencoder.create(device, config, seed);
    }

    @Override
    public ConvAutoencoder load(Path checkpoint, Device device) throws IOException {
      return ConvAutoencoder.load(checkpoint, device);
    }

    @Override
    public String name() {
      return "a convolutional autoencoder";
    }

    @Override
    public String size() {
      return SIDE * SIDE
          + "-"
          + config.code()
          + " by "
          + Text.count(config.channels())
          + " channels";
    }

    @Override
    public Map<String, String> layers() {
      long c = config.channels();
      Map<String, String> pairs = new LinkedHashMap<>();
      pairs.put(
          "Encoder",
          "convolutions 5 x 5 to %d, 5 x 5 to %d, 4 x 4 stride 2 to %d, 3 x 3 stride 2 to %d, 4 x 4 to %d channels"
              .formatted(c, c, c, c, config.code()));
      pairs.put("Decoder", "the same backwards, transposed");
      pairs.put("Activation", "relu");
      pairs.put("Output", "linear");
      return pairs;
    }
  }
}
