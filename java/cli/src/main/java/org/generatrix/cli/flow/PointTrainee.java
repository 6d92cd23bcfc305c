// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.Map;
import org.generatrix.cli.PointSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.picture.Palette;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.RunView;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.FlowTraining;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** A flow of points in training. */
final class PointTrainee extends FlowTrainee {
  static final int ROWS = 2000; // measured after each epoch
  private static final int SAMPLES = 4000;

  private final PointSet data;
  private final PlanePictures plane; // null of more columns

  PointTrainee(
      Scope scope, PointSet data, FlowModel model, FlowTraining training, boolean likelihood) {
    super(
        scope,
        model,
        training,
        "nll",
        likelihood,
        scope.own(PointSet.rows(model.device(), data.train(), data.dimensions(), ROWS)),
        scope.own(PointSet.rows(model.device(), data.test(), data.dimensions(), ROWS)));
    this.data = data;
    plane = data.dimensions() == 2 ? new PlanePictures(model, data) : null;
  }

  @Override
  double figure(double nats) {
    return -nats;
  }

  @Override
  float[] watched() {
    return plane == null ? new float[0] : plane.forming();
  }

  @Override
  Tensor test() {
    return PointSet.rows(model.device(), data.test(), data.dimensions(), Integer.MAX_VALUE);
  }

  @Override
  FlowLikelihood measured(Tensor test) {
    return FlowLikelihood.ofPoints(model, test, data.ofTruth());
  }

  @Override
  void draw(Map<String, byte[]> into) {
    float[] samples = samples(SAMPLES, 1);
    if (plane == null) {
      into.put("samples", PairPictures.samples(data, samples));
      return;
    }
    into.put("density", plane.density());
    into.put("samples", plane.samples(samples));
    into.put("grid", plane.grid());
    if (!forming.isEmpty()) {
      into.put("forming", forming.drawAcross(plane.formingTile(), Palette.HEAT));
    }
  }

  @Override
  public String measurement() {
    return likelihood()
        ? "exactly, on " + Text.count(data.testCount()) + " test " + data.noun()
        : null;
  }

  @Override
  public Report report(RunView run) {
    double mass = plane == null ? Double.NaN : plane.mass();
    return new PointReport(this, data, run).page(mass);
  }
}
