// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_auto;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_data_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_backward_weights_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_deconvolution_backward_data_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_deconvolution_backward_weights_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_deconvolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_deconvolution_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.generatrix.bench.conv.ConvCase;
import org.generatrix.bench.conv.ConvPass;

/**
 * A convolution by oneDNN's primitives. Weights go into the layout a primitive likes: before, where
 * ours may be packed before, else in the call. Pictures stay as they are, or lie in blocks of
 * channels before and after, which is not timed; masks are put on the weights before.
 */
public final class OneDnnConv implements AutoCloseable {
  private final ConvCase c;
  private final boolean blocked;
  private final OneDnn dnnl = new OneDnn();
  private final List<Runnable> before = new ArrayList<>();
  private final List<Runnable> timed = new ArrayList<>();
  private final List<Runnable> after = new ArrayList<>();
  private final dnnl_primitive_attr none = new dnnl_primitive_attr();
  private final long[] stride;
  private final long[] padding;
  private final long[] dilation; // taps left out between two
  private final long[] weightDims;
  private final OneDnn.Memory x;
  private final OneDnn.Memory weight;
  private final OneDnn.Memory b;
  private final OneDnn.Memory dy;
  private final OneDnn.Memory y;
  private final OneDnn.Memory dx;
  private final OneDnn.Memory dWeight;

  /** The values of all operands, and which layout of pictures to take. */
  public OneDnnConv(
      ConvCase c,
      ConvPass pass,
      boolean blocked,
      float[] x,
      float[] weight,
      float[] b,
      float[] dy) {
    this.c = c;
    this.blocked = blocked;
    stride = new long[] {c.stride(), c.stride()};
    padding = new long[] {c.padding(), c.padding()};
    dilation = new long[] {c.dilation() - 1, c.dilation() - 1};
    int k = c.kernel();
    long in = c.in() / c.groups();
    long out = c.out() / c.groups();
    boolean grouped = c.groups() > 1;
    weightDims = grouped ? new long[] {c.groups(), out, in, k, k} : new long[] {out, in, k, k};
    long row = (c.transposed() ? out : in) * k * k;
    long toOut = c.transposed() ? (long) k * k : row;
    long toIn = c.transposed() ? row : (long) k * k;
    dnnl_memory_desc weights =
        grouped
            ? dnnl.strided(weightDims, in * out * k * k, toOut, toIn, k, 1)
            : dnnl.strided(weightDims, toOut, toIn, k, 1);
    this.x = dnnl.memory(dnnl.rowMajor(c.xShape()), x);
    this.weight = dnnl.memory(weights, masked(weight));
    this.b = dnnl.memory(dnnl.rowMajor(c.out()), b);
    this.dy = dnnl.memory(dnnl.rowMajor(c.yShape()), dy);
    y = dnnl.memory(this.dy.layout());
    dx = dnnl.memory(this.x.layout());
    dWeight = dnnl.memory(weights);

    dnnl_primitive_desc forward = forward();
    if (pass.forward()) {
      Map<Integer, OneDnn.Memory> operands = new LinkedHashMap<>();
      operands.put(DNNL_ARG_SRC, in(forward, DNNL_ARG_SRC, this.x, before));
      operands.put(
          DNNL_ARG_WEIGHTS,
          in(forward, DNNL_ARG_WEIGHTS, this.weight, pass == ConvPass.PACKED ? before : timed));
      operands.put(DNNL_ARG_BIAS, this.b);
      operands.put(DNNL_ARG_DST, out(forward, DNNL_ARG_DST, y, after));
      timed.add(dnnl.step(forward, operands)::run);
    }
    if (pass.backward()) {
      backwardData(forward);
      backwardWeights(forward);
    }
    // Copies out stand behind the primitives in whose list they are.
    before.forEach(Runnable::run);
  }

  public String label() {
    return blocked ? "blocked" : "NCHW";
  }

  private float[] masked(float... values) {
    float[] result = values.clone();
    float[] mask = c.mask();
    for (int i = 0; i < result.length; i++) {
      result[i] *= mask[i];
    }
    return result;
  }

  private dnnl_memory_desc pictures(long... dims) {
    return blocked ? dnnl.any(dims) : dnnl.rowMajor(dims);
  }

  private OneDnn.Memory in(
      dnnl_primitive_desc of, int argument, OneDnn.Memory plain, List<Runnable> when) {
    OneDnn.Memory liked = dnnl.like(plain, OneDnn.layout(of, argument));
    when.add(dnnl.reorder(plain, liked));
    return liked;
  }

