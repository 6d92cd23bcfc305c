// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.nio.file.Path;
import org.generatrix.cli.run.RunFolder;
import org.generatrix.model.boltzmann.RbmTrainingConfig;

/**
 * What a training command was asked to do. A resumed run takes its data, machine and training from
 * its own files.
 *
 * @param folder where the run lives
 * @param start what happens to a run that is there already
 * @param data folder with IDX files, null for the bundled digits
 * @param machine hidden units and start of a new machine
 * @param training hyperparameters of a new run
 * @param epochs of a resumed run, 0 for as many as it was started with
 * @param checkpointEvery epochs between checkpoints, at least 1
 * @param likelihood how the likelihood is estimated, null not at all
 * @param command the command line, for the record
 * @param program how users call this program, for the hint that names the command to continue
 */
public record RbmJob(
    RunFolder folder,
    Start start,
    Path data,
    Machine machine,
    RbmTrainingConfig training,
    int epochs,
    int checkpointEvery,
    LikelihoodPlan likelihood,
    String command,
    String program) {

  /** How a run begins. */
  public enum Start {
    /** In a folder without a run. */
    NEW,
    /** In place of the folder's run. */
    REPLACE,
    /** From the folder's checkpoint. */
    RESUME
  }

  /** The part of a machine's configuration that data do not decide. */
  public record Machine(int hidden, boolean centered, double initialStddev) {}

  boolean resumes() {
    return start == Start.RESUME;
  }

  /** The command that goes on with this run after it was stopped. */
  String resumeCommand() {
    return program + " train rbm --resume --out " + folder.path();
  }

  /** The command that measures the likelihood of this run's model. */
  String scoreCommand() {
    return program + " score " + folder.path() + (data == null ? "" : " --data " + data);
  }
}
