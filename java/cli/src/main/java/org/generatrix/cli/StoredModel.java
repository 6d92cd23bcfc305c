// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.generatrix.binding.Device;
import org.generatrix.cli.adversarial.LoadedDcgan;
import org.generatrix.cli.autoencoder.LoadedAutoencoder;
import org.generatrix.cli.autoregressive.LoadedPixelCnn;
import org.generatrix.cli.flow.LoadedFlow;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.rbm.LoadedRbm;
import org.generatrix.cli.run.RunFolder;
import org.generatrix.cli.run.RunRecord;
import org.generatrix.cli.variational.LoadedVae;
import org.generatrix.data.Binarisation;
import org.generatrix.io.Json;
import org.generatrix.model.ModelFile;
import org.generatrix.model.adversarial.Dcgan;
import org.generatrix.model.autoencoder.Autoencoder;
import org.generatrix.model.autoencoder.ConvAutoencoder;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.GatedPixelCnn;
import org.generatrix.model.autoregressive.PixelCnn;
import org.generatrix.model.autoregressive.PixelCnnPlusPlus;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.Nice;
import org.generatrix.model.flow.NvpNet;
import org.generatrix.model.flow.RealNvp;
import org.generatrix.model.flow.SplineFlow;
import org.generatrix.model.variational.Vae;
import org.generatrix.train.Checkpoint;

/**
 * A model file that a user named, directly or by its run folder, and what its surroundings tell
 * about it.
 */
record StoredModel(Path file) {

  /** The file itself, or the model of a run folder. */
  static StoredModel at(Path path) {
    Path file = Files.isDirectory(path) ? new RunFolder(path).model() : path;
    if (!Files.exists(file)) {
      throw new CliException(
          file
              + " does not exist"
              + (file.equals(path) ? "." : "; the run in " + path + " has no model yet."));
    }
    return new StoredModel(file);
  }

  /**
   * The size of one picture: what the user says, else what the model says, else what the run's
   * record beside the file says, else the most square shape.
   *
   * @param wanted null when the user says nothing
   */
  TileShape tile(LoadedModel loaded, TileShape wanted) throws IOException {
    int units = loaded.visible();
    if (wanted != null) {
      if (wanted.units() != units) {
        throw new CliException(
            "--shape "
                + wanted
                + " has "
                + wanted.units()
                + " pixels, but the model has "
                + units
                + " visible units.");
      }
      return wanted;
    }
    if (loaded.tile() != null) {
      return loaded.tile();
    }
    RunRecord run = run();
    TileShape trained = run == null ? null : run.tile();
    return trained != null && trained.units() == units ? trained : TileShape.nearSquare(units);
  }

  /** The columns of a model of points, by the record of its run; x1, x2, .. where there is none. */
  PointSet.Columns columns(LoadedModel loaded) throws IOException {
    RunRecord run = run();
    PointSet.Columns columns = run == null ? null : PointSet.columns(run);
    return columns != null && columns.names().size() == loaded.visible()
        ? columns
        : new PointSet.Columns(
            IntStream.rangeClosed(1, loaded.visible()).mapToObj(i -> "x" + i).toList(), null);
  }

  /** The points of the run that a model of points lies in. */
  PointSet points() throws IOException {
    RunRecord run = run();
    if (run == null || run.points() == null) {
      throw new CliException(
          file + " lies in no run on points; name those to measure on with --points or --csv.");
    }
    return PointSet.of(run);
  }

  /** Opens it as what it is; the caller closes it. */
  LoadedModel load(Device device) throws IOException {
    String kind = ModelFile.kindOf(file);
    return switch (kind) {
      case Rbm.KIND -> new LoadedRbm(Rbm.load(device, file));
      case Vae.KIND -> new LoadedVae(Vae.load(file, device));
      case Autoencoder.KIND -> new LoadedAutoencoder(Autoencoder.load(file, device));
      case ConvAutoencoder.KIND -> new LoadedAutoencoder(ConvAutoencoder.load(file, device));
      case PixelCnn.KIND, GatedPixelCnn.KIND, PixelCnnPlusPlus.KIND ->
          LoadedPixelCnn.of(AutoregressiveImages.load(file, device));
      case Nice.KIND, NvpNet.KIND, SplineFlow.KIND, RealNvp.KIND ->
          new LoadedFlow(FlowModel.load(file, device));
      case Dcgan.KIND -> new LoadedDcgan(Dcgan.load(file, device));
      default ->
          throw new CliException(
              file + " holds a model of kind \"" + kind + "\", which this program does not know.");
    };
  }

  /** Refuses those of the given options that the user gave and that mean nothing to the model. */
  void refuseOthersOptions(LoadedModel loaded, HelpOptions options, List<String> some) {
    for (String option : some) {
      if (options.given(option) && !loaded.options().contains(option)) {
        throw options.usage(
            option + " means nothing to " + loaded.name() + ", which " + file + " holds.");
      }
    }
  }

  /** The record of the run that the file lies in, or null. */
  private RunRecord run() throws IOException {
    Path record = new RunFolder(file.toAbsolutePath().getParent()).record();
    return Files.exists(record) ? RunRecord.read(record) : null;
  }

  /**
   * The binarisation that the model was trained with, or null when neither its file nor the run's
   * record beside it says.
   */
  Binarisation training() throws IOException {
    String config;
    try (ModelFile model = ModelFile.read(file, ModelFile.kindOf(file))) {
      config = model.notes().get(Checkpoint.CONFIG);
    }
    RunRecord run = run();
    try {
      Object training =
          config != null ? Json.parseObject(config) : run == null ? null : run.get("training");
      return training instanceof Map<?, ?> entries
              && entries.get("binarisation") instanceof String id
          ? Binarisation.valueOf(id)
          : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
