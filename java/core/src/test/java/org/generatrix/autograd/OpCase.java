// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;

/**
 * What the generic tests need to know of an operation: inputs, how to call it, the same in plain
 * Java, and what it must refuse. An operation may have several cases: shapes at the edges, options.
 */
final class OpCase {
  /** The operation in plain Java: the inputs' elements to the output's. */
  interface Reference {
    double[] apply(double[]... x);
  }

  /** A call that must throw IllegalArgumentException with this part in its sentence. */
  record Refusal(String part, GradientCheck.Function call) {}

  private record Input(long[] shape, double low, double high, double[] values) {}

  final Class<? extends Op> op;
  final String name;
  private final List<Input> inputs = new ArrayList<>();
  final List<Refusal> refusals = new ArrayList<>();
  GradientCheck.Function function;
  Reference reference;
  boolean differentiable = true;
  boolean twice;
  double tolerance = 1e-5; // of float32 against the plain Java, relative to max(1, |expected|)

  private OpCase(Class<? extends Op> op, String name) {
    this.op = op;
    this.name = name;
  }

  static OpCase of(Class<? extends Op> op, String name) {
    return new OpCase(op, name);
  }

  /** A case of an elementwise function of one input. */
  static OpCase unary(
      Class<? extends Op> op, GradientCheck.Function function, DoubleUnaryOperator f) {
    return of(op, "[3, 5]")
        .input(-2, 2, 3, 5)
        .calls(function)
        .expects(x -> java.util.Arrays.stream(x[0]).map(f).toArray());
  }

  /** Random elements in [low, high), the same each time. */
  OpCase input(double low, double high, long... shape) {
    inputs.add(new Input(shape, low, high, null));
    return this;
  }

  /** Given elements, for kinks, ties and extremes. */
  OpCase input(double[] values, long... shape) {
    inputs.add(new Input(shape, 0, 0, values));
    return this;
  }

  OpCase calls(GradientCheck.Function f) {
    function = f;
    return this;
  }

  OpCase expects(Reference f) {
    reference = f;
    return this;
  }

  OpCase twiceDifferentiable() {
    twice = true;
    return this;
  }

  /** The operation has no gradient; asking for one is refused. */
  OpCase notDifferentiable() {
    differentiable = false;
    return this;
  }

  OpCase tolerance(double relative) {
    tolerance = relative;
    return this;
  }

  OpCase refuses(String part, GradientCheck.Function call) {
    refusals.add(new Refusal(part, call));
    return this;
  }

  /** The inputs in double; the caller closes them. */
  Tensor[] inputs(Device device) {
    Random random = new Random(99);
    return inputs.stream()
        .map(
            input -> {
              double[] values = input.values();
              if (values == null) {
                int size = 1;
                for (long extent : input.shape()) {
                  size *= (int) extent;
                }
                values = random.doubles(size, input.low(), input.high()).toArray();
                for (int i = 0; i < size; i++) {
                  values[i] = (float) values[i]; // the same number in either format
                }
              }
              return Tensor.of(device, values, input.shape());
            })
        .toArray(Tensor[]::new);
  }

  @Override
  public String toString() {
    return op.getSimpleName() + " " + name;
  }
}
