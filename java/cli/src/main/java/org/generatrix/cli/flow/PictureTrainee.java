// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.Map;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.RunView;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.FlowTraining;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** A flow of pictures in training. */
final class PictureTrainee extends FlowTrainee {
  static final int ROWS = 200; // measured after each epoch
  static final double COOL = 0.7; // the lower one of two temperatures

  private static final int SAMPLES = 100;
  private static final int COOL_SAMPLES = 40;
  private static final int ACROSS = 10; // samples of an epoch, and of a row

  private final DataSet data;
  private final FlowPictures pictures;

  PictureTrainee(
      Scope scope, DataSet data, FlowModel model, FlowTraining training, boolean likelihood) {
    super(
        scope,
        model,
        training,
        "bits_per_dimension",
        likelihood,
        scope.own(DataSet.intensities(model.device(), DataSet.spread(data.train(), ROWS))),
        scope.own(DataSet.intensities(model.device(), DataSet.spread(data.test(), ROWS))));
    this.data = data;
    pictures = new FlowPictures(model, data);
  }

  @Override
  double figure(double nats) {
    return model.bitsPerDimension(nats);
  }

  @Override
  float[] watched() {
    return samples(ACROSS, 1);
  }

  @Override
  Tensor test() {
    return DataSet.intensities(model.device(), data.test());
  }

  @Override
  FlowLikelihood measured(Tensor test) {
    return FlowLikelihood.ofPictures(model, test);
  }

  @Override
  void draw(Map<String, byte[]> into) {
    into.put("samples", Tiles.rows(samples(SAMPLES, 1), ACROSS, data.tile()));
    into.put("cool", Tiles.rows(samples(COOL_SAMPLES, COOL), ACROSS, data.tile()));
    if (!forming.isEmpty()) {
      into.put("forming", forming.draw(data.tile()));
    }
    into.put("interpolation", pictures.interpolations());
    into.put("extremes", pictures.extremes());
  }

  @Override
  public String measurement() {
    return likelihood()
        ? "on "
            + Text.count(data.test().count())
            + " test pictures, "
            + model.dequantisation().describe()
        : null;
  }

  @Override
  public Report report(RunView run) {
    return new FlowPictureReport(this, run).page(pictures.scores());
  }
}
