// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.op.Base;
import org.generatrix.autograd.op.CouplingScale;
import org.generatrix.binding.Device;
import org.generatrix.data.Shuffle;
import org.generatrix.model.ModelFile;
import org.generatrix.nn.Nonlinearity;

/**
 * The network of points of Fleuret's EE-559, lecture 9.4: affine couplings of half of the units,
 * drawn at random for every other one and the opposite half in between, with a multilayer
 * perceptron of tanh for s and another for t.
 *
 * <pre>
 * y = b x + (1 - b) (x exp(s(b x)) + t(b x))      for each coupling
 * log p(x) = log N(z; 0, I) + sum over couplings and changed units of s
 * </pre>
 *
 * <p>Here networks see what is kept, without zeros for the rest, and begin at 0. Dinh,
 * Sohl-Dickstein, Bengio, "Density estimation using Real NVP", 2017, section 3.
 *
 * <pre>{@code
 * try (NvpNet net = NvpNet.create(device, NvpNetConfig.of(2, 4, 64), 1);
 *     FlowTraining training = new FlowTraining(net, points, FlowTrainingConfig.of(20))) {
 *   new Trainer(training).fit();
 *   double[] nats = net.logLikelihood(points);
 * }
 * }</pre>
 */
public final class NvpNet extends FlowModel {
  /** The kind of a model file that holds one. */
  public static final String KIND = "nvpnet";

  private final NvpNetConfig config;
  private final Compose transform;

  private NvpNet(Device device, NvpNetConfig config) {
    super(device, Dequantisation.none(), config.context(), config.units());
    this.config = config;
    CouplingScale scale =
        config.clamp() == 0 ? CouplingScale.exp() : CouplingScale.tanh(config.clamp());
    List<Transform> parts = new ArrayList<>();
    for (int d = 0; d < config.depth(); d++) {
      Split split = Split.bits(kept(d));
      parts.add(new Coupling(device, split, scale, network(split), network(split)));
    }
    transform = child("transform", new Compose(parts));
  }

  /** b of coupling d: true where it keeps a unit. */
  public boolean[] kept(int d) {
    boolean[] kept = new boolean[config.units()];
    long[] order = Shuffle.permutation(config.units(), config.masks(), d / 2);
    for (int i = 0; i < order.length; i++) {
      kept[(int) order[i]] = i < config.units() / 2 == (d % 2 == 0);
    }
    return kept;
  }

  private Conditioner network(Split split) {
    return new DenseConditioner(
        device(),
        split.keptUnits(),
        config.context(),
        Nonlinearity.TANH,
        split.parameterUnits(),
        config.hiddenSizes());
  }

  /** A model to train. */
  public static NvpNet create(Device device, NvpNetConfig config, long seed) {
    NvpNet net = new NvpNet(device, config);
    net.initialise(seed);
    return net;
  }

  public static NvpNet load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      return filled(new NvpNet(device, file.config(NvpNetConfig.class)), file);
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public NvpNetConfig config() {
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
