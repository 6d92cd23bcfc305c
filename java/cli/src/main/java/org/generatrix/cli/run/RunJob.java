// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.nio.file.Path;

/**
 * What a training command was asked to do, whatever the model. A resumed run takes its data, model
 * and training from its own files.
 *
 * @param kind of model, as in {@code train rbm}
 * @param folder where the run lives
 * @param start what happens to a run that is there already
 * @param data folder with IDX files, null for the bundled digits
 * @param epochs of a resumed run, 0 for as many as it was started with
 * @param checkpointEvery epochs between checkpoints, at least 1
 * @param patience epochs without improvement after which training ends, 0 for none
 * @param command the command line, for the record
 * @param program how users call this program, for the hint that names the command to continue
 */
public record RunJob(
    String kind,
    RunFolder folder,
    Start start,
    Path data,
    int epochs,
    int checkpointEvery,
    int patience,
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

  boolean resumes() {
    return start == Start.RESUME;
  }

  /** The command that goes on with this run after it was stopped. */
  String resumeCommand() {
    return program + " train " + kind + " --resume --out " + folder.path();
  }

  /** The command that measures this run's model. */
  String scoreCommand() {
    return program + " score " + folder.path() + (data == null ? "" : " --data " + data);
  }
}
