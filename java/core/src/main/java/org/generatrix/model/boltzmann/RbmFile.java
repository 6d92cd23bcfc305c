// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.train.Checkpoint;

/** How an {@link Rbm} lies in a {@link ModelFile}: W, b, c and, when centered, mu and lambda. */
final class RbmFile {
  private RbmFile() {}

  static ModelFile.Writer write(Rbm rbm) {
    ModelFile.Writer file = ModelFile.writer(Rbm.KIND, rbm.config());
    rbm.provenance().forEach(file::note);
    file.tensor("W", rbm.W()).tensor("b", rbm.b()).tensor("c", rbm.c());
    if (rbm.config().centered()) {
      file.tensor("mu", rbm.mu()).tensor("lambda", rbm.lambda());
    }
    return file;
  }

  static Rbm read(Device device, ModelFile file) throws IOException {
    Map<String, String> provenance = new TreeMap<>(file.notes());
    provenance.remove(Checkpoint.STATE); // of the run, not of the machine
    Rbm rbm = new Rbm(device, file.config(RbmConfig.class), provenance);
    try {
      fill(rbm, file);
      return rbm;
    } catch (RuntimeException | IOException e) {
      rbm.close();
      throw e;
    }
  }

  /** Sets the parameters to what the file holds. */
  static void fill(Rbm rbm, ModelFile file) throws IOException {
    file.into("W", rbm.W()).into("b", rbm.b()).into("c", rbm.c());
    if (rbm.config().centered()) {
      file.into("mu", rbm.mu()).into("lambda", rbm.lambda());
    }
  }
}
