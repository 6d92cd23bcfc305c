// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Coupling;
import org.generatrix.binding.Norm;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = x e^l_c + b_c for x [n, channels, ..]; log det = pixels sum_c l_c: the diagonal scaling of
 * NICE (Dinh, Krueger, Bengio 2015, section 3.3) where the channels are the units, actnorm (Kingma
 * and Dhariwal, "Glow", 2018, section 3.1). The inverse is x = (y - b_c) e^-l_c.
 *
 * <p>With g = dy and c = dlogDet of an example: dx = g e^l, dl = sum of g x e^l and pixels c, db =
 * sum g, summed in double.
 */
public final class ChannelScale extends MappedOp {
  private final Coupling.ChannelAffine p;
  private final int logScale; // which input it is, -1 for none
  private final int shift;

  private ChannelScale(Coupling.ChannelAffine p, int logScale, int shift) {
    this.p = p;
    this.logScale = logScale;
    this.shift = shift;
  }

  /**
   * @param logDet FLOAT64 [n], or null for zeros
   * @param logScale l [channels], or null for zeros; like shift, b
   * @param base whose log density at y is added to the log-determinant; of the forward direction
   */
  public static Mapped of(Var x, Var logDet, Var logScale, Var shift, boolean inverse, Base base) {
    Norm.Images images = AffineNorm.images("x", x);
    AffineNorm.requireVector("logScale", logScale, images.channels());
    AffineNorm.requireVector("shift", shift, images.channels());
    List<Var> inputs = new ArrayList<>(List.of(x));
    if (logScale != null) {
      inputs.add(logScale);
    }
    if (shift != null) {
      inputs.add(shift);
    }
    ChannelScale op =
        new ChannelScale(
            new Coupling.ChannelAffine(
                images.examples(), images.channels(), images.spatial(), inverse, base.code),
            logScale == null ? -1 : 1,
            shift == null ? -1 : inputs.size() - 1);
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Tensor gathered = logDet(x, logDet);
    Coupling.channelAffine(
        x.tape().device(),
        op.p,
        x.view(),
        view(logScale),
        view(shift),
        view(logDet),
        y.view(),
        gathered.view());
    return op.record(y, gathered, logDet, inputs.toArray(Var[]::new));
  }

  @Override
  void gradients(Flow g, View dy, View dLogDet, View... made) {
    Coupling.channelAffineBackward(
        g.output(0).tape().device(),
        p,
        g.input(0).view(),
        logScale < 0 ? null : g.input(logScale).view(),
        shift < 0 ? null : g.input(shift).view(),
        dy,
        dLogDet,
        made[0],
        logScale < 0 ? null : made[logScale],
        shift < 0 ? null : made[shift]);
  }
}
