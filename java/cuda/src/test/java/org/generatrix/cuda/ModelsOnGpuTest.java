// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.model.adversarial.Dcgan;
import org.generatrix.model.adversarial.DcganConfig;
import org.generatrix.model.adversarial.GanTraining;
import org.generatrix.model.adversarial.GanTrainingConfig;
import org.generatrix.model.autoencoder.Autoencoder;
import org.generatrix.model.autoencoder.AutoencoderConfig;
import org.generatrix.model.autoencoder.AutoencoderTraining;
import org.generatrix.model.autoencoder.AutoencoderTrainingConfig;
import org.generatrix.model.autoencoder.ConvAutoencoder;
import org.generatrix.model.autoencoder.ConvAutoencoderConfig;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.GatedPixelCnn;
import org.generatrix.model.autoregressive.GatedPixelCnnConfig;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.autoregressive.PixelCnn;
import org.generatrix.model.autoregressive.PixelCnnConfig;
import org.generatrix.model.autoregressive.PixelCnnTraining;
import org.generatrix.model.autoregressive.PixelCnnTrainingConfig;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import org.generatrix.model.flow.Dequantisation;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.FlowTraining;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.model.flow.Nice;
import org.generatrix.model.flow.NiceConfig;
import org.generatrix.model.flow.NvpNet;
import org.generatrix.model.flow.NvpNetConfig;
import org.generatrix.model.flow.RealNvp;
import org.generatrix.model.flow.RealNvpConfig;
import org.generatrix.model.flow.SplineFlow;
import org.generatrix.model.flow.SplineFlowConfig;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.model.variational.VaeTraining;
import org.generatrix.model.variational.VaeTrainingConfig;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.optim.Decay;
import org.generatrix.optim.Rule;
import org.generatrix.tensor.Tensor;
import org.generatrix.testing.TestDevice;
import org.generatrix.train.Trainable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every model on a GPU and on the CPU from the same seed: after three updates the same parameters
 * within rounding, the same scores, the same samples.
 */
class ModelsOnGpuTest {
  private static final int ROWS = 8;
  private static final int UPDATES = 3;

  /**
   * What a model left behind.
   *
   * @param numbers compared with a tolerance, by name
   * @param states compared as they are, but for draws on the edge
   */
  private record Result(Map<String, double[]> numbers, Map<String, float[]> states) {
    Result() {
      this(new LinkedHashMap<>(), new LinkedHashMap<>());
    }
  }

  private record Case(String name, double tolerance, Function<Device, Result> run) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> models() {
    return Stream.of(
        new Case("Rbm", 1e-4, ModelsOnGpuTest::rbm),
        new Case("Vae", 2e-3, ModelsOnGpuTest::vae),
        new Case("Autoencoder", 2e-3, ModelsOnGpuTest::autoencoder),
        new Case("ConvAutoencoder", 5e-3, ModelsOnGpuTest::convAutoencoder),
        new Case("Dcgan", 5e-3, ModelsOnGpuTest::dcgan),
        new Case("PixelCnn", 2e-3, ModelsOnGpuTest::pixelCnn),
        new Case("GatedPixelCnn", 2e-3, ModelsOnGpuTest::gatedPixelCnn),
        new Case("Nice", 2e-3, ModelsOnGpuTest::nice),
        new Case("NvpNet", 2e-3, ModelsOnGpuTest::nvpNet),
        new Case("RealNvp", 5e-3, ModelsOnGpuTest::realNvp),
        new Case("SplineFlow", 2e-2, ModelsOnGpuTest::splineFlow));
  }

  @ParameterizedTest
  @MethodSource("models")
  void learnsAndDrawsAsOnTheCpu(Case model) {
    Result got;
    try (Device gpu = TestDevice.gpu()) {
      got = model.run.apply(gpu);
    }
    Result want;
    try (Device cpu = Device.cpu()) {
      want = model.run.apply(cpu);
    }
    assertEquals(want.numbers.keySet(), got.numbers.keySet());
    want.numbers.forEach(
        (name, expected) -> {
          double[] actual = got.numbers.get(name);
          double size = 0;
          for (double x : expected) {
            size = Math.max(size, Math.abs(x));
          }
          assertArrayEquals(expected, actual, model.tolerance * Math.max(size, 1e-2), name);
        });
    want.states.forEach(
        (name, expected) -> {
          float[] actual = got.states.get(name);
          int different = 0;
          for (int i = 0; i < expected.length; i++) {
            different += expected[i] == actual[i] ? 0 : 1;
          }
          assertEquals(0, different, expected.length / 200.0, name + ": different states");
        });
  }

  // --- Models ---------------------------------------------------------------------------------

