// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Gradients;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleTest {
  public record Sizes(int in, int out) {}

  private final Device device = Device.cpu(1);

  @AfterEach
  void noTensorIsLeft() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  /** Parameters and a buffer of its own, and two parts. */
  private final class Model extends Module {
    final Tensor scale = parameter("scale", Tensor.of(device, new float[] {7, 8}, 2));
    final Tensor mean = buffer("mean", Tensor.of(device, new float[] {0.5f}, 1));
    final Sequential encoder;
    final Linear out;

    Model(boolean outFirst) {
      Linear made = outFirst ? child("out", new Linear(device, 4, 3)) : null;
      encoder =
          child(
              "encoder",
              new Sequential(
                  new Linear(device, 3, 4),
                  Functions::tanh,
                  new Linear(device, DType.FLOAT32, 4, 4, false, Initialiser.heNormal())));
      out = outFirst ? made : child("out", new Linear(device, 4, 3));
    }
  }

  private static List<String> names(Map<String, Tensor> tensors) {
    return List.copyOf(tensors.keySet());
  }

  @Test
  void namesFollowTheTree() {
    try (Model model = new Model(false)) {
      assertEquals(
          List.of(
              "scale",
              "encoder.0.weight",
              "encoder.0.bias",
              "encoder.2.weight",
              "out.weight",
              "out.bias"),
          names(model.parameters()));
      assertEquals(List.of("mean"), names(model.buffers()));
      assertEquals(7, model.state().size());
      assertEquals("mean", names(model.state()).get(1));
      assertEquals(2 + 12 + 4 + 16 + 12 + 3, model.parameterCount());
      assertThrows(UnsupportedOperationException.class, () -> model.parameters().remove("scale"));
    }
  }

  @Test
  void drawsDependOnSeedAndNameNotOnTheOrderOfConstruction() {
    try (Model one = new Model(false);
        Model other = new Model(true);
        Linear alone = new Linear(device, 4, 3)) {
      one.initialise(5);
      other.initialise(5);
      one.parameters()
          .forEach(
              (name, tensor) ->
                  assertArrayEquals(
                      tensor.toArray(), other.parameters().get(name).toArray(), name));
      alone.initialise(5); // "weight", not "out.weight"
      assertFalse(java.util.Arrays.equals(alone.weight().toArray(), one.out.weight().toArray()));
      float[] before = one.out.weight().toArray();
      one.initialise(6);
      assertFalse(java.util.Arrays.equals(before, one.out.weight().toArray()));
      assertArrayEquals(new float[] {7, 8}, one.scale.toArray()); // no initialiser: as it was
      assertArrayEquals(new float[3], one.out.bias().toArray());
    }
  }

  @Test
  void tiedTensorsAndPartsAreListedOnceAndClosedOnce() {
    try (Module tied =
        new Module() {
          {
            Linear shared = child("a", new Linear(device, 2, 2));
            child("b", shared);
            parameter("w", shared.weight());
          }
        }) {
      assertEquals(List.of("w", "a.bias"), names(tied.parameters()));
      tied.initialise(1);
      assertTrue(tied.parameters().get("w").toArray()[0] == 0); // "w" has no initialiser
    }
  }

  @Test
  void aFileGivesBackTheState(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Model from = new Model(false);
        Model to = new Model(true)) {
      from.initialise(9);
      from.mean.copyFrom(new float[] {0.25f});
      ModelFile.Writer writer = ModelFile.writer("test", new Sizes(3, 3));
      from.write(writer);
      writer.save(file);
      assertThrows(IllegalStateException.class, to::requireInitialised);
      try (ModelFile stored = ModelFile.read(file, "test")) {
        to.read(stored);
      }
      to.requireInitialised();
      from.state()
          .forEach(
              (name, tensor) ->
                  assertArrayEquals(tensor.toArray(), to.state().get(name).toArray(), name));
    }
  }

  @Test
  void doublesSurviveAFileBitForBit(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Linear from = new Linear(device, DType.FLOAT64, 3, 2, true, Initialiser.uniform(-1, 1));
        Linear to = new Linear(device, DType.FLOAT64, 3, 2, true, Initialiser.zeros())) {
      from.weight().copyFrom(new double[] {1 / 3.0, Math.PI, -Math.E, 1e-300, 1e300, 0.1});
      ModelFile.Writer writer = ModelFile.writer("test", new Sizes(3, 2));
      from.write(writer);
      writer.save(file);
      try (ModelFile stored = ModelFile.read(file, "test")) {
        to.read(stored);
      }
      assertArrayEquals(from.weight().toDoubleArray(), to.weight().toDoubleArray());
    }
  }

  @Test
  void copyTakesOverEverything() {
    try (Model from = new Model(false);
        Model to = new Model(false);
        Linear other = new Linear(device, 2, 2)) {
      from.initialise(3);
      to.copyFrom(from);
      to.requireInitialised();
      assertArrayEquals(from.out.weight().toArray(), to.out.weight().toArray());
      assertThrows(IllegalArgumentException.class, () -> to.copyFrom(other));
    }
  }

  @Test
  void sequentialAppliesItsLayersInOrder() {
    try (Sequential layers = new Sequential(x -> Functions.tanh(x), x -> Functions.tanh(x));
        Tensor x = Tensor.of(device, new float[] {0.5f}, 1);
        Tape tape = Tape.inference(device)) {
      assertEquals(2, layers.layers().size());
      assertEquals(Math.tanh(Math.tanh(0.5)), layers.apply(tape.constant(x)).item(), 1e-6);
    }
  }

  /** y = x W' + b, and its gradient reaches both. */
  @Test
  void linearIsAffine() {
    try (Linear layer = new Linear(device, DType.FLOAT64, 2, 3, true, Initialiser.zeros());
        Linear plain = new Linear(device, DType.FLOAT64, 2, 3, false, Initialiser.zeros());
        Tensor x = Tensor.of(device, new double[] {1, 2, -1, 0.5}, 2, 2);
        Tape tape = Tape.training(device, 1, 0)) {
      layer.weight().copyFrom(new double[] {1, 2, 3, 4, 5, 6});
      plain.weight().copyFrom(layer.weight());
      layer.bias().copyFrom(new double[] {10, 20, 30});
      Var y = layer.apply(tape.constant(x));
      assertArrayEquals(new double[] {15, 31, 47, 10, 19, 28}, y.value().toDoubleArray(), 1e-12);
      assertArrayEquals(
          new double[] {5, 11, 17, 0, -1, -2},
          plain.apply(tape.constant(x)).value().toDoubleArray(),
          1e-12);
      Gradients gradients = tape.gradients(y.sum());
      assertArrayEquals(
          new double[] {0, 2.5, 0, 2.5, 0, 2.5},
          gradients.of(layer.weight()).toDoubleArray(),
          1e-12);
      assertArrayEquals(new double[] {2, 2, 2}, gradients.of(layer.bias()).toDoubleArray());
      assertEquals(
          Math.tanh(-2),
          plain.apply(tape.constant(x), Activation.TANH).value().toDoubleArray()[5],
          1e-12);
    }
  }

  @Test
  void namesAreRefusedWhenTakenEmptyOrDotted() {
    for (String name : List.of("", "a.b", "taken")) {
      Tensor tensor = Tensor.zeros(device, 1);
      try (Tensor closing = tensor) {
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Module() {
                  {
                    parameter("taken", tensor);
                    buffer(name, tensor);
                  }
                });
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Module() {
                  {
                    buffer("taken", tensor);
                    child(name, new Sequential());
                  }
                });
      }
    }
    assertThrows(IllegalArgumentException.class, () -> new Linear(device, 0, 3));
    assertThrows(IllegalArgumentException.class, () -> new Linear(device, 3, 0));
  }
}
