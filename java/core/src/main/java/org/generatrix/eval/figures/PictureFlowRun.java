// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.generatrix.binding.Device;
import org.generatrix.data.Images;
import org.generatrix.data.PictureSet;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.TrainingListener;

/**
 * A flow on dequantised pictures: bits per dimension of the test set under one draw of the noise,
 * their curve over the training, and what a batch of samples costs.
 *
 * @param flow makes the model
 * @param recipe of the training but for the number of epochs
 * @param watched how many test pictures stand behind the curve
 * @param published what to read the bits per dimension against
 */
record PictureFlowRun(
    String name,
    String title,
    Data data,
    Maker flow,
    FlowTrainingConfig recipe,
    Duration limit,
    int watched,
    String published)
    implements TimedRun {
  private static final int SAMPLES = 64;

  /** Makes a model for pictures like these. */
  interface Maker {
    FlowModel create(Device device, Images like, long seed);
  }

  @Override
  public TimedRunResult run(Device device, PictureSet pictures, TrainingListener progress) {
    Images few = pictures.test().spread(watched);
    try (Tensor train = tensor(device, pictures.train());
        Tensor some = tensor(device, few)) {
      return new TimedFlow(recipe, limit)
          .run(
              () -> flow.create(device, few, recipe.seed()),
              train,
              progress,
              model -> bits(model, some),
              trained -> measure(trained, pictures.test()));
    }
  }

  private static double bits(FlowModel model, Tensor pictures) {
    double nats = Arrays.stream(model.logLikelihood(pictures)).average().orElseThrow();
    return model.bitsPerDimension(nats);
  }

  private TimedRunResult measure(TimedFlow.Trained trained, Images test) {
    FlowModel model = trained.model();
    long start = System.nanoTime();
    List<TimedRunResult.Row> rows = new ArrayList<>();
    try (Tensor all = tensor(model.device(), test)) {
      rows.add(
          new TimedRunResult.Row(
              "test bits per dimension, " + test.count() + " pictures",
              bits(model, all),
              "bpd",
              published + "; " + model.dequantisation().describe(),
              null));
    }
    Images samples = samples(model, test, rows);
    return new TimedRunResult(
        this,
        rows,
        trained.curve(),
        samples,
        trained.updates(),
        trained.seconds(),
        (System.nanoTime() - start) / 1e9);
  }

  private Images samples(FlowModel model, Images like, List<TimedRunResult.Row> rows) {
    long start = System.nanoTime();
    String measure = "drawing " + SAMPLES + " pictures";
    try (Tensor drawn = model.sample(SAMPLES, recipe.seed())) {
      double seconds = (System.nanoTime() - start) / 1e9;
      rows.add(
          new TimedRunResult.Row(
              measure,
              seconds,
              "s",
              String.format(Locale.ROOT, "%.1f pictures/s", SAMPLES / seconds),
              null));
      return Images.of(SAMPLES, like.channels(), like.height(), like.width(), drawn.toArray());
    } catch (ArithmeticException e) {
      // A flow that cannot be inverted where it samples; what it scores is worth stating still.
      rows.add(new TimedRunResult.Row(measure, Double.NaN, "s", e.getMessage(), null));
      return null;
    }
  }

  private static Tensor tensor(Device device, Images images) {
    return Tensor.of(device, images.intensities(), images.count(), images.size());
  }
}
