// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.loss;

import static org.generatrix.autograd.Functions.discretisedLogisticMixture;

import java.util.List;
import java.util.Random;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchLogisticMixture;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** The discretised logistic mixture of PixelCNN++, log-likelihood and gradient on the tape. */
public final class LogisticMixtureRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(
        new BenchRow(
            "logistic-mixture:3x32x32k10:b16",
            threads -> new MixtureTrial(16, 32 * 32, 10, threads)));
  }

  private static final class MixtureTrial implements Trial {
    private final Scope scope = new Scope();
    private final Device device;
    private final Tensor x;
    private final Tensor parameters;
    private final TorchLogisticMixture torch;
    private float[] logLikelihoods;
    private float[] gradient;
    private boolean keep;

    MixtureTrial(int rows, int pixels, int components, int threads) {
      Random random = new Random(7);
      float[] values = new float[rows * 3 * pixels];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (2 * random.nextInt(256) / 255.0 - 1);
      }
      int planes = 10 * components;
      float[] drawn = new float[rows * planes * pixels];
      for (int i = 0; i < drawn.length; i++) {
        int plane = i / pixels % planes - components;
        boolean scale = plane >= 0 && plane / components % 3 == 1;
        drawn[i] = (float) (0.5 * random.nextGaussian() - (scale ? 1.5 : 0));
      }
      device = scope.own(Device.cpu(threads));
      x = scope.own(Tensor.of(device, values, rows, 3, pixels));
      parameters = scope.own(Tensor.of(device, drawn, rows, planes, pixels));
      Torch.setThreads(threads);
      torch = scope.own(new TorchLogisticMixture(values, drawn, rows, components, pixels));
    }

    @Override
    public Contender ours() {
      return new Contender("fused, on the tape", this::run);
    }

    private void run() {
      try (Tape tape = Tape.training(device, 1, 0)) {
        Var y = discretisedLogisticMixture(tape.constant(x), tape.variable(parameters));
        Tensor dx = tape.gradients(y.sum()).of(parameters);
        if (keep) {
          logLikelihoods = y.value().toArray();
          gradient = dx.toArray();
        }
      }
    }

    @Override
    public List<Peer> peers() {
      return List.of(torch.peer(Torch.name(device.threads())));
    }

    /** x and the parameters are read, their gradient is written. */
    @Override
    public Work work() {
      return Work.bytes(4.0 * (x.size() + 2 * parameters.size()));
    }

    /**
     * Against the reference in double, and the peer, whose probabilities are differences of
     * sigmoids: those of 1e-5, where it goes over to the density, are rounded to half a percent.
     */
    @Override
    public void verify() {
      keep = true;
      run();
      keep = false;
      float[] theirs = torch.logLikelihoods();
      float[] theirGradient = torch.gradient();
      try (Tape tape = Tape.training(device, 1, 0)) {
        Var wide =
            tape.variable(
                tape.own(Tensor.of(device, parameters.toDoubleArray(), parameters.shape())));
        Var pixels = tape.constant(tape.own(Tensor.of(device, x.toDoubleArray(), x.shape())));
        Var y = discretisedLogisticMixture(pixels, wide);
        double[] expected = y.value().toDoubleArray();
        double[] slopes = tape.gradients(y.sum()).of(wide).toDoubleArray();
        for (int r = 0; r < expected.length; r++) {
          double size = Math.abs(expected[r]);
          Verify.close("log-likelihood[" + r + "]", logLikelihoods[r], expected[r], 1e-6 * size);
          Verify.close("the peer's, " + r, theirs[r], expected[r], 1e-4 * size);
        }
        double distance = 0;
        for (int i = 0; i < slopes.length; i++) {
          double size = 1 + Math.abs(slopes[i]);
          Verify.close("gradient[" + i + "]", gradient[i], slopes[i], 1e-3 * size);
          distance += Math.abs(theirGradient[i] - slopes[i]) / slopes.length;
        }
        Verify.close("the mean distance of the peer's gradient", distance, 0, 1e-3);
      }
    }

    @Override
    public String note() {
      return "forward and backward";
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
