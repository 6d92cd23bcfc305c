// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.autoregressive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchGatedPixelCnn;
import org.generatrix.binding.Device;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.GatedPixelCnn;
import org.generatrix.tensor.Tensor;

/**
 * A unit of work is one pixel of all images, so that the slow way need not draw them all: for it
 * each pixel costs a pass of the whole network.
 */
final class PixelCnnSampleTrial implements Trial {
  private static final long SEED = 47;
  private static final int SLOW_PIXELS = 4;
  private static final int COMPARED = 3;

  private final AutoregressiveImages model;
  private final Device device;
  private final int rows;
  private final TorchGatedPixelCnn torch; // or null
  private double seconds;

  /** Closes the model and its device. */
  PixelCnnSampleTrial(AutoregressiveImages model, int rows) {
    this.model = model;
    this.rows = rows;
    device = model.device();
    Torch.setThreads(device.threads());
    Map<String, float[]> weights = new HashMap<>();
    model.parameters().forEach((name, tensor) -> weights.put(name, tensor.toArray()));
    torch =
        model instanceof GatedPixelCnn gated
            ? new TorchGatedPixelCnn(gated.config(), weights, rows)
            : null;
  }

  @Override
  public Contender ours() {
    return new Contender("sample", () -> model.sample(rows, SEED).close(), model.image().pixels());
  }

  @Override
  public List<Peer> peers() {
    List<Peer> peers = new ArrayList<>();
    peers.add(
        new Peer(
            "our pass per pixel",
            new Contender(
                "sampleNaively",
                () -> model.sampleNaively(rows, null, SEED, SLOW_PIXELS).close(),
                SLOW_PIXELS)));
    if (torch != null) {
      peers.add(torch.peer(Torch.name(device.threads())));
    }
    return peers;
  }

  @Override
  public Work work() {
    return Work.call();
  }

  /** Equal samples for equal seeds: the first rows of pixels, of a few images. */
  @Override
  public void verify() {
    int pixels = 3 * model.image().width();
    try (Tensor fast = model.sample(rows, SEED);
        Tensor slow = model.sampleNaively(COMPARED, null, SEED, pixels)) {
      float[] got = fast.toArray();
      float[] expected = slow.toArray();
      for (int row = 0; row < COMPARED; row++) {
        int at = row * model.image().entries();
        if (!Arrays.equals(got, at, at + pixels, expected, at, at + pixels)) {
          throw new AssertionError("image " + row + ": expected the samples of a pass per pixel");
        }
      }
    }
    if (torch != null) {
      try (Tensor some = model.sample(COMPARED, SEED)) {
        double[] ours = model.logLikelihood(some);
        double[] theirs = torch.logLikelihood(some.toArray());
        for (int row = 0; row < COMPARED; row++) {
          Verify.close("log-likelihood", ours[row], theirs[row], 1e-2);
        }
      }
    }
    long begin = System.nanoTime();
    model.sample(rows, SEED).close();
    seconds = (System.nanoTime() - begin) * 1e-9;
  }

  @Override
  public String note() {
    return String.format(
        Locale.ROOT, "times of a pixel; %d images take about %.2f s", rows, seconds);
  }

  @Override
  public void close() {
    if (torch != null) {
      torch.close();
    }
    model.close();
    device.close();
  }
}
