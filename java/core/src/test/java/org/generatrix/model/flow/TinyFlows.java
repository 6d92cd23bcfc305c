// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;

/** Small flows of every kind, and data for them. */
final class TinyFlows {
  /** The entropy of two moons of noise 0.1, in nats, to 0.004. */
  static final double MOONS = 1.010;

  /** Models of {@link #begun}. */
  static final int KINDS = 4;

  private TinyFlows() {}

  /** One of each kind, as it begins. */
  static List<FlowModel> begun(Device device, int units, int context) {
    return List.of(
        Nice.create(
            device,
            new NiceConfig(units, context, Dequantisation.none(), true, 4, 2, 16, Base.LOGISTIC),
            1),
        NvpNet.create(device, new NvpNetConfig(units, context, 4, "16", 0, 1), 1),
        NvpNet.create(device, new NvpNetConfig(units, context, 4, "8-8", 1.5, 2), 1),
        SplineFlow.create(device, SplineFlowConfig.of(units, 4, 16).withContext(context), 1));
  }

  /** Each of them with weights that matter. */
  static void each(Device device, int units, int context, Consumer<FlowModel> check) {
    for (FlowModel model : begun(device, units, context)) {
      try (model) {
        // Splines of large parameters are steep, and float32 loses what they squeeze.
        check.accept(Jacobians.lively(model, model instanceof SplineFlow ? 0.1 : 0.25, 7));
      }
    }
  }

  /** Each of them as it begins. */
  static void eachBegun(Device device, int units, int context, Consumer<FlowModel> check) {
    for (FlowModel model : begun(device, units, context)) {
      try (model) {
        check.accept(model);
      }
    }
  }

  /** Normals of a deviation. */
  static Tensor normals(Device device, int rows, int units, double deviation, long seed) {
    Random random = new Random(seed);
    float[] values = new float[rows * units];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return Tensor.of(device, values, rows, units);
  }

  /** Two half circles, each reaching into the other, with noise. */
  static Tensor moons(Device device, int rows, double noise, long seed) {
    Random random = new Random(seed);
    float[] values = new float[2 * rows];
    for (int i = 0; i < rows; i++) {
      double angle = Math.PI * random.nextDouble();
      boolean lower = i % 2 == 1;
      double x = lower ? 1 - Math.cos(angle) : Math.cos(angle);
      double y = lower ? 0.5 - Math.sin(angle) : Math.sin(angle);
      values[2 * i] = (float) (x + noise * random.nextGaussian());
      values[2 * i + 1] = (float) (y + noise * random.nextGaussian());
    }
    return Tensor.of(device, values, rows, 2);
  }

  /** Which moon each of them is of. */
  static long[] labels(int rows) {
    long[] labels = new long[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = i % 2;
    }
    return labels;
  }

  static double mean(double... x) {
    double sum = 0;
    for (double v : x) {
      sum += v;
    }
    return sum / x.length;
  }
}
