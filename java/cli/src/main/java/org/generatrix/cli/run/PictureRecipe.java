// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import org.generatrix.cli.CliException;
import org.generatrix.cli.DataSet;

/** A recipe for a model of grey pictures. */
public interface PictureRecipe extends Recipe<DataSet> {

  @Override
  default DataSet data(RunJob job) throws IOException {
    DataSet data = DataSet.load(job.data());
    if (data.tile().channels() > 1) {
      throw new CliException(
          "train "
              + job.kind()
              + " learns grey pictures, but those of "
              + data.name()
              + " are in colour; train flow takes them.");
    }
    return data;
  }

  @Override
  default DataSet data(RunRecord record) throws IOException {
    return DataSet.load(record.data());
  }
}
