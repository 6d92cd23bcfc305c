// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.binding.RandomOps;
import org.generatrix.binding.Rng;
import org.generatrix.binding.View;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * Random numbers on a tape, each draw the tape's next: constants, no gradient flows to them. The
 * first axis is the batch: what an example gets does not depend on how many others there are.
 */
public final class Draws {
  private interface Draw {
    void into(Device device, Rng rng, long rows, long units, View out);
  }

  private Draws() {}

  /** In [0, 1). */
  public static Var uniform(Tape tape, DType dtype, long... shape) {
    return draw(tape, dtype, RandomOps::uniform, shape);
  }

  /** Of mean 0 and variance 1. */
  public static Var normal(Tape tape, DType dtype, long... shape) {
    return draw(
        tape,
        dtype,
        (device, rng, rows, units, out) -> RandomOps.normal(device, rng, 0, 1, rows, units, out),
        shape);
  }

  /** Of rate 1. */
  public static Var exponential(Tape tape, DType dtype, long... shape) {
    return draw(tape, dtype, RandomOps::exponential, shape);
  }

  /** Standard Gumbel: argmax(l + gumbel) is a draw from softmax(l). */
  public static Var gumbel(Tape tape, DType dtype, long... shape) {
    return draw(tape, dtype, RandomOps::gumbel, shape);
  }

  /** 1 with probability p, else 0; of p's shape and format. */
  public static Var bernoulli(Var p) {
    View chance = p.view();
    return draw(
        p.tape(),
        p.dtype(),
        (device, rng, rows, units, out) ->
            RandomOps.bernoulli(device, rng, rows, units, chance, out),
        p.shape());
  }

  /** Gamma of the given shapes, each positive, and rate 1. */
  public static Var gamma(Var shapes) {
    View a = shapes.view();
    return draw(
        shapes.tape(),
        shapes.dtype(),
        (device, rng, rows, units, out) -> RandomOps.gamma(device, rng, a, rows, units, out),
        shapes.shape());
  }

  private static Var draw(Tape tape, DType dtype, Draw draw, long... shape) {
    Tensor out = tape.empty(dtype, shape);
    long rows = shape.length == 0 ? 1 : shape[0];
    draw.into(tape.device(), tape.nextRng(), rows, Batch.product(shape, 1), out.view());
    return tape.constant(out);
  }
}
