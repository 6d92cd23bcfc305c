// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import java.util.Objects;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Convolution;
import org.generatrix.autograd.op.PackedWeights;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Fusible;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * What convolutions of either direction share: "weight" and "bias", and the packed weights, which
 * are made once for as long as the weights stay as they are.
 *
 * <p>Unless another initialiser is given, weights begin uniform with variance 2 / fan (He et al.
 * 2015), where the fan is what an output pixel sums: of a mask its live taps, of a transposed
 * convolution the taps of one of its phases. Biases begin at 0.
 */
public abstract class ConvLayer extends Module implements Fusible {
  private final long in;
  private final long out;
  private final Window window;
  private final TapMask mask;
  private final boolean transposed;
  private final Tensor weight;
  private final Tensor bias; // or null
  private final PackedWeights packed;

  ConvLayer(
      Device device,
      DType dtype,
      long in,
      long out,
      Window window,
      TapMask mask,
      boolean withBias,
      Initialiser initialiser,
      boolean transposed) {
    int groups = window.groups();
    if (in < 1 || out < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "expected channels that %d groups divide, got %d in and %d out"
              .formatted(groups, in, out));
    }
    this.in = in;
    this.out = out;
    this.window = window;
    this.mask = Objects.requireNonNull(mask, "mask");
    this.transposed = transposed;
    Objects.requireNonNull(initialiser, "initialiser");
    long[] shape = new long[window.axes() + 2];
    shape[0] = transposed ? in : out;
    shape[1] = (transposed ? out : in) / groups;
    for (int a = 0; a < window.axes(); a++) {
      shape[a + 2] = window.kernel().get(a);
    }
    weight = parameter("weight", Tensor.zeros(device, dtype, shape), initialiser);
    bias =
        withBias ? parameter("bias", Tensor.zeros(device, dtype, out), Initialiser.zeros()) : null;
    packed = own(new PackedWeights(weight));
  }

  /** Uniform with variance 2 / fan. */
  static Initialiser he(long in, Window w, TapMask m, boolean transposed) {
    double phases = transposed ? w.stride().stream().reduce(1, Math::multiplyExact) : 1;
    double fan = (double) in / w.groups() * m.live(w) / phases;
    double limit = Math.sqrt(6 / Math.max(1, fan));
    return Initialiser.uniform(-limit, limit);
  }

  /** Channels of x. */
  public final long in() {
    return in;
  }

  /** Channels of the result. */
  public final long out() {
    return out;
  }

  public final Window window() {
    return window;
  }

  public final TapMask mask() {
    return mask;
  }

  /** This layer's own. */
  public final Tensor weight() {
    return weight;
  }

  /** b [out], or null; this layer's own. */
  public final Tensor bias() {
    return bias;
  }

  @Override
  public final Var apply(Var x, Activation f, double p) {
    Tape tape = x.tape();
    return Convolution.of(
        x,
        tape.variable(weight),
        bias == null ? null : tape.variable(bias),
        window,
        mask,
        transposed,
        f,
        p,
        packed);
  }
}
