// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.autograd;

import static org.generatrix.autograd.Functions.tanh;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
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
import org.generatrix.binding.Device;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * What an operation costs on the tape before it works: a chain of tanh of a single number,
 * recorded, differentiated and freed, per operation.
 */
public final class TapeRows implements RowFamily {
  private static final int CHAIN = 100;
  private static final int CHAINS = 50; // per timed call

  @Override
  public List<BenchRow> rows() {
    return List.of(new BenchRow("tape-op:tanh:1", TapeTrial::new).onOneThread());
  }

  private static final class TapeTrial implements Trial {
    private final Scope scope = new Scope();
    private final Device device;
    private final Tensor x;
    private final org.bytedeco.pytorch.Tensor theirs;
    private final int threads;
    private double gradient;
    private double theirGradient;

    TapeTrial(int threads) {
      this.threads = threads;
      device = scope.own(Device.cpu(threads));
      x = scope.own(Tensor.of(device, new float[] {0.5f}, 1));
      Torch.setThreads(threads);
      theirs = Torch.of(new float[] {0.5f}, 1);
      theirs.requires_grad_(true);
    }

    @Override
    public Contender ours() {
      return new Contender("Tape", () -> repeat(this::chain), CHAIN * CHAINS);
    }

    private static void repeat(Runnable chain) {
      for (int i = 0; i < CHAINS; i++) {
        chain.run();
      }
    }

    private void chain() {
      try (Tape tape = Tape.training(device, 1, 0)) {
        Var y = tape.variable(x);
        for (int i = 0; i < CHAIN; i++) {
          y = tanh(y);
        }
        gradient = tape.gradients(y).of(x).toArray()[0];
      }
    }

    private void theirChain() {
      try (PointerScope local = new PointerScope()) {
        org.bytedeco.pytorch.Tensor y = theirs;
        for (int i = 0; i < CHAIN; i++) {
          y = y.tanh();
        }
        y.backward();
        theirGradient = theirs.grad().item_float();
        theirs.mutable_grad().reset();
      }
    }

    @Override
    public List<Peer> peers() {
      return List.of(
          new Peer(
              Torch.name(threads),
              new Contender("autograd", () -> repeat(this::theirChain), CHAIN * CHAINS)));
    }

    @Override
    public Work work() {
      return Work.call();
    }

    @Override
    public void verify() {
      chain();
      theirChain();
      Verify.close("the gradient of the chain", gradient, theirGradient, 1e-4 * theirGradient);
    }

    @Override
    public String note() {
      return "forward, backward and free, per operation";
    }

    @Override
    public void close() {
      theirs.close();
      scope.close();
    }
  }
}
