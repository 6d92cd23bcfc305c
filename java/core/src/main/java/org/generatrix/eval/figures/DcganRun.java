// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.generatrix.binding.Device;
import org.generatrix.data.Images;
import org.generatrix.data.PictureSet;
import org.generatrix.eval.MeanDiscrepancy;
import org.generatrix.model.adversarial.Dcgan;
import org.generatrix.model.adversarial.DcganConfig;
import org.generatrix.model.adversarial.GanTraining;
import org.generatrix.model.adversarial.GanTrainingConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingListener;

/**
 * A DCGAN: what an update costs, and how far its samples are from pictures it has not seen, beside
 * how far its training pictures are from them.
 *
 * @param generatorWidth and {@code discriminatorWidth}: of {@link DcganConfig}
 * @param recipe of the training; the limit ends it, not its epochs
 * @param limit of the training's wall time
 * @param compared how many pictures of each kind are compared at most
 */
record DcganRun(
    String name,
    String title,
    Data data,
    int generatorWidth,
    int discriminatorWidth,
    GanTrainingConfig recipe,
    Duration limit,
    int compared)
    implements TimedRun {
  private static final int LATENTS = 100;
  private static final int SHOWN = 64;

  @Override
  public TimedRunResult run(Device device, PictureSet pictures, TrainingListener progress) {
    Images seen = pictures.train();
    DcganConfig config =
        new DcganConfig(
            seen.channels(),
            seen.height(),
            seen.width(),
            LATENTS,
            generatorWidth,
            discriminatorWidth);
    try (Tensor train = tensor(device, seen);
        Dcgan gan = Dcgan.create(device, config, recipe.seed());
        GanTraining run = new GanTraining(gan, train, recipe)) {
      Trainer trainer = new Trainer(run).listen(progress);
      long start = System.nanoTime();
      trainer.listen(new TimeLimit(trainer, limit.toNanos() / 1e9)).fit();
      double seconds = seconds(start);
      long updates = run.epoch() * run.batchesPerEpoch() + run.batch();
      return measure(gan, pictures, updates, seconds);
    }
  }

  private TimedRunResult measure(
      Dcgan gan, PictureSet pictures, long updates, double trainingSeconds) {
    long start = System.nanoTime();
    int most = Math.min(compared, pictures.test().count());
    double floor;
    double reached;
    try (Tensor test = tensor(gan.device(), pictures.test().spread(most));
        Tensor train = tensor(gan.device(), pictures.train().spread(most));
        Tensor samples = gan.sample(most, ~recipe.seed())) {
      floor = MeanDiscrepancy.of(test, train);
      reached = MeanDiscrepancy.of(test, samples);
    }
    String beside =
        String.format(
            Locale.ROOT, "%.5f of training pictures; %d of each kind compared", floor, most);
    List<TimedRunResult.Row> rows =
        List.of(
            new TimedRunResult.Row(
                "an update, batch of " + recipe.batchSize(),
                1e3 * trainingSeconds / updates,
                "ms",
                "both networks forward, backward and Adam",
                null),
            new TimedRunResult.Row(
                "squared kernel discrepancy of samples from test pictures",
                reached,
                "",
                beside,
                null));
    return new TimedRunResult(
        this, rows, List.of(), samples(gan), updates, trainingSeconds, seconds(start));
  }

  private Images samples(Dcgan gan) {
    DcganConfig config = gan.config();
    try (Tensor drawn = gan.sample(SHOWN, recipe.seed())) {
      return Images.of(SHOWN, config.channels(), config.height(), config.width(), drawn.toArray());
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static Tensor tensor(Device device, Images images) {
    return Tensor.of(device, images.intensities(), images.count(), images.size());
  }
}
