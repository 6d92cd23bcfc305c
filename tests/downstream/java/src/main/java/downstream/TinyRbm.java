// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package downstream;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.binding.NativeInfo;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;

/** Learns a distribution of two patterns over six units, and scores, samples and stores the machine. */
public final class TinyRbm {
  private static final int ROWS = 64;
  private static final float[][] PATTERNS = {{1, 1, 1, 0, 0, 0}, {0, 0, 0, 1, 1, 1}};

  private TinyRbm() {}

  public static void main(String[] args) throws Exception {
    try (Device device = Device.cpu()) {
      run(device);
      check(device.memory().live() == 0, "every tensor closed, got " + device.memory());
    }
  }

  private static void run(Device device) throws Exception {
    RbmTrainingConfig config =
        RbmTrainingConfig.builder()
            .algorithm(RbmTrainingConfig.Algorithm.PCD)
            .batchSize(16)
            .chains(ROWS)
            .epochs(500)
            .learningRate(0.05)
            .seed(3)
            .build();
    try (Tensor data = data(device);
        Rbm rbm = Rbm.create(device, RbmConfig.centered(6, 4), null, 1);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      double before = logLikelihood(rbm, data);
      new Trainer(run).fit();
      double after = logLikelihood(rbm, data);
      System.out.printf(
          "generatrix %s from Java (%s): mean log-likelihood %.3f -> %.3f, best %.3f%n",
          NativeInfo.version(), NativeInfo.isa(), before, after, -Math.log(2));
      check(after > -1.5 && after < -0.69, "a mean log-likelihood in (-1.5, -0.69), got " + after);

      try (Tensor samples = rbm.sample(1000, 50, 5)) {
        double learned = learnedShare(samples.toArray());
        check(learned > 0.5, "most samples to be learned patterns, got a share of " + learned);
      }
      Path file = Files.createTempFile("tiny", ".safetensors");
      rbm.save(file);
      try (Rbm loaded = Rbm.load(device, file)) {
        check(logLikelihood(loaded, data) == after, "the stored machine to score the same");
      } finally {
        Files.delete(file);
      }
    }
  }

  private static Tensor data(Device device) {
    float[] values = new float[ROWS * 6];
    for (int r = 0; r < ROWS; r++) {
      System.arraycopy(PATTERNS[r % 2], 0, values, r * 6, 6);
    }
    Tensor data = Tensor.bits(device, ROWS, 6);
    data.copyFrom(values);
    return data;
  }

  private static double logLikelihood(Rbm rbm, Tensor v) {
    return -Arrays.stream(rbm.freeEnergy(v)).average().orElseThrow() - rbm.logPartition();
  }

  private static double learnedShare(float[] samples) {
    int learned = 0;
    for (int at = 0; at < samples.length; at += 6) {
      float[] sample = Arrays.copyOfRange(samples, at, at + 6);
      if (Arrays.equals(sample, PATTERNS[0]) || Arrays.equals(sample, PATTERNS[1])) {
        learned++;
      }
    }
    return learned / (samples.length / 6.0);
  }

  private static void check(boolean holds, String expected) {
    if (!holds) {
      throw new IllegalStateException("expected " + expected);
    }
  }
}
