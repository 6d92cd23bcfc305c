// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.Collections;
import java.util.Set;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.cli.CliException;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.PointSet;
import org.generatrix.cli.run.RunData;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.flow.Dequantisation;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.Nice;
import org.generatrix.model.flow.NiceConfig;
import org.generatrix.model.flow.NvpNet;
import org.generatrix.model.flow.NvpNetConfig;
import org.generatrix.model.flow.RealNvp;
import org.generatrix.model.flow.RealNvpConfig;
import org.generatrix.model.flow.SplineFlow;
import org.generatrix.model.flow.SplineFlowConfig;

/**
 * A flow as the options ask for it, but for the size of the data.
 *
 * @param couplings of all but realnvp, whose scales decide
 * @param width of the networks' layers, of realnvp channels at the first scale
 * @param layers hidden ones of nvp and nice, residual blocks of the others
 * @param bins of a spline
 * @param clamp of the log-scales of nvp, 0 for none
 * @param scales of realnvp, 0 for as many as the pictures allow up to three
 * @param norm of realnvp
 */
public record FlowNetwork(
    Model model,
    int couplings,
    int width,
    int layers,
    int bins,
    double clamp,
    int scales,
    RealNvpConfig.Norm norm) {
  private static final int LEVELS = 256;

  /** Which flow, and what it can learn. */
  public enum Model {
    NVP(Set.of("--couplings", "--clamp")),
    SPLINE(Set.of("--couplings", "--bins")),
    NICE(Set.of("--couplings")),
    REALNVP(Set.of("--scales", "--norm"));

    private final Set<String> options;

    Model(Set<String> options) {
      this.options = options;
    }

    /** The options that mean something to it, of those that do not to all. */
    public Set<String> options() {
      return options;
    }

    public boolean ofPoints() {
      return this != REALNVP;
    }

    public boolean ofPictures() {
      return this == NICE || this == REALNVP;
    }
  }

  /** A new model for these data; the caller closes it. */
  FlowModel create(Device device, RunData data, long seed) {
    try {
      return data instanceof PointSet points
          ? create(device, points.dimensions(), seed)
          : create(device, (DataSet) data, seed);
    } catch (IllegalArgumentException e) {
      throw new CliException("The network does not fit the data: " + e.getMessage() + ".");
    }
  }

  private FlowModel create(Device device, int dimensions, long seed) {
    return switch (model) {
      case NVP -> {
        String hidden =
            String.join("-", Collections.nCopies(Math.max(1, layers), String.valueOf(width)));
        yield NvpNet.create(
            device, new NvpNetConfig(dimensions, 0, couplings, hidden, clamp, seed), seed);
      }
      case SPLINE -> {
        SplineFlowConfig usual = SplineFlowConfig.of(dimensions, couplings, width);
        yield SplineFlow.create(
            device,
            new SplineFlowConfig(
                dimensions,
                0,
                usual.dequantisation(),
                couplings,
                width,
                layers,
                bins,
                usual.bound(),
                usual.normalised(),
                usual.permuted(),
                seed),
            seed);
      }
      case NICE -> Nice.create(device, nice(dimensions, Dequantisation.none(), false), seed);
      case REALNVP -> throw new IllegalStateException("realnvp has no points");
    };
  }

  private NiceConfig nice(int units, Dequantisation rows, boolean interleaved) {
    return new NiceConfig(units, 0, rows, interleaved, couplings, layers, width, Base.LOGISTIC);
  }

  private FlowModel create(Device device, DataSet data, long seed) {
    if (model == Model.NICE) {
      NiceConfig config = nice(data.tile().units(), Dequantisation.uniform(LEVELS), true);
      return Nice.create(device, config, seed);
    }
    ImageShape image =
        new ImageShape(data.tile().channels(), data.tile().height(), data.tile().width(), LEVELS);
    RealNvpConfig config = RealNvpConfig.of(image, width, layers).withNorm(norm);
    return RealNvp.create(device, scales == 0 ? config : config.withScales(scales), seed);
  }
}
