// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;

/** A model and its training as the options ask for them, before there are data. */
public interface Recipe {

  /** A new model for these data, at the beginning of its training; the caller closes it. */
  Trainee begin(Device device, DataSet data) throws IOException;

  /**
   * The training of a checkpoint, which brings its own configuration; the caller closes it.
   *
   * @param epochs wanted now, 0 for as many as the run was started with
   */
  Trainee resume(Device device, DataSet data, Path checkpoint, int epochs) throws IOException;
}
