// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;
import org.generatrix.binding.Elementwise;
import org.generatrix.tensor.Tensor;

/**
 * da = dy df/da, db = dy df/db in one pass, of the result's shape. It has no gradient of its own.
 */
final class BinaryGradient extends Op {
  /** Adds to the gradients of the two inputs, summed back to their shapes. */
  static void flow(Binary f, Flow g) {
    flow(f, g, g.input(1).shape());
  }

  /** The second input seen with a shape of as many elements. */
  static void flow(Binary f, Flow g, long... shapeOfB) {
    Var a = g.input(0);
    Var b = g.input(1);
    Var dy = g.gradient();
    Tensor da = g.wants(0) ? dy.tape().empty(dy.dtype(), dy.shape()) : null;
    Tensor db = g.wants(1) ? dy.tape().empty(dy.dtype(), dy.shape()) : null;
    Elementwise.binaryBackward(
        dy.tape().device(),
        f,
        a.shape(),
        shapeOfB,
        a.view(),
        b.view(),
        dy.view(),
        da == null ? null : da.view(),
        db == null ? null : db.view());
    if (da != null) {
      g.add(0, Sum.to(new BinaryGradient().record(da, a, b, dy), a.shape()));
    }
    if (db != null) {
      g.add(1, Sum.to(new BinaryGradient().record(db, a, b, dy), shapeOfB, b.shape()));
    }
  }
}
