// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Resampling;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Fusible;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;

/**
 * A transposed convolution of low rank: one along each axis after the other, "0", "1", .., with
 * {@code rank} channels in between: k rank (in + out) weights where a full k x k one has k k in out
 * (Wojna et al., "The devil is in the decoder", 2017). On request the bilinear additive up-sampling
 * of x is added, the paper's residual-like connection.
 */
public final class DecomposedConvTranspose extends Module implements Fusible {
  private final List<ConvTranspose> factors = new ArrayList<>();
  private final boolean residual;

  /** As many channels in between as come out, nothing added. */
  public DecomposedConvTranspose(Device device, long in, long out, Window window) {
    this(device, DType.FLOAT32, in, out, out, window, true, false);
  }

  /**
   * @param rank channels in between, at least 1
   * @param window without groups
   * @param withBias of the last factor; the others have none
   * @param residual whether to add the bilinear additive up-sampling: for two axes, windows that
   *     double the size, and in = 4 out
   */
  public DecomposedConvTranspose(
      Device device,
      DType dtype,
      long in,
      long out,
      long rank,
      Window window,
      boolean withBias,
      boolean residual) {
    if (in < 1 || out < 1 || rank < 1 || window.groups() != 1) {
      throw new IllegalArgumentException(
          "expected channels and a rank of at least 1 in one group, got %d in, %d out, rank %d in %d"
              .formatted(in, out, rank, window.groups()));
    }
    if (residual && (window.axes() != 2 || in != 4 * out)) {
      throw new IllegalArgumentException(
          "expected two axes and 4 times as many channels in as out for a residual, got %d axes, %d in and %d out"
              .formatted(window.axes(), in, out));
    }
    this.residual = residual;
    int axes = window.axes();
    for (int a = 0; a < axes; a++) {
      boolean last = a == axes - 1;
      factors.add(
          child(
              String.valueOf(a),
              new ConvTranspose(
                  device,
                  dtype,
                  a == 0 ? in : rank,
                  last ? out : rank,
                  along(window, a),
                  TapMask.all(),
                  last && withBias)));
    }
  }

  // The window along one axis, a point along the others.
  private static Window along(Window w, int axis) {
    int axes = w.axes();
    int[] kernel = new int[axes];
    int[] stride = new int[axes];
    int[] padding = new int[axes];
    int[] dilation = new int[axes];
    int[] outputPadding = new int[axes];
    for (int a = 0; a < axes; a++) {
      boolean here = a == axis;
      kernel[a] = here ? w.kernel().get(a) : 1;
      stride[a] = here ? w.stride().get(a) : 1;
      padding[a] = here ? w.padding().get(a) : 0;
      dilation[a] = here ? w.dilation().get(a) : 1;
      outputPadding[a] = here ? w.outputPadding().get(a) : 0;
    }
    return Window.of(kernel)
        .stride(stride)
        .padding(padding)
        .dilation(dilation)
        .outputPadding(outputPadding);
  }

  @Override
  public Var apply(Var x, Activation f, double p) {
    int last = factors.size() - 1;
    Var y = x;
    for (ConvTranspose factor : factors.subList(0, last)) {
      y = factor.apply(y);
    }
    y = factors.get(last).apply(y, f, p);
    return residual ? y.add(Resampling.bilinearAdditive(x)) : y;
  }
}
