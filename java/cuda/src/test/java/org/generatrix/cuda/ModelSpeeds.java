// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cuda;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.binding.StateOps;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.autoregressive.PixelCnn;
import org.generatrix.model.autoregressive.PixelCnnConfig;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * Times whole models on a GPU beside the CPU: what generatrix_gpu_bench, which knows single calls,
 * cannot. Run by the bundle's {@code run.sh bench}; no test.
 */
final class ModelSpeeds {
  private ModelSpeeds() {}

  public static void main(String[] arguments) {
    System.out.println("| model | GPU ms | CPU ms | ratio |\n|---|---|---|---|");
    row("pcd epoch 784x500 b512, 60,000 rows", ModelSpeeds::pcdEpoch);
    row("pixelcnn cached sampling, 256 images 28x28", ModelSpeeds::pixelCnnSampling);
  }

  private static void row(String name, ToDoubleFunction<Device> seconds) {
    double gpu;
    try (Device device = Device.cuda(0)) {
      gpu = seconds.applyAsDouble(device);
    }
    double cpu;
    try (Device device = Device.cpu()) {
      cpu = seconds.applyAsDouble(device);
    }
    System.out.printf(
        Locale.ROOT, "| %s | %.2f | %.2f | %.1fx |%n", name, gpu * 1e3, cpu * 1e3, cpu / gpu);
  }

  private static double pcdEpoch(Device device) {
    RbmTrainingConfig config =
        RbmTrainingConfig.builder()
            .algorithm(RbmTrainingConfig.Algorithm.PCD)
            .batchSize(512)
            .chains(512)
            .epochs(4)
            .build();
    try (Tensor p = Tensor.full(device, DType.FLOAT32, 0.1, 60_000, 784);
        Tensor data = Tensor.bits(device, 60_000, 784);
        Rbm rbm = Rbm.create(device, new RbmConfig(784, 500, false, 0.01), null, 1)) {
      StateOps.bernoulli(device, p.buffer(), new Rng(1, 0), data.states());
      try (RbmTrainer run = new RbmTrainer(rbm, data, config)) {
        return median(
            3,
            () -> {
              for (long i = 0; i < run.batchesPerEpoch(); i++) {
                run.step();
              }
              device.synchronize();
            });
      }
    }
  }

  private static double pixelCnnSampling(Device device) {
    PixelCnnConfig config = PixelCnnConfig.of(ImageShape.binary(28, 28), 16, 15);
    try (PixelCnn model = PixelCnn.create(device, config, 1)) {
      return median(3, () -> model.sample(256, 2).close());
    }
  }

  private static double median(int repeats, Runnable work) {
    work.run();
    double[] seconds = new double[repeats];
    for (int i = 0; i < repeats; i++) {
      long start = System.nanoTime();
      work.run();
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    Arrays.sort(seconds);
    return seconds[repeats / 2];
  }
}
