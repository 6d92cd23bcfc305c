// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Every case of every operation: a line per family. */
final class OpCases {
  private static final List<Supplier<Stream<OpCase>>> FAMILIES =
      List.of( //
          ConvCases::all, //
          CouplingCases::all, //
          DenseCases::all, //
          ElementwiseCases::all, //
          LossCases::all, //
          NormCases::all, //
          ResamplingCases::all, //
          RecurrentCases::all, //
          ReduceCases::all, //
          SoftmaxCases::all, //
          ShapeCases::all //
          );

  private OpCases() {}

  static Stream<OpCase> all() {
    return FAMILIES.stream().flatMap(Supplier::get);
  }
}
