// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;

/**
 * A neural spline flow: couplings of half of the units by monotone rational-quadratic splines whose
 * knots come from residual networks, with permutations or halves that take turns between them, and
 * Gaussian latents. Splines begin as the identity.
 *
 * <p>Durkan, Bekasov, Murray, Papamakarios, "Neural spline flows", NeurIPS 2019, sections 3 and 4.
 *
 * <pre>{@code
 * try (SplineFlow flow = SplineFlow.create(device, SplineFlowConfig.of(2, 4, 32), 1);
 *     FlowTraining training = new FlowTraining(flow, points, FlowTrainingConfig.of(20))) {
 *   new Trainer(training).fit();
 *   double[] nats = flow.logLikelihood(points);
 * }
 * }</pre>
 */
public final class SplineFlow extends FlowModel {
  /** The kind of a model file that holds one. */
  public static final String KIND = "splineflow";

  private final SplineFlowConfig config;
  private final Compose transform;

  private SplineFlow(Device device, SplineFlowConfig config) {
    super(device, config.dequantisation(), config.context(), config.units());
    this.config = config;
    List<Transform> parts = new ArrayList<>();
    if (config.normalised()) {
      parts.add(new ActNorm(device, config.units()));
    }
    int second = config.units() / 2;
    int first = config.units() - second;
    for (int k = 0; k < config.couplings(); k++) {
      if (config.permuted() && k > 0) {
        parts.add(Permutation.random(config.units(), config.permutations(), k));
      }
      parts.add(
          coupling(
              config.permuted() || k % 2 == 0
                  ? Split.lastChanged(config.units(), second)
                  : Split.firstChanged(config.units(), first)));
    }
    transform = child("transform", new Compose(parts));
  }

  private SplineCoupling coupling(Split split) {
    long numbers = Math.multiplyExact(3L * config.bins() - 1, split.parameterUnits());
    return new SplineCoupling(
        device(),
        split,
        config.shape(),
        new ResidualConditioner(
            device(),
            split.keptUnits(),
            config.context(),
            config.width(),
            config.blocks(),
            numbers));
  }

  /** A model to train. */
  public static SplineFlow create(Device device, SplineFlowConfig config, long seed) {
    SplineFlow flow = new SplineFlow(device, config);
    flow.initialise(seed);
    return flow;
  }

  public static SplineFlow load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      return filled(new SplineFlow(device, file.config(SplineFlowConfig.class)), file);
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public SplineFlowConfig config() {
    return config;
  }

  @Override
  public Transform transform() {
    return transform;
  }

  @Override
  public Base base() {
    return Base.GAUSSIAN;
  }
}
