// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.flow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchNvpNet;
import org.generatrix.binding.Device;
import org.generatrix.data.Shuffle;
import org.generatrix.model.flow.FlowTraining;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.model.flow.NvpNet;
import org.generatrix.model.flow.NvpNetConfig;
import org.generatrix.optim.Decay;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Epochs of 100 steps on points of a ring, by the public trainer and by libtorch. */
final class NvpNetTrial implements Trial {
  private static final long SEED = 47;
  private static final int BATCH = 100;
  private static final int ROWS = 10_000;
  private static final int DEPTH = 4;
  private static final double RATE = 1e-3;

  private final Scope scope = new Scope();
  private final Device device;
  private final NvpNet net;
  private final FlowTraining training;
  private final TorchNvpNet torch;
  private final Tensor data;
  private final long[] order = Shuffle.permutation(ROWS, SEED, 0);

  NvpNetTrial(int width, int threads) {
    device = scope.own(Device.cpu(threads));
    net = scope.own(NvpNet.create(device, NvpNetConfig.of(2, DEPTH, width), SEED));
    data = scope.own(Tensor.of(device, ring(), ROWS, 2));
    training =
        scope.own(
            new FlowTraining(
                net,
                data,
                new FlowTrainingConfig(1_000_000, BATCH, RATE, Decay.CONSTANT, 0, 0, 0, 0, SEED)));
    Torch.setThreads(threads);
    Map<String, float[]> weights = new LinkedHashMap<>();
    net.parameters().forEach((name, tensor) -> weights.put(name, tensor.toArray()));
    boolean[][] kept = new boolean[DEPTH][];
    for (int d = 0; d < DEPTH; d++) {
      kept[d] = net.kept(d);
    }
    torch = scope.own(new TorchNvpNet(weights, kept, width, data.toArray(), BATCH, RATE));
  }

  private static float[] ring() {
    Random random = new Random(SEED);
    float[] points = new float[2 * ROWS];
    for (int i = 0; i < ROWS; i++) {
      double angle = 2 * Math.PI * random.nextDouble();
      double radius = 1 + 0.1 * random.nextGaussian();
      points[2 * i] = (float) (radius * Math.cos(angle));
      points[2 * i + 1] = (float) (radius * Math.sin(angle));
    }
    return points;
  }

  @Override
  public Contender ours() {
    return new Contender("FlowTraining", this::epoch, ROWS / BATCH);
  }

  private void epoch() {
    for (long k = training.batchesPerEpoch(); k > 0; k--) {
      training.step();
    }
  }

  @Override
  public List<Peer> peers() {
    return List.of(torch.peer(Torch.name(device.threads()), order));
  }

  @Override
  public Work work() {
    return Work.call();
  }

  /** An epoch in the same order from the same start: the same losses of all points. */
  @Override
  public void verify() {
    double[] start = {ourLoss(), torch.loss(data.toArray())};
    Verify.close("the loss at the start", start[0], start[1], 1e-4);
    epoch();
    torch.epoch(order);
    double theirs = torch.loss(data.toArray());
    Verify.close("the loss after an epoch", ourLoss(), theirs, 2e-3);
    if (!(theirs < start[1] - 0.01)) {
      throw new AssertionError(
          "expected that an epoch lowers the loss, got " + start[1] + " and " + theirs);
    }
  }

  private double ourLoss() {
    double sum = 0;
    for (double nats : net.logLikelihood(data)) {
      sum -= nats;
    }
    return sum / ROWS;
  }

  @Override
  public String note() {
    return "per training step";
  }

  @Override
  public void close() {
    scope.close();
  }
}
