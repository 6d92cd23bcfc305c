// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.flow;

import org.generatrix.bench.Contender;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Work;
import org.generatrix.binding.Device;
import org.generatrix.model.flow.RealNvp;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Samples of a RealNVP, all at once. */
final class RealNvpSampleTrial implements Trial {
  private static final long SEED = 48;
  private static final int SAMPLES = 64;

  private final Scope scope = new Scope();
  private final RealNvp model;

  RealNvpSampleTrial(int threads) {
    Device device = scope.own(Device.cpu(threads));
    model = scope.own(RealNvp.create(device, RealNvpTrial.CONFIG, SEED));
    RealNvpTrial.disturb(model, 0.001); // before training no norm keeps it small
  }

  @Override
  public Contender ours() {
    return new Contender("sample", () -> model.sample(SAMPLES, SEED).close());
  }

  /** Of the convolutions. */
  @Override
  public Work work() {
    return Work.flops(2 * SAMPLES * RealNvpTrial.multiplyAdds());
  }

  /** Samples are decoded latents: encoded and decoded they come back, but for levels at an edge. */
  @Override
  public void verify() {
    try (Tensor x = model.sample(2, SEED);
        Tensor z = model.encode(x);
        Tensor back = model.decode(z)) {
      float[] want = x.toArray();
      float[] got = back.toArray();
      for (int i = 0; i < want.length; i++) {
        if (!(Math.abs(got[i] - want[i]) < 1.5 / 255)) {
          throw new AssertionError("sample[%d]: expected %s, got %s".formatted(i, want[i], got[i]));
        }
      }
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
