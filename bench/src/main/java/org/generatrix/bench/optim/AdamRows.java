// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchAdam;
import org.generatrix.binding.Device;
import org.generatrix.optim.Optimizer;
import org.generatrix.optim.OptimizerConfig;
import org.generatrix.optim.Rule;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * A step of Adam over a model's parameters, as an {@link Optimizer} makes it: one large tensor,
 * where memory is the limit, and the layers of a small network, where the calls are.
 */
public final class AdamRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(
        row("adam:10M", 10_000_000),
        row("adam:784-500-500-10", 784 * 500, 500, 500 * 500, 500, 500 * 10, 10));
  }

  private static BenchRow row(String name, int... sizes) {
    return new BenchRow(name, threads -> new AdamTrial(sizes, threads));
  }

  private static final class AdamTrial implements Trial {
    private static final int STEPS = 3; // before the results are compared

    private final int[] sizes;
    private final Scope scope = new Scope();
    private final Device device;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
    private final Optimizer optimizer;
    private final TorchAdam torch;

    AdamTrial(int[] sizes, int threads) {
      this.sizes = sizes;
      device = scope.own(Device.cpu(threads));
      float[][] p = new float[sizes.length][];
      float[][] g = new float[sizes.length][];
      for (int i = 0; i < sizes.length; i++) {
        p[i] = values(sizes[i], 1);
        g[i] = values(sizes[i], 7);
        Tensor parameter = scope.own(Tensor.of(device, p[i], sizes[i]));
        parameters.put("p" + i, parameter);
        gradients.put(parameter, scope.own(Tensor.of(device, g[i], sizes[i])));
      }
      optimizer =
          scope.own(new Optimizer(parameters, OptimizerConfig.of(Rule.adam(), TorchAdam.RATE)));
      Torch.setThreads(threads);
      torch = scope.own(new TorchAdam(p, g));
    }

    /** In [-1, 1], never near 0, where a step of Adam has no direction. */
    private static float[] values(int count, int seed) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        float size = 0.1f + 0.9f * (i * 31L + seed) % 997 / 997;
        values[i] = (i + seed) % 3 == 0 ? -size : size;
      }
      return values;
    }

    @Override
    public Contender ours() {
      return new Contender("Optimizer.step", this::step);
    }

    private void step() {
      optimizer.step(gradients::get);
    }

    @Override
    public List<Peer> peers() {
      return torch.peers(Torch.name(device.threads()));
    }

    /** Reads p, g, m, v; writes p, m, v. */
    @Override
    public Work work() {
      double elements = 0;
      for (int size : sizes) {
        elements += size;
      }
      return Work.bytes(7 * Float.BYTES * elements);
    }

    @Override
    public void verify() {
      for (int i = 0; i < STEPS; i++) {
        step();
        torch.ofTheLibrary();
        torch.composed();
        torch.fused();
      }
      for (int i = 0; i < sizes.length; i++) {
        float[] ours = parameters.get("p" + i).toArray();
        float[] g = values(1, 7);
        Verify.close(
            "p after " + STEPS + " steps of the rate",
            ours[0],
            values(1, 1)[0] - STEPS * TorchAdam.RATE * Math.signum(g[0]),
            1e-6);
        for (float[] theirs : torch.parameter(i)) {
          Verify.close("p of libtorch", theirs, ours, 1e-6);
        }
      }
    }

    @Override
    public String note() {
      return "p, g, m, v read, p, m, v written";
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
