// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.run.RunFolder;
import org.generatrix.cli.run.RunRecord;
import org.generatrix.data.Binarisation;
import org.generatrix.io.Json;
import org.generatrix.model.boltzmann.Rbm;

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
   * The size of one picture: what the user says, else what the run's record beside the file says,
   * else the most square shape.
   *
   * @param wanted null when the user says nothing
   */
  TileShape tile(Rbm rbm, TileShape wanted) throws IOException {
    int units = rbm.config().visible();
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
    Path record = new RunFolder(file.toAbsolutePath().getParent()).record();
    if (Files.exists(record)) {
      RunRecord run = RunRecord.read(record);
      if (run.height() * run.width() == units) {
        return new TileShape(run.height(), run.width());
      }
    }
    return TileShape.nearSquare(units);
  }

  /** The binarisation that the model was trained with, or null when its file does not say. */
  static Binarisation training(Rbm rbm) {
    Map<String, String> notes = rbm.provenance();
    try {
      Object name =
          Json.parseObject(notes.getOrDefault("training.config", "{}")).get("binarisation");
      return name instanceof String known ? Binarisation.valueOf(known) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
