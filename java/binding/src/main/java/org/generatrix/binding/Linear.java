// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_linear_params;
import org.generatrix.binding.abi.gx_matmul_params;

/** linear.h: dense matrix products and layers. */
public final class Linear {

  /**
   * Shapes of a product; mirrors gx_matmul_params.
   *
   * @param batch matrices of each operand
   * @param m rows of op(A) and C
   * @param n columns of op(B) and C
   * @param k columns of op(A), rows of op(B)
   * @param transposeA A is stored as [k, m]
   * @param transposeB B is stored as [n, k]
   * @param sharedA all of the batch have the same A
   * @param sharedB all of the batch have the same B
   */
  public record Product(
      long batch,
      long m,
      long n,
      long k,
      boolean transposeA,
      boolean transposeB,
      boolean sharedA,
      boolean sharedB) {}

  /** Sizes and activation of a layer; mirrors gx_linear_params. */
  public record Shape(long rows, long inputs, long outputs, Activation activation, double p) {}

  private Linear() {}

  /** C = op(A) op(B), or C + op(A) op(B), for each matrix of the batch. */
  public static void matmul(Device device, Product p, boolean accumulate, View a, View b, View c) {
    long sizeOfA = Math.multiplyExact(p.m, p.k);
    long sizeOfB = Math.multiplyExact(p.k, p.n);
    long sizeOfC = Math.multiplyExact(p.m, p.n);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_matmul(
              frame.device(),
              frame.format(c),
              Params.OF_THREAD.get().matmul.fill(p, accumulate, sizeOfA, sizeOfB, sizeOfC),
              frame.array("A", a, Math.multiplyExact(p.sharedA ? 1 : p.batch, sizeOfA)),
              frame.array("B", b, Math.multiplyExact(p.sharedB ? 1 : p.batch, sizeOfB)),
              frame.array("C", c, Math.multiplyExact(p.batch, sizeOfC))));
    } finally {
      frame.exit();
    }
  }

  /** y = f(x W' + b) with x[rows, inputs], W[outputs, inputs], b[outputs] or null. */
  public static void linear(Device device, Shape p, View x, View weight, View b, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_linear(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().linear.fill(p),
              frame.array("x", x, Math.multiplyExact(p.rows, p.inputs)),
              frame.array("W", weight, Math.multiplyExact(p.outputs, p.inputs)),
              frame.optional("b", b, p.outputs),
              frame.array("y", y, Math.multiplyExact(p.rows, p.outputs))));
    } finally {
      frame.exit();
    }
  }

  /**
   * dx = dz W, dW = dz' x, db = the sum of the rows of dz, where dz = dy f'(z).
   *
   * @param y null if there is no activation
   * @param x null if dW is
   * @param weight null if dx is
   * @param dx null if it is not wanted, like dW and db
   */
  public static void linearBackward(
      Device device,
      Shape p,
      View dy,
      View y,
      View x,
      View weight,
      View dx,
      View dWeight,
      View db) {
    long input = Math.multiplyExact(p.rows, p.inputs);
    long output = Math.multiplyExact(p.rows, p.outputs);
    long size = Math.multiplyExact(p.outputs, p.inputs);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_linear_backward(
              frame.device(),
              frame.format(dy),
              Params.OF_THREAD.get().linear.fill(p),
              frame.array("dy", dy, output),
              frame.optional("y", y, output),
              frame.optional("x", x, input),
              frame.optional("W", weight, size),
              frame.optional("dx", dx, input),
              frame.optional("dW", dWeight, size),
              frame.optional("db", db, p.outputs)));
    } finally {
      frame.exit();
    }
  }

  private static final class Params {
    static final ThreadLocal<Params> OF_THREAD = ThreadLocal.withInitial(Params::new);

    final MatmulStruct matmul = new MatmulStruct();
    final LinearStruct linear = new LinearStruct();
  }

  private static final class MatmulStruct extends Struct<gx_matmul_params> {
    private static final int BATCH = at(gx_matmul_params.class, "batch");
    private static final int M = at(gx_matmul_params.class, "m");
    private static final int N = at(gx_matmul_params.class, "n");
    private static final int K = at(gx_matmul_params.class, "k");
    private static final int A_STEP = at(gx_matmul_params.class, "a_step");
    private static final int B_STEP = at(gx_matmul_params.class, "b_step");
    private static final int C_STEP = at(gx_matmul_params.class, "c_step");
    private static final int TRANSPOSE_A = at(gx_matmul_params.class, "transpose_a");
    private static final int TRANSPOSE_B = at(gx_matmul_params.class, "transpose_b");
    private static final int ACCUMULATE = at(gx_matmul_params.class, "accumulate");

    MatmulStruct() {
      super(gx_matmul_params.class, gx_matmul_params::new);
    }

    gx_matmul_params fill(Product p, boolean accumulate, long sizeA, long sizeB, long sizeC) {
      fields.putLong(BATCH, p.batch);
      fields.putLong(M, p.m);
      fields.putLong(N, p.n);
      fields.putLong(K, p.k);
      fields.putLong(A_STEP, p.sharedA ? 0 : sizeA);
      fields.putLong(B_STEP, p.sharedB ? 0 : sizeB);
      fields.putLong(C_STEP, sizeC);
      fields.putInt(TRANSPOSE_A, p.transposeA ? 1 : 0);
      fields.putInt(TRANSPOSE_B, p.transposeB ? 1 : 0);
      fields.putInt(ACCUMULATE, accumulate ? 1 : 0);
      return pointer;
    }
  }

  private static final class LinearStruct extends Struct<gx_linear_params> {
    private static final int ROWS = at(gx_linear_params.class, "rows");
    private static final int INPUTS = at(gx_linear_params.class, "inputs");
    private static final int OUTPUTS = at(gx_linear_params.class, "outputs");
    private static final int ACTIVATION = at(gx_linear_params.class, "activation");
    private static final int ACTIVATION_P = at(gx_linear_params.class, "activation_p");

    LinearStruct() {
      super(gx_linear_params.class, gx_linear_params::new);
    }

    gx_linear_params fill(Shape p) {
      fields.putLong(ROWS, p.rows);
      fields.putLong(INPUTS, p.inputs);
      fields.putLong(OUTPUTS, p.outputs);
      fields.putInt(ACTIVATION, p.activation.ordinal());
      fields.putDouble(ACTIVATION_P, p.p);
      return pointer;
    }
  }
}
