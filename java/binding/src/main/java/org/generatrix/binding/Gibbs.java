// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_rbm;
import org.generatrix.binding.abi.gx_states;

/**
 * gibbs.h: sampling, training and evaluation of restricted Boltzmann machines. Same names, order
 * and meaning as the C functions, whose equations, shapes and aliasing rules are in that header;
 * null stands for NULL where the header allows it.
 */
public final class Gibbs {
  private Gibbs() {}

  /**
   * One layer given the other: pre-activations x, probabilities p, a sample; each may be null, not
   * all.
   */
  public static void layerSample(
      Device device,
      RbmParameters rbm,
      Layer target,
      States given,
      float beta,
      DeviceBuffer rowBeta,
      Rng rng,
      DeviceBuffer x,
      DeviceBuffer p,
      States sample) {
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      long from = frame.statesAddress("given", given);
      long rows = given.rows();
      long outputs = Sizes.floats(rows, target == Layer.HIDDEN ? rbm.hidden() : rbm.visible());
      long factors = frame.useOrNull("rowBeta", rowBeta, Sizes.floats(rows, 1));
      long xAt = frame.useOrNull("x", x, outputs);
      long pAt = frame.useOrNull("p", p, outputs);
      long to = frame.statesAddressOrNull("sample", sample);
      frame.check(
          Abi.gx_rbm_layer_sample(
              frame.device(),
              machine,
              frame.layerSample.fill(target, from, beta, factors, rng, xAt, pAt, to)));
    } finally {
      frame.exit();
    }
  }

  /** {@code steps} block Gibbs steps from v, in place; observed, h, pV and pH may be null. */
  public static void chain(
      Device device,
      RbmParameters rbm,
      long steps,
      float beta,
      DeviceBuffer rowBeta,
      Rng rng,
      States v,
      States observed,
      States h,
      DeviceBuffer pV,
      DeviceBuffer pH) {
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      long vAt = frame.statesAddress("v", v);
      long factors = frame.useOrNull("rowBeta", rowBeta, Sizes.floats(v.rows(), 1));
      long observedAt = frame.statesAddressOrNull("observed", observed);
      long hAt = frame.statesAddressOrNull("h", h);
      long pVAt = frame.useOrNull("pV", pV, Sizes.floats(v.rows(), rbm.visible()));
      long pHAt = frame.useOrNull("pH", pH, Sizes.floats(v.rows(), rbm.hidden()));
      frame.check(
          Abi.gx_rbm_chain(
              frame.device(),
              machine,
              frame.chain.fill(steps, beta, factors, rng, vAt, observedAt, hAt, pVAt, pHAt)));
    } finally {
      frame.exit();
    }
  }

  /**
   * The statistics dW, db, dc of data against model; meanV and meanH, the data means, may be null.
   */
  public static void gradient(
      Device device,
      RbmParameters rbm,
      States dataV,
      DeviceBuffer dataH,
      States modelV,
      DeviceBuffer modelH,
      DeviceBuffer dW,
      DeviceBuffer db,
      DeviceBuffer dc,
      DeviceBuffer meanV,
      DeviceBuffer meanH) {
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      long visible = Sizes.floats(rbm.visible(), 1);
      long hidden = Sizes.floats(rbm.hidden(), 1);
      long dataVAt = frame.statesAddress("dataV", dataV);
      long dataHAt = frame.use("dataH", dataH, Sizes.floats(dataV.rows(), rbm.hidden()));
      long modelVAt = frame.statesAddress("modelV", modelV);
      long modelHAt = frame.use("modelH", modelH, Sizes.floats(modelV.rows(), rbm.hidden()));
      long dWAt = frame.use("dW", dW, Sizes.floats(rbm.visible(), rbm.hidden()));
      long dbAt = frame.use("db", db, visible);
      long dcAt = frame.use("dc", dc, hidden);
      long meanVAt = frame.useOrNull("meanV", meanV, visible);
      long meanHAt = frame.useOrNull("meanH", meanH, hidden);
      frame.check(
          Abi.gx_rbm_gradient(
              frame.device(),
              machine,
              frame.gradient.fill(
                  dataVAt, dataHAt, modelVAt, modelHAt, dWAt, dbAt, dcAt, meanVAt, meanHAt)));
    } finally {
      frame.exit();
    }
  }

  /** One update of the machine's parameters, velocities and offsets, in place. */
  public static void update(Device device, UpdateParameters p) {
    RbmParameters rbm = p.rbm();
    CallFrame frame = CallFrame.enter(device);
    try {
      long weights = Sizes.floats(rbm.visible(), rbm.hidden());
      long visible = Sizes.floats(rbm.visible(), 1);
      long hidden = Sizes.floats(rbm.hidden(), 1);
      long[] pointers = {
        frame.use("W", rbm.W(), weights),
        frame.use("b", rbm.b(), visible),
        frame.use("c", rbm.c(), hidden),
        frame.use("sW", p.sW(), weights),
        frame.use("sb", p.sb(), visible),
        frame.use("sc", p.sc(), hidden),
        frame.use("dW", p.dW(), weights),
        frame.use("db", p.db(), visible),
        frame.use("dc", p.dc(), hidden),
        frame.useOrNull("mu", rbm.mu(), visible),
        frame.useOrNull("lambda", rbm.lambda(), hidden),
        frame.useOrNull("meanV", p.meanV(), visible),
        frame.useOrNull("meanH", p.meanH(), hidden)
      };
      frame.check(
          Abi.gx_rbm_update(
              frame.device(),
              frame.update.fill(
                  rbm.visible(),
                  rbm.hidden(),
                  pointers,
                  p.rate(),
                  p.momentum(),
                  p.weightDecay(),
                  p.sparsityTarget(),
                  p.sparsityCost(),
                  p.offsetRate())));
    } finally {
      frame.exit();
    }
  }

  /** out[r] = E(v[r], h[r]); out has at least as many elements as v has rows. */
  public static void energy(Device device, RbmParameters rbm, States v, States h, double[] out) {
    Sizes.atLeast("out", v.rows(), out.length);
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      gx_states visible = frame.states("v", v);
      gx_states hidden = frame.states("h", h);
      DoublePointer result = frame.doubles(v.rows());
      frame.check(Abi.gx_rbm_energy(frame.device(), machine, visible, hidden, result));
      frame.readDoubles(out, v.rows());
    } finally {
      frame.exit();
    }
  }

  /** out[r] = F_beta(v[r]); rowBeta [rows] takes the place of beta, or is null. */
  public static void freeEnergy(
      Device device, RbmParameters rbm, States v, float beta, DeviceBuffer rowBeta, double[] out) {
    Sizes.atLeast("out", v.rows(), out.length);
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      gx_states visible = frame.states("v", v);
      NativeAddress factors = rowBeta == null ? null : frame.floats("rowBeta", rowBeta, v.rows());
      DoublePointer result = frame.doubles(v.rows());
      frame.check(Abi.gx_rbm_free_energy(frame.device(), machine, visible, beta, factors, result));
      frame.readDoubles(out, v.rows());
    } finally {
      frame.exit();
    }
  }

  /** out[r] = log PL(v[r]), summed over all units; float states must be 0 or 1. */
  public static void logPseudoLikelihood(Device device, RbmParameters rbm, States v, double[] out) {
    Sizes.atLeast("out", v.rows(), out.length);
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      gx_states visible = frame.states("v", v);
      DoublePointer result = frame.doubles(v.rows());
      frame.check(Abi.gx_rbm_log_pseudo_likelihood(frame.device(), machine, visible, result));
      frame.readDoubles(out, v.rows());
    } finally {
      frame.exit();
    }
  }

  /** log Z, exact; the smaller layer has at most 25 units. */
  public static double logPartition(Device device, RbmParameters rbm) {
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      DoublePointer result = frame.doubles(1);
      frame.check(Abi.gx_rbm_log_partition(frame.device(), machine, result));
      double[] out = new double[1];
      frame.readDoubles(out, 1);
      return out[0];
    } finally {
      frame.exit();
    }
  }

  /**
   * Annealed importance sampling along betas; v receives the last states, logWeights one value per
   * row.
   */
  public static void ais(
      Device device,
      RbmParameters rbm,
      double[] betas,
      DeviceBuffer baseB,
      boolean startFromBase,
      Rng rng,
      States v,
      double[] logWeights) {
    Sizes.atLeast("logWeights", v.rows(), logWeights.length);
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      long base = frame.use("baseB", baseB, Sizes.floats(rbm.visible(), 1));
      long states = frame.statesAddress("v", v);
      ByteBuffer host = frame.scratch(Sizes.bytes(Double.BYTES, 1, v.rows() + betas.length));
      long weightsAt = frame.scratchAddress();
      long betasAt = weightsAt + v.rows() * Double.BYTES;
      host.position((int) v.rows() * Double.BYTES);
      host.slice().order(host.order()).asDoubleBuffer().put(betas);
      frame.check(
          Abi.gx_rbm_ais(
              frame.device(),
              machine,
              frame.ais.fill(betasAt, betas.length, base, startFromBase, rng, states, weightsAt)));
      frame.readDoubles(logWeights, v.rows());
    } finally {
      frame.exit();
    }
  }

  /**
   * Exchanges neighbouring replicas of v, from pair {@code parity}, which is 0 or 1, every second
   * one. v has betas.length times the chains rows; accepted [betas.length - 1] receives the swaps
   * of each pair on top of what it holds, or is null.
   */
  public static void temperingSwap(
      Device device,
      RbmParameters rbm,
      float[] betas,
      int parity,
      Rng rng,
      States v,
      long[] accepted) {
    int pairs = Math.max(0, betas.length - 1);
    if (accepted != null) {
      Sizes.atLeast("accepted", pairs, accepted.length);
    }
    CallFrame frame = CallFrame.enter(device);
    try {
      gx_rbm machine = frame.rbm(rbm);
      long states = frame.statesAddress("v", v);
      long countBytes = (long) pairs * Long.BYTES;
      ByteBuffer host = frame.scratch(countBytes + (long) betas.length * Float.BYTES);
      LongBuffer counts = host.asLongBuffer();
      if (accepted != null) {
        counts.put(0, accepted, 0, pairs);
      }
      host.position((int) countBytes);
      host.slice().order(host.order()).asFloatBuffer().put(betas);
      long at = frame.scratchAddress();
      frame.check(
          Abi.gx_rbm_tempering_swap(
              frame.device(),
              machine,
              frame.tempering.fill(
                  at + countBytes, betas.length, parity, rng, states, accepted == null ? 0 : at)));
      if (accepted != null) {
        counts.get(0, accepted, 0, pairs);
      }
    } finally {
      frame.exit();
    }
  }
}
