// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.train.EarlyStop;
import org.generatrix.train.Trainable;
import org.generatrix.train.Trainer;

/**
 * A model in training, and what a run shows of it: all that one kind of model brings to a {@link
 * TrainingRun}.
 */
public interface Trainee extends AutoCloseable {

  /** Model and training in a few words: "784 x 500, centered, PCD-1". */
  String describe();

  /** What the run's record says of it from the beginning: its kind and configurations, as JSON. */
  Map<String, Object> record();

  Trainable training();

  /** The columns of the metrics file. */
  List<String> metrics();

  /** The metrics worth watching while training, the foremost first. */
  List<Shown> shown();

  /** The metric that an early stop watches, and which way is better. */
  EarlyStop earlyStop(int patience);

  /** Has the metrics measured after each epoch. */
  void measureWith(Trainer trainer);

  /** Writes the model alone. */
  void save(Path model) throws IOException;

  /** PNG pictures of the model as it is now, by the names of {@link RunFolder#picture}. */
  Map<String, byte[]> draw() throws IOException;

  /**
   * What takes long enough to be measured only once, at the end, in a few words; null when there is
   * no such thing.
   */
  String measurement();

  /** Measures it; each line for the terminal is handed out as soon as it is known. */
  void measure(Consumer<String> found);

  /** What came of the training, for the record, by what is known by now. */
  Map<String, Object> results();

  /** The page about it, by what is known by now. */
  Report report(RunView run);

  @Override
  void close();
}
