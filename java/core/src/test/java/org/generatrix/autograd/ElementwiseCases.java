// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.stream.Stream;
import org.generatrix.autograd.op.Tanh;
import org.generatrix.tensor.Tensor;

/** Operations that work element by element. */
final class ElementwiseCases {
  private ElementwiseCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
        OpCase.unary(Tanh.class, (tape, x) -> Tanh.of(x[0]), Math::tanh)
            .refuses("FLOAT32 or FLOAT64", ElementwiseCases::bits));
  }

  /** A tanh of packed bits. */
  private static Var bits(Tape tape, Var... x) {
    return Tanh.of(tape.constant(tape.own(Tensor.bits(tape.device(), 2, 3))));
  }
}
