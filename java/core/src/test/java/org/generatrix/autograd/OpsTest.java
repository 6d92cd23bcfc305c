// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.generatrix.autograd.op.Tanh;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.generatrix.testing.TestDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every operation must do: the reference's numbers, a true gradient, refusals. */
class OpsTest {
  private final Device device = TestDevice.open();

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  static Stream<OpCase> cases() {
    return OpCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void forwardIsTheReferences(OpCase op) {
    assertNotNull(op.reference, "a reference");
    Tensor[] x = op.inputs(device);
    double[] expected =
        op.reference.apply(Arrays.stream(x).map(Tensor::toDoubleArray).toArray(double[][]::new));
    try (Tape tape = Tape.training(device, 1, 0);
        Tape narrow = Tape.training(device, 1, 0)) {
      Var[] wide = Arrays.stream(x).map(tape::variable).toArray(Var[]::new);
      expect(expected, op.function.apply(tape, wide).value().toDoubleArray(), 1e-9);
      Var[] floats = Arrays.stream(x).map(t -> floats(narrow, t)).toArray(Var[]::new);
      expect(expected, op.function.apply(narrow, floats).value().toDoubleArray(), op.tolerance);
    } finally {
      close(x);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientIsTheSlope(OpCase op) {
    TestDevice.notEmulated(device);
    Tensor[] x = op.inputs(device);
    try {
      if (op.differentiable) {
        GradientCheck.check(device, op.function, x);
      } else {
        assertThrows(
            UnsupportedOperationException.class, () -> GradientCheck.check(device, op.function, x));
      }
      if (op.twice) {
        GradientCheck.checkTwice(device, op.function, x);
      }
    } finally {
      close(x);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void floatGradientIsTheDoubleOne(OpCase op) {
    if (!op.differentiable) {
      return;
    }
    Tensor[] x = op.inputs(device);
    try (Tape wide = Tape.training(device, 1, 0);
        Tape narrow = Tape.training(device, 1, 0)) {
      Var[] doubles = Arrays.stream(x).map(wide::variable).toArray(Var[]::new);
      Var[] floats = Arrays.stream(x).map(t -> floats(narrow, t)).toArray(Var[]::new);
      Var[] expected = gradients(wide, op.function.apply(wide, doubles), doubles);
      Var[] actual = gradients(narrow, op.function.apply(narrow, floats), floats);
      for (int i = 0; i < x.length; i++) {
        assertEquals(expected[i] == null, actual[i] == null);
        if (expected[i] != null) {
          expect(
              expected[i].value().toDoubleArray(),
              actual[i].value().toDoubleArray(),
              10 * op.tolerance);
        }
      }
    } finally {
      close(x);
    }
  }

  private static Var[] gradients(Tape tape, Var y, Var... x) {
    float[] ones = new float[(int) y.size()];
    Arrays.fill(ones, 1);
    Tensor dy = tape.empty(y.dtype(), y.shape());
    dy.copyFrom(ones);
    return tape.differentiate(y, dy, false, x);
  }

  private static Var floats(Tape tape, Tensor wide) {
    return tape.variable(tape.own(Tensor.of(tape.device(), wide.toArray(), wide.shape())));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void refusesWhatItCannotDo(OpCase op) {
    Tensor[] x = op.inputs(device);
    try {
      for (OpCase.Refusal refusal : op.refusals) {
        try (Tape tape = Tape.training(device, 1, 0)) {
          Var[] vars = Arrays.stream(x).map(tape::variable).toArray(Var[]::new);
          RuntimeException e =
              assertThrows(RuntimeException.class, () -> refusal.call().apply(tape, vars));
          assertTrue(
              e instanceof IllegalArgumentException || e instanceof IllegalStateException,
              e::toString);
          assertTrue(e.getMessage().contains(refusal.part()), e.getMessage());
        }
      }
    } finally {
      close(x);
    }
  }

  /** Fails for an operation without a forward, gradient and negative test. */
  @Test
  void everyOperationIsCovered() throws Exception {
    List<OpCase> all = OpCases.all().toList();
    TreeSet<String> missing = new TreeSet<>();
    for (Class<?> op : operations()) {
      List<OpCase> cases = all.stream().filter(c -> c.op == op).toList();
      if (cases.isEmpty()) {
        missing.add(op.getSimpleName() + ": no case");
      } else if (cases.stream().allMatch(c -> c.refusals.isEmpty())) {
        missing.add(op.getSimpleName() + ": no refusal");
      }
    }
    assertTrue(missing.isEmpty(), missing::toString);
  }

  // The public operations of autograd.op; package-private ones are gradients of others.
  private static List<Class<?>> operations() throws Exception {
    URI tanh = Tanh.class.getResource("Tanh.class").toURI();
    if (!tanh.getScheme().equals("jar")) {
      return operations(Path.of(tanh).getParent());
    }
    try (FileSystem jar = FileSystems.newFileSystem(tanh, Map.of())) {
      return operations(jar.provider().getPath(tanh).getParent());
    }
  }

  private static List<Class<?>> operations(Path folder)
      throws IOException, ReflectiveOperationException {
    List<Class<?>> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.collect(Collectors.toList())) {
        String name = file.getFileName().toString().replace(".class", "");
        if (name.equals("package-info") || name.contains("$")) {
          continue;
        }
        Class<?> type = Class.forName(Tanh.class.getPackageName() + "." + name);
        if (Op.class.isAssignableFrom(type)
            && Modifier.isPublic(type.getModifiers())
            && !Modifier.isAbstract(type.getModifiers())) {
          found.add(type);
        }
      }
    }
    assertTrue(found.contains(Tanh.class));
    return found;
  }

  private static void expect(double[] expected, double[] actual, double relative) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      double tolerance = relative * Math.max(1, Math.abs(expected[i]));
      if (Double.isInfinite(expected[i]) || Double.isNaN(expected[i])) {
        assertEquals(expected[i], actual[i], "element " + i);
      } else {
        assertEquals(expected[i], actual[i], tolerance, "element " + i);
      }
    }
  }

  private static void close(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      tensor.close();
    }
  }
}
