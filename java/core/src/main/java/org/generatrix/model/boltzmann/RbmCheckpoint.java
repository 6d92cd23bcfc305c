// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.generatrix.model.ModelFile;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Checkpoint;

/** A model file of an {@link Rbm} with its run besides: the velocities and the chains. */
final class RbmCheckpoint {
  private RbmCheckpoint() {}

  static ModelFile.Writer write(RbmTrainer run) {
    ModelFile.Writer file = RbmFile.write(run.rbm());
    Checkpoint.write(file, run.config(), run.batches(), run.rngStep(), Map.of(), run.state());
    return file;
  }

  /** A run at the file's place; 0 epochs keeps what the file says. */
  static RbmTrainer resume(Rbm rbm, Path path, Tensor data, int epochs) throws IOException {
    try (ModelFile file = ModelFile.read(path, Rbm.KIND)) {
      RbmTrainingConfig stored = Checkpoint.config(file, RbmTrainingConfig.class);
      Checkpoint.requireModel(file, rbm.config());
      RbmTrainer run =
          new RbmTrainer(
              rbm, data, epochs == 0 ? stored : stored.toBuilder().epochs(epochs).build());
      try {
        Checkpoint place = Checkpoint.read(file, run.batches());
        RbmFile.fill(rbm, file);
        place.restore(run.state(), run.batches());
        run.rngStep(place.step());
        return run;
      } catch (RuntimeException | IOException e) {
        run.close();
        throw e;
      }
    }
  }
}
