// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.broadcastTo;
import static org.generatrix.autograd.Functions.concat;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.model.flow.RealNvpConfig.Norm;
import org.generatrix.nn.BatchNorm;
import org.generatrix.nn.Fusible;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.nn.Sequential;
import org.generatrix.nn.conv.Conv;
import org.generatrix.nn.conv.WeightNormConv;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * The network of a RealNVP's coupling: residual blocks, of which all results are added up (Dinh et
 * al. 2017, section 4.1; He et al., "Identity mappings in deep residual networks", 2016).
 *
 * <pre>
 * h = conv_3x3(x) + W context                                        width channels
 * r = conv_1x1(h)
 * h = h + conv_3x3(relu(norm(conv_3x3(relu(norm(h))))));  r = r + conv_1x1(h)    each block
 * y = conv_1x1(relu(norm(r)))                                        out channels
 * </pre>
 *
 * <p>Of a checkerboard x is the picture with 0 in the places of what is changed, and a further
 * channel with 1 in those of what is kept. The norm is batch norm; or there is none, and every
 * convolution but the last has normalised weights. The last one begins at 0, and so y is 0 before
 * any training.
 */
final class ConvResidualNet extends Module implements Conditioner {
  private static final Window THREE = Window.of(3, 3).padding(1);
  private static final Window ONE = Window.of(1, 1);
  private static final double EPSILON = 1e-4;

  private final Device device;
  private final DType dtype;
  private final int width;
  private final Norm norm;
  private final Tensor places; // [1, 1, height, width], or null
  private final Layer first;
  private final Linear context; // or null
  private final List<Layer> blocks = new ArrayList<>();
  private final List<Layer> skips = new ArrayList<>(); // of the first layer and of each block
  private final Layer last;

  /**
   * @param in channels that it is shown
   * @param places 1 where a checkerboard keeps, [1, 1, height, width]; now this network's; else
   *     null
   * @param width channels inside
   * @param out channels of s and t together
   */
  ConvResidualNet(
      Device device, DType dtype, RealNvpConfig config, int in, Tensor places, int width, int out) {
    this.device = device;
    this.dtype = dtype;
    this.width = width;
    this.places = places == null ? null : own(places);
    norm = config.norm();
    int seen = places == null ? in : in + 1;
    // A batch norm takes away what a bias in front of it adds, and the sum of all skips needs one.
    boolean bias = norm != Norm.BATCH;
    first = child("first", new Sequential(conv(seen, THREE, bias)));
    context = config.context() == 0 ? null : child("context", linear(config.context()));
    skips.add(child("skip", new Sequential(conv(width, ONE, bias))));
    for (int i = 0; i < config.blocks(); i++) {
      Fusible inner = conv(width, THREE, bias);
      Sequential block = new Sequential(relu(), inner, relu(), conv(width, THREE, bias));
      blocks.add(child("block" + i, block));
      skips.add(child("skip" + i, new Sequential(conv(width, ONE, false))));
    }
    TapMask all = TapMask.all();
    Conv zero = new Conv(device, dtype, width, out, ONE, all, true, Initialiser.zeros());
    last = child("last", new Sequential(relu(), zero));
  }

  private Fusible conv(int in, Window w, boolean bias) {
    return norm == Norm.BATCH
        ? new Conv(device, dtype, in, width, w, TapMask.all(), bias)
        : new WeightNormConv(device, dtype, in, width, w, bias);
  }

  /** With the norm in front of it, if there is one. */
  private Layer relu() {
    return norm == Norm.BATCH
        ? new BatchNorm(device, dtype, width, 0.1, EPSILON, true, true)
        : Nonlinearity.RELU;
  }

  private Linear linear(int in) {
    return new Linear(device, dtype, in, width, false, Initialiser.glorotUniform());
  }

  /** From [n, in, height, width] to s and then t, [n, out, height, width]. */
  @Override
  public Var apply(Var x, Var given) {
    Var h = first.apply(places == null ? x : masked(x));
    if (context != null) {
      h = h.add(context.apply(given).reshape(h.shape()[0], width, 1, 1));
    }
    Var r = skips.get(0).apply(h);
    for (int i = 0; i < blocks.size(); i++) {
      h = h.add(blocks.get(i).apply(h));
      r = r.add(skips.get(i + 1).apply(h));
    }
    return last.apply(r);
  }

  private Var masked(Var x) {
    long[] shape = x.shape();
    shape[1] = 1;
    Var b = x.tape().constant(places);
    return concat(1, x.mul(b), broadcastTo(b, shape));
  }
}