  private static float[] values(int count) {
    Random random = new Random(5);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(256) / 255f;
    }
    return values;
  }

  private static Tensor data(Device device, int units) {
    return Tensor.of(device, values(ROWS * units), ROWS, units);
  }

  private static void train(Trainable run) {
    for (int i = 0; i < UPDATES; i++) {
      run.step();
    }
  }

  private static void parameters(Module model, Result result) {
    model.parameters().forEach((name, p) -> result.numbers.put(name, p.toDoubleArray()));
  }

  private static Result rbm(Device device) {
    Result result = new Result();
    RbmTrainingConfig config =
        RbmTrainingConfig.builder()
            .algorithm(RbmTrainingConfig.Algorithm.PCD)
            .batchSize(4)
            .chains(4)
            .epochs(2)
            .build();
    try (Rbm rbm = Rbm.create(device, RbmConfig.centered(20, 12), null, 1);
        Tensor data = data(device, 20);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      train(run);
      result.numbers.put("W", rbm.W().toDoubleArray());
      result.numbers.put("b", rbm.b().toDoubleArray());
      result.numbers.put("c", rbm.c().toDoubleArray());
      result.numbers.put("free energy", rbm.freeEnergy(data));
      try (Tensor samples = rbm.sample(6, 20, 3)) {
        result.states.put("samples", samples.toArray());
      }
      result.states.put("chains", run.chains().toArray());
    }
    return result;
  }

  private static Result vae(Device device) {
    Result result = new Result();
    VaeConfig config = new VaeConfig(12, "16", "3", VaeConfig.Decoder.BERNOULLI, Nonlinearity.TANH);
    try (Vae vae = Vae.create(device, config, 1);
        Tensor data = data(device, 12);
        VaeTraining run = new VaeTraining(vae, data, VaeTrainingConfig.elbo(3))) {
      train(run);
      parameters(vae, result);
      try (Tensor samples = vae.sample(5, 2)) { // probabilities
        result.numbers.put("samples", samples.toDoubleArray());
      }
    }
    return result;
  }

  private static Result autoencoder(Device device) {
    Result result = new Result();
    AutoencoderConfig config =
        new AutoencoderConfig(12, "16", 3, Nonlinearity.RELU, AutoencoderConfig.Output.SIGMOID);
    try (Autoencoder model = Autoencoder.create(device, config, 1);
        Tensor data = data(device, 12);
        AutoencoderTraining run =
            new AutoencoderTraining(model, data, AutoencoderTrainingConfig.of(3))) {
      train(run);
      parameters(model, result);
    }
    return result;
  }

  private static Result convAutoencoder(Device device) {
    Result result = new Result();
    try (ConvAutoencoder model =
            ConvAutoencoder.create(device, new ConvAutoencoderConfig(3, 4), 1);
        Tensor data = data(device, 784);
        AutoencoderTraining run =
            new AutoencoderTraining(model, data, AutoencoderTrainingConfig.of(3))) {
      train(run);
      parameters(model, result);
    }
    return result;
  }

  private static Result dcgan(Device device) {
    Result result = new Result();
    DcganConfig config = new DcganConfig(1, 16, 16, 6, 4, 4);
    try (Dcgan gan = Dcgan.create(device, config, 1);
        Tensor data = data(device, 256);
        GanTraining run = new GanTraining(gan, data, GanTrainingConfig.of(3))) {
      train(run);
      parameters(gan, result);
      try (Tensor samples = gan.sample(2, 2)) {
        result.numbers.put("samples", samples.toDoubleArray());
      }
    }
    return result;
  }

  private static Result pixelCnn(Device device) {
    PixelCnnConfig config = new PixelCnnConfig(ImageShape.binary(6, 6), 4, 2, 5, 3, 8);
    return images(device, PixelCnn.create(device, config, 1));
  }

  private static Result gatedPixelCnn(Device device) {
    GatedPixelCnnConfig config =
        new GatedPixelCnnConfig(new ImageShape(3, 4, 4, 4), 6, 2, 3, 3, 6, 0);
    return images(device, GatedPixelCnn.create(device, config, 1));
  }

  private static Result images(Device device, AutoregressiveImages model) {
    Result result = new Result();
    int units = model.image().entries();
    PixelCnnTrainingConfig config =
        new PixelCnnTrainingConfig(
            3,
            8,
            Rule.adam(),
            0.01,
            Decay.COSINE,
            0,
            1,
            model.image().levels() == 2 ? Binarisation.RESAMPLED : Binarisation.INTENSITIES,
            1);
    try (model;
        Tensor data = data(device, units);
        PixelCnnTraining run = new PixelCnnTraining(model, data, config)) {
      train(run);
      parameters(model, result);
      try (Tensor samples = model.sample(4, 2)) {
        result.states.put("samples", samples.toArray());
        result.numbers.put("log-likelihood", model.logLikelihood(samples));
      }
    }
    return result;
  }

  private static Result nice(Device device) {
    NiceConfig config = new NiceConfig(10, 0, Dequantisation.none(), true, 4, 2, 16, Base.LOGISTIC);
    return flow(device, Nice.create(device, config, 1), 10);
  }

  private static Result nvpNet(Device device) {
    return flow(device, NvpNet.create(device, NvpNetConfig.of(2, 4, 8), 1), 2);
  }

  private static Result realNvp(Device device) {
    RealNvpConfig config = RealNvpConfig.of(new ImageShape(1, 8, 8, 256), 4, 1);
    return flow(device, RealNvp.create(device, config, 1), 64);
  }

  private static Result splineFlow(Device device) {
    return flow(device, SplineFlow.create(device, SplineFlowConfig.of(4, 3, 16), 1), 4);
  }

  private static Result flow(Device device, FlowModel model, int units) {
    Result result = new Result();
    try (model;
        Tensor data = data(device, units);
        FlowTraining run = new FlowTraining(model, data, FlowTrainingConfig.of(3))) {
      train(run);
      parameters(model, result);
      result.numbers.put("log-likelihood", model.logLikelihood(data));
      try (Tensor samples = model.sample(5, 2)) {
        result.numbers.put("samples", samples.toDoubleArray());
      }
    }
    return result;
  }
}
