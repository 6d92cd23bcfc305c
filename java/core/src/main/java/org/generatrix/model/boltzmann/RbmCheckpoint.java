// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.io.Json;
import org.generatrix.io.MalformedFileException;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.ModelFile;
import org.generatrix.tensor.Tensor;

/**
 * A training run in a file: a model file of its {@link Rbm}, with the velocities, the chains, the
 * data's cursor and the place in the random numbers besides.
 */
final class RbmCheckpoint {
  /** The note with the training configuration; a finished model keeps it. */
  static final String CONFIG = "training.config";

  /** The note with the place where the run stands. */
  static final String STATE = "training.state";

  private RbmCheckpoint() {}

  static ModelFile.Writer write(RbmTrainer run) {
    Map<String, Object> place = new LinkedHashMap<>();
    place.put("epoch", run.batches().epoch());
    place.put("batch", run.batches().batch());
    place.put("step", run.rngStep());
    place.put("data", run.batches().fingerprint());
    ModelFile.Writer file = RbmFile.write(run.rbm());
    file.note(CONFIG, ConfigJson.write(run.config()));
    file.note(STATE, Json.print(place));
    run.state().forEach(file::tensor);
    return file;
  }

  /** A run at the file's place; 0 epochs keeps what the file says. */
  static RbmTrainer resume(Rbm rbm, Path path, Tensor data, int epochs) throws IOException {
    try (ModelFile file = ModelFile.read(path, Rbm.KIND)) {
      return resume(rbm, file, data, epochs);
    }
  }

  private static RbmTrainer resume(Rbm rbm, ModelFile file, Tensor data, int epochs)
      throws IOException {
    if (!file.notes().containsKey(STATE) || !file.notes().containsKey(CONFIG)) {
      throw new MalformedFileException(
          file.path(), "expected a training checkpoint, got a model without the state of a run");
    }
    if (!file.config(RbmConfig.class).equals(rbm.config())) {
      throw new MalformedFileException(
          file.path(),
          "expected the configuration %s, got %s"
              .formatted(rbm.config(), file.config(RbmConfig.class)));
    }
    RbmTrainer run = new RbmTrainer(rbm, data, config(file, epochs));
    try {
      restore(run, file);
      return run;
    } catch (RuntimeException | IOException e) {
      run.close();
      throw e;
    }
  }

  private static RbmTrainingConfig config(ModelFile file, int epochs) throws IOException {
    try {
      RbmTrainingConfig stored = ConfigJson.read(RbmTrainingConfig.class, file.notes().get(CONFIG));
      return epochs == 0 ? stored : stored.toBuilder().epochs(epochs).build();
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(file.path(), e.getMessage());
    }
  }

  private static void restore(RbmTrainer run, ModelFile file) throws IOException {
    Map<String, Object> place;
    try {
      place = Json.parseObject(file.notes().get(STATE));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(file.path(), e.getMessage());
    }
    String fingerprint = run.batches().fingerprint();
    if (!fingerprint.equals(place.get("data"))) {
      throw new IllegalArgumentException(
          "the run of %s was trained on the data %s, got %s"
              .formatted(file.path(), place.get("data"), fingerprint));
    }
    long epoch = number(file, place, "epoch", Integer.MAX_VALUE);
    long batch = number(file, place, "batch", run.batches().batches() - 1);
    long step = number(file, place, "step", 1L << 55);
    RbmFile.fill(run.rbm(), file);
    for (Map.Entry<String, Tensor> tensor : run.state().entrySet()) {
      file.into(tensor.getKey(), tensor.getValue());
    }
    run.batches().seek((int) epoch, batch);
    run.rngStep(step);
  }

  private static long number(ModelFile file, Map<String, Object> place, String name, long most)
      throws IOException {
    if (place.get(name) instanceof Long value && value >= 0 && value <= most) {
      return value;
    }
    throw new MalformedFileException(
        file.path(),
        "%s must have \"%s\" in [0, %d], got %s".formatted(STATE, name, most, place.get(name)));
  }
}
