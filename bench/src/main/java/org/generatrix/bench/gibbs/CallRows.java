// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.gibbs;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.binding.Device;
import org.generatrix.binding.StateOps;
import org.generatrix.binding.States;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * What a call costs before it works: the smallest kernel call there is, one state turned into one
 * bit, from Java. The time holds the Java checks, the crossing, the native checks and the kernel,
 * so it bounds the overhead of the binding from above.
 */
public final class CallRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(
        new BenchRow("call:states-convert:1x1", CallTrial::new).withoutPeers().onOneThread());
  }

  private static final class CallTrial implements Trial {
    private static final int CALLS = 10_000;
    private static final int WARM_UPS = 20;

    private final Scope scope = new Scope();
    private final Device device;
    private final Tensor one;
    private final States from;
    private final States to;
    private double bytesPerCall;

    CallTrial(int threads) {
      device = scope.own(Device.cpu(threads));
      one = scope.own(Tensor.of(device, new float[] {0.75f}, 1, 1));
      from = one.states();
      to = scope.own(Tensor.bits(device, 1, 1)).states();
    }

    @Override
    public Contender ours() {
      return new Contender("StateOps.convert", this::calls, CALLS);
    }

    private void calls() {
      for (int i = 0; i < CALLS; i++) {
        StateOps.convert(device, from, 0.5f, to);
      }
    }

    @Override
    public Work work() {
      return Work.call();
    }

    @Override
    public void verify() {
      for (int i = 0; i < WARM_UPS; i++) {
        calls();
      }
      ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = thread.getCurrentThreadAllocatedBytes();
      calls();
      bytesPerCall = (thread.getCurrentThreadAllocatedBytes() - before) / (double) CALLS;
      int[] word = new int[1];
      to.data().read(0, word, 0, 1);
      Verify.close("the bit of 0.75 at threshold 0.5", word[0], 1, 0);
    }

    @Override
    public String note() {
      return String.format(Locale.ROOT, "%.0f bytes of heap per call", bytesPerCall);
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
