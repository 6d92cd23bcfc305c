// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.binding.Device;

/**
 * A model and its training as the options ask for them, before there are data.
 *
 * @param <D> what it learns from
 */
public interface Recipe<D extends RunData> {

  /** The data of a new run. */
  D data(RunJob job) throws IOException;

  /** The data of the run with this record. */
  D data(RunRecord record) throws IOException;

  /** A new model for these data, at the beginning of its training; the caller closes it. */
  Trainee begin(Device device, D data) throws IOException;

  /**
   * The training of a checkpoint, which brings its own configuration; the caller closes it.
   *
   * @param epochs wanted now, 0 for as many as the run was started with
   */
  Trainee resume(Device device, D data, Path checkpoint, int epochs) throws IOException;
}
