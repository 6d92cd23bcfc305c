// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.Set;
import java.util.function.Consumer;
import org.generatrix.binding.Device;
import org.generatrix.cli.CliException;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.PointSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.data.Binarisation;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.NiceConfig;
import org.generatrix.model.flow.NvpNetConfig;
import org.generatrix.model.flow.RealNvpConfig;
import org.generatrix.model.flow.SplineFlowConfig;
import org.generatrix.tensor.Tensor;

/** A flow out of a file. */
public record LoadedFlow(FlowModel model) implements LoadedModel {

  @Override
  public String name() {
    return name(model);
  }

  static String name(FlowModel model) {
    Record config = model.config();
    if (config instanceof NvpNetConfig) {
      return "a flow of affine couplings";
    } else if (config instanceof SplineFlowConfig) {
      return "a neural spline flow";
    }
    return config instanceof NiceConfig ? "a NICE" : "a RealNVP";
  }

  /** "NICE of 4 couplings", the title of a page. */
  static String title(FlowModel model) {
    Record config = model.config();
    if (config instanceof NvpNetConfig nvp) {
      return nvp.depth() == 1
          ? "Flow of an affine coupling"
          : "Flow of " + nvp.depth() + " affine couplings";
    } else if (config instanceof SplineFlowConfig spline) {
      return "Neural spline flow of " + couplings(spline.couplings());
    } else if (config instanceof NiceConfig nice) {
      return "NICE of " + couplings(nice.couplings());
    }
    return "RealNVP of " + scales((RealNvpConfig) config);
  }

  @Override
  public String size() {
    return size(model);
  }

  /** "4 couplings, networks 1,000 wide, 784 dimensions, 19,000,000 parameters". */
  static String size(FlowModel model) {
    return layers(model)
        + ", "
        + Text.count(model.units())
        + " dimensions, "
        + Text.count(model.parameterCount())
        + " parameters";
  }

  static String layers(FlowModel model) {
    Record config = model.config();
    if (config instanceof NvpNetConfig nvp) {
      return couplings(nvp.depth()) + " with networks of " + nvp.hidden() + " hidden units";
    } else if (config instanceof SplineFlowConfig spline) {
      return couplings(spline.couplings())
          + " of "
          + spline.bins()
          + " bins with networks "
          + Text.count(spline.width())
          + " wide";
    } else if (config instanceof NiceConfig nice) {
      return couplings(nice.couplings())
          + " with networks of "
          + nice.hiddenLayers()
          + " x "
          + Text.count(nice.width())
          + " hidden units";
    }
    RealNvpConfig real = (RealNvpConfig) config;
    return scales(real)
        + " with networks of "
        + real.channels()
        + " channels and "
        + real.blocks()
        + (real.blocks() == 1 ? " block" : " blocks");
  }

  private static String scales(RealNvpConfig real) {
    return real.scales() + (real.scales() == 1 ? " scale" : " scales");
  }

  private static String couplings(int n) {
    return n + (n == 1 ? " coupling" : " couplings");
  }

  @Override
  public Device device() {
    return model.device();
  }

  @Override
  public int visible() {
    return model.units();
  }

  @Override
  public boolean ofPoints() {
    return model.dequantisation().levels() == 0;
  }

  @Override
  public TileShape tile() {
    return model.config() instanceof RealNvpConfig real
        ? new TileShape(real.image().height(), real.image().width(), real.image().channels())
        : null;
  }

  @Override
  public Set<String> options() {
    return ofPoints()
        ? Set.of("--temperature", "--points", "--noise", "--csv", "--columns", "--skip-missing")
        : Set.of("--temperature");
  }

  @Override
  public Tensor sample(int n, SampleSettings how) {
    try {
      return model.sample(n, how.temperature(), null, how.seed());
    } catch (ArithmeticException e) {
      throw new CliException("No samples: " + e.getMessage() + ".", e);
    }
  }

  @Override
  public Binarisation measured(Binarisation training) {
    return Binarisation.INTENSITIES;
  }

  @Override
  public void score(
      DataSet data, Binarisation binarisation, ScoreSettings how, Consumer<String> found) {
    try (Tensor test = DataSet.intensities(device(), data.test())) {
      found.accept("        " + model.dequantisation().describe());
      found.accept(FlowLikelihood.ofPictures(model, test).line());
    }
  }

  @Override
  public void score(PointSet points, Consumer<String> found) {
    try (Tensor test =
        PointSet.rows(device(), points.test(), points.dimensions(), Integer.MAX_VALUE)) {
      found.accept(FlowLikelihood.ofPoints(model, test, points.ofTruth()).line());
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