  private OneDnn.Memory out(
      dnnl_primitive_desc of, int argument, OneDnn.Memory plain, List<Runnable> when) {
    OneDnn.Memory liked = dnnl.like(plain, OneDnn.layout(of, argument));
    when.add(dnnl.reorder(liked, plain));
    return liked;
  }

  private dnnl_primitive_desc forward() {
    dnnl_primitive_desc made = new dnnl_primitive_desc();
    dnnl_memory_desc from = pictures(c.xShape());
    dnnl_memory_desc weights = dnnl.any(weightDims);
    dnnl_memory_desc to = pictures(c.yShape());
    OneDnn.check(
        c.transposed()
            ? dnnl_deconvolution_forward_primitive_desc_create(
                made,
                dnnl.engine,
                dnnl_forward_training,
                dnnl_deconvolution_direct,
                from,
                weights,
                b.layout(),
                to,
                stride,
                dilation,
                padding,
                padding,
                none)
            : dnnl_convolution_forward_primitive_desc_create(
                made,
                dnnl.engine,
                dnnl_forward_training,
                dnnl_convolution_auto,
                from,
                weights,
                b.layout(),
                to,
                stride,
                dilation,
                padding,
                padding,
                none));
    return made;
  }

  private void backwardData(dnnl_primitive_desc forward) {
    dnnl_primitive_desc made = new dnnl_primitive_desc();
    dnnl_memory_desc to = pictures(c.xShape());
    dnnl_memory_desc weights = dnnl.any(weightDims);
    dnnl_memory_desc from = pictures(c.yShape());
    OneDnn.check(
        c.transposed()
            ? dnnl_deconvolution_backward_data_primitive_desc_create(
                made,
                dnnl.engine,
                dnnl_deconvolution_direct,
                to,
                weights,
                from,
                stride,
                dilation,
                padding,
                padding,
                forward,
                none)
            : dnnl_convolution_backward_data_primitive_desc_create(
                made,
                dnnl.engine,
                dnnl_convolution_auto,
                to,
                weights,
                from,
                stride,
                dilation,
                padding,
                padding,
                forward,
                none));
    Map<Integer, OneDnn.Memory> operands = new LinkedHashMap<>();
    operands.put(DNNL_ARG_DIFF_DST, in(made, DNNL_ARG_DIFF_DST, dy, before));
    operands.put(DNNL_ARG_WEIGHTS, in(made, DNNL_ARG_WEIGHTS, weight, timed));
    operands.put(DNNL_ARG_DIFF_SRC, out(made, DNNL_ARG_DIFF_SRC, dx, after));
    timed.add(dnnl.step(made, operands)::run);
  }

  private void backwardWeights(dnnl_primitive_desc forward) {
    dnnl_primitive_desc made = new dnnl_primitive_desc();
    dnnl_memory_desc from = pictures(c.xShape());
    dnnl_memory_desc weights = dnnl.any(weightDims);
    dnnl_memory_desc to = pictures(c.yShape());
    OneDnn.check(
        c.transposed()
            ? dnnl_deconvolution_backward_weights_primitive_desc_create(
                made,
                dnnl.engine,
                dnnl_deconvolution_direct,
                from,
                weights,
                null,
                to,
                stride,
                dilation,
                padding,
                padding,
                forward,
                none)
            : dnnl_convolution_backward_weights_primitive_desc_create(
                made,
                dnnl.engine,
                dnnl_convolution_auto,
                from,
                weights,
                null,
                to,
                stride,
                dilation,
                padding,
                padding,
                forward,
                none));
    List<Runnable> copies = new ArrayList<>();
    Map<Integer, OneDnn.Memory> operands = new LinkedHashMap<>();
    operands.put(DNNL_ARG_SRC, in(made, DNNL_ARG_SRC, x, before));
    operands.put(DNNL_ARG_DIFF_DST, in(made, DNNL_ARG_DIFF_DST, dy, before));
    operands.put(DNNL_ARG_DIFF_WEIGHTS, out(made, DNNL_ARG_DIFF_WEIGHTS, dWeight, copies));
    timed.add(dnnl.step(made, operands)::run);
    timed.addAll(copies);
  }

  public void run() {
    timed.forEach(Runnable::run);
  }

  /** The result as a plain array; the last call's. */
  public float[] y() {
    return values(y);
  }

  public float[] dx() {
    return values(dx);
  }

  public float[] dWeight() {
    return values(dWeight);
  }

  private float[] values(OneDnn.Memory memory) {
    after.forEach(Runnable::run);
    float[] values = new float[Math.toIntExact(memory.data().capacity())];
    memory.data().get(values);
    return values;
  }

  @Override
  public void close() {
    dnnl.close();
  }
}
