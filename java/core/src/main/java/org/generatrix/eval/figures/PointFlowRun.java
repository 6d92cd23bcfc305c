// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.generatrix.binding.Device;
import org.generatrix.data.PictureSet;
import org.generatrix.data.PointDensity;
import org.generatrix.data.Points;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.model.flow.SplineFlow;
import org.generatrix.model.flow.SplineFlowConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.TrainingListener;

/**
 * A neural spline flow on points whose density is known, so that it is known how far the flow is
 * from what can be reached at all.
 *
 * @param noise of the points
 * @param count of them, to learn from and as many others to measure on
 * @param recipe of the training but for the number of epochs
 * @param bar of the mean test negative log-likelihood in nats
 */
record PointFlowRun(
    String name,
    String title,
    Points points,
    double noise,
    int count,
    SplineFlowConfig model,
    FlowTrainingConfig recipe,
    Duration limit,
    double bar)
    implements TimedRun {
  @Override
  public Data data() {
    return Data.NONE;
  }

  @Override
  public TimedRunResult run(Device device, PictureSet pictures, TrainingListener progress) {
    long seed = recipe.seed();
    float[] fresh = points.draw(count, noise, ~seed);
    try (Tensor train = Tensor.of(device, points.draw(count, noise, seed), count, 2);
        Tensor test = Tensor.of(device, fresh, count, 2)) {
      return new TimedFlow(recipe, limit)
          .run(
              () -> SplineFlow.create(device, model, seed),
              train,
              progress,
              flow -> -mean(flow.logLikelihood(test)),
              trained -> measure(trained, test, fresh));
    }
  }

  private TimedRunResult measure(TimedFlow.Trained trained, Tensor test, float[] drawn) {
    long start = System.nanoTime();
    double[] nats = trained.model().logLikelihood(test);
    PointDensity truth = points.density(noise);
    double[] lost = new double[count];
    for (int i = 0; i < count; i++) {
      lost[i] = truth.logDensity(drawn[2 * i], drawn[2 * i + 1]) - nats[i];
    }
    String floor =
        String.format(
            Locale.ROOT,
            "floor %.3f, the entropy; standard error %.3f",
            truth.entropy(),
            standardError(nats));
    List<TimedRunResult.Row> rows =
        List.of(
            new TimedRunResult.Row(
                "test negative log-likelihood, " + count + " points",
                -mean(nats),
                "nats",
                floor,
                bar),
            new TimedRunResult.Row(
                "divergence of the flow from the density, same points",
                mean(lost),
                "nats",
                String.format(Locale.ROOT, "floor 0; standard error %.4f", standardError(lost)),
                null));
    return new TimedRunResult(
        this,
        rows,
        trained.curve(),
        null,
        trained.updates(),
        trained.seconds(),
        (System.nanoTime() - start) / 1e9);
  }

  private static double mean(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    return mean;
  }

  private static double standardError(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean) / values.length;
    }
    return Math.sqrt(squares / values.length);
  }
}
