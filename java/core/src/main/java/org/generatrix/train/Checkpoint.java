// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.io.Json;
import org.generatrix.io.MalformedFileException;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.ModelFile;
import org.generatrix.tensor.Tensor;

/**
 * A training run in a file: what every run adds to the file of its model. That is its
 * configuration, the place where it stands (the data's cursor, its step in the random numbers, and
 * numbers of its own) and the tensors that live from update to update.
 */
public final class Checkpoint {
  /** The note with the training configuration; a finished model keeps it. */
  public static final String CONFIG = "training.config";

  /** The note with the place where the run stands. */
  public static final String STATE = "training.state";

  private static final long LAST_STEP = 1L << 55;

  private final ModelFile file;
  private final Map<String, Object> place;
  private final int epoch;
  private final long batch;
  private final long step;

  private Checkpoint(ModelFile file, MiniBatches batches) throws IOException {
    this.file = file;
    try {
      place = Json.parseObject(file.notes().get(STATE));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(file.path(), e.getMessage());
    }
    String fingerprint = batches.fingerprint();
    if (!fingerprint.equals(place.get("data"))) {
      throw new IllegalArgumentException(
          "the run of %s was trained on the data %s, got %s"
              .formatted(file.path(), place.get("data"), fingerprint));
    }
    epoch = (int) whole("epoch", Integer.MAX_VALUE);
    batch = whole("batch", batches.batches() - 1);
    step = whole("step", LAST_STEP);
  }

  /**
   * Adds a run to the file of its model.
   *
   * @param step in the random numbers
   * @param numbers of the run's own, by name, finite
   * @param tensors that live from update to update, by their names in the file
   */
  public static void write(
      ModelFile.Writer file,
      Record config,
      MiniBatches batches,
      long step,
      Map<String, Double> numbers,
      Map<String, Tensor> tensors) {
    Map<String, Object> place = new LinkedHashMap<>();
    place.put("epoch", batches.epoch());
    place.put("batch", batches.batch());
    place.put("step", step);
    place.put("data", batches.fingerprint());
    place.putAll(numbers);
    file.note(CONFIG, ConfigJson.write(config));
    file.note(STATE, Json.print(place));
    tensors.forEach(file::tensor);
  }

  /** The run's configuration; a file that holds none is malformed. */
  public static <R extends Record> R config(ModelFile file, Class<R> type) throws IOException {
    if (!file.notes().containsKey(STATE) || !file.notes().containsKey(CONFIG)) {
      throw new MalformedFileException(
          file.path(), "expected a training checkpoint, got a model without the state of a run");
    }
    try {
      return ConfigJson.read(type, file.notes().get(CONFIG));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(file.path(), e.getMessage());
    }
  }

  /** Throws unless the file's model has that configuration. */
  public static void requireModel(ModelFile file, Record config) throws IOException {
    Record stored = file.config(config.getClass());
    if (!stored.equals(config)) {
      throw new MalformedFileException(
          file.path(), "expected the configuration %s, got %s".formatted(config, stored));
    }
  }

  /**
   * The place of a file's run, of which {@link #config} was asked before.
   *
   * @throws IllegalArgumentException when the batches are of other data
   */
  public static Checkpoint read(ModelFile file, MiniBatches batches) throws IOException {
    return new Checkpoint(file, batches);
  }

  /** The place in the random numbers. */
  public long step() {
    return step;
  }

  /** A number of the run's own. */
  public double number(String name) throws IOException {
    if (place.get(name) instanceof Number value) {
      return value.doubleValue();
    }
    throw new MalformedFileException(
        file.path(),
        "%s must have the number \"%s\", got %s".formatted(STATE, name, place.get(name)));
  }

  private long whole(String name, long most) throws IOException {
    if (place.get(name) instanceof Long value && value >= 0 && value <= most) {
      return value;
    }
    throw new MalformedFileException(
        file.path(),
        "%s must have \"%s\" in [0, %d], got %s".formatted(STATE, name, most, place.get(name)));
  }

  /** Fills the run's tensors and moves the data's cursor to the place. */
  public void restore(Map<String, Tensor> tensors, MiniBatches batches) throws IOException {
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      file.into(tensor.getKey(), tensor.getValue());
    }
    batches.seek(epoch, batch);
  }
}
