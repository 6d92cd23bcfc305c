// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.util.Set;
import java.util.function.Consumer;
import org.generatrix.binding.Device;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.model.LoadedModel;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.FreeEnergyGap;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.tensor.Tensor;

/** A restricted Boltzmann machine out of a file. */
public record LoadedRbm(Rbm rbm) implements LoadedModel {

  @Override
  public String name() {
    return "a restricted Boltzmann machine";
  }

  @Override
  public String size() {
    return rbm.config().visible() + " x " + rbm.config().hidden();
  }

  @Override
  public Device device() {
    return rbm.device();
  }

  @Override
  public int visible() {
    return rbm.config().visible();
  }

  @Override
  public Set<String> options() {
    return Set.of(
        "--steps",
        "--binary",
        "--inpaint",
        "--observed",
        "--binarisation",
        "--ais-temperatures",
        "--ais-chains");
  }

  /** The ends of Gibbs chains from noise: states, or the probabilities behind them. */
  @Override
  public Tensor sample(int n, SampleSettings how) {
    try (Rbm.Samples samples = rbm.samples(n, how.steps(), how.seed())) {
      return how.binary() ? samples.states().toFloats() : samples.probabilities().copy();
    }
  }

  @Override
  public Tensor inpaint(Tensor v, boolean[] observed, SampleSettings how) {
    try (Tensor known = RbmPictures.mask(rbm.device(), observed)) {
      return rbm.inpaint(v, known, how.steps(), how.seed());
    }
  }

  @Override
  public Binarisation measured(Binarisation training) {
    return DataSet.measured(training);
  }

  @Override
  public void score(
      DataSet data, Binarisation binarisation, ScoreSettings how, Consumer<String> found) {
    LikelihoodPlan plan = new LikelihoodPlan(how.temperatures(), how.chains(), how.seed());
    try (Tensor test = DataSet.states(device(), data.test(), binarisation, how.seed())) {
      found.accept("        " + plan.describe(rbm));
      plan.measure(rbm, test, binarisation, data.train().mean(), each -> found.accept(each.line()));
      int rows = Math.min(data.train().count(), data.test().count());
      try (Tensor train =
          DataSet.states(device(), data.train().slice(0, rows), binarisation, how.seed())) {
        double gap = FreeEnergyGap.of(rbm, train, test).gap();
        found.accept("free-energy gap " + Text.nats(gap) + " nats, test minus training");
      }
    }
  }

  @Override
  public void close() {
    rbm.close();
  }
}
