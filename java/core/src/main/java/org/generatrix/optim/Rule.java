// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.generatrix.binding.Device;
import org.generatrix.binding.Optim;

/**
 * How a parameter moves with its gradient g: the formulas of PyTorch's optimisers, which stand in
 * optim.h. Weight decay adds {@code weightDecay p} to the gradient, but for {@link AdamW}.
 */
public sealed interface Rule {

  /** At least 0. */
  double weightDecay();

  /**
   * The names of the tensors a parameter's state is made of; null where the kernel's slot is free.
   *
   * @param rows of the parameter as a matrix of weights, 0 if it is none
   */
  String[] slots(long rows);

  /** One step of all segments. */
  void step(Device device, Optim.Step step, long t, List<Optim.Segment> segments);

  /** p -= rate g. */
  static Rule sgd() {
    return new Sgd(0, false, 0);
  }

  /** v = momentum v + g, p -= rate v. */
  static Rule momentum(double momentum) {
    return new Sgd(momentum, false, 0);
  }

  /** Nesterov's: v = momentum v + g, p -= rate (g + momentum v). */
  static Rule nesterov(double momentum) {
    return new Sgd(momentum, true, 0);
  }

  static Rule adagrad() {
    return new Adagrad(1e-10, 0);
  }

  static Rule adadelta() {
    return new Adadelta(0.9, 1e-6, 0);
  }

  static Rule rmsProp() {
    return new RmsProp(0.99, 1e-8, 0, false, 0);
  }

  static Rule adam() {
    return new Adam(0.9, 0.999, 1e-8, 0, false);
  }

  static Rule adamW(double weightDecay) {
    return new AdamW(0.9, 0.999, 1e-8, weightDecay, false);
  }

  /** Muon for matrices, at the optimiser's rate, and Adam for the others, at half of it. */
  static Rule muon() {
    return new Muon(0.95, true, 5, 0.5, 0.9, 0.999, 1e-8, 0);
  }

  /**
   * Stochastic gradient descent (Sutskever, Martens, Dahl, Hinton 2013).
   *
   * @param momentum in [0, 1)
   * @param nesterov needs a momentum above 0
   */
  record Sgd(double momentum, boolean nesterov, double weightDecay) implements Rule {
    public Sgd {
      Checks.share("momentum", momentum);
      Checks.notNegative("weightDecay", weightDecay);
      if (nesterov && momentum == 0) {
        throw new IllegalArgumentException("nesterov needs a momentum above 0, got 0");
      }
    }

    @Override
    public String[] slots(long rows) {
      return new String[] {momentum > 0 ? "velocity" : null, null, null};
    }

    @Override
    public void step(Device device, Optim.Step step, long t, List<Optim.Segment> segments) {
      Optim.sgd(device, step, momentum, nesterov, segments);
    }
  }

  /** Duchi, Hazan, Singer 2011: s += g^2, p -= rate g / (sqrt(s) + epsilon). */
  record Adagrad(double epsilon, double weightDecay) implements Rule {
    public Adagrad {
      Checks.notNegative("epsilon", epsilon);
      Checks.notNegative("weightDecay", weightDecay);
    }

    @Override
    public String[] slots(long rows) {
      return new String[] {"squares", null, null};
    }

    @Override
    public void step(Device device, Optim.Step step, long t, List<Optim.Segment> segments) {
      Optim.adagrad(device, step, epsilon, segments);
    }
  }

  /**
   * Zeiler 2012; its own learning rate is 1.
   *
   * @param rho in [0, 1)
   * @param epsilon above 0
   */
  record Adadelta(double rho, double epsilon, double weightDecay) implements Rule {
    public Adadelta {
      Checks.share("rho", rho);
      Checks.positive("epsilon", epsilon);
      Checks.notNegative("weightDecay", weightDecay);
    }

    @Override
    public String[] slots(long rows) {
      return new String[] {"squares", "moves", null};
    }

    @Override
    public void step(Device device, Optim.Step step, long t, List<Optim.Segment> segments) {
      Optim.adadelta(device, step, rho, epsilon, segments);
    }
  }

  /**
   * Tieleman and Hinton 2012; centered: Graves 2013.
   *
   * @param alpha in [0, 1)
   * @param momentum in [0, 1)
   */
  record RmsProp(
      double alpha, double epsilon, double momentum, boolean centered, double weightDecay)
      implements Rule {
    public RmsProp {
      Checks.share("alpha", alpha);
      Checks.notNegative("epsilon", epsilon);
      Checks.share("momentum", momentum);
      Checks.notNegative("weightDecay", weightDecay);
    }

    @Override
    public String[] slots(long rows) {
      return new String[] {"squares", momentum > 0 ? "velocity" : null, centered ? "mean" : null};
    }

    @Override
    public void step(Device device, Optim.Step step, long t, List<Optim.Segment> segments) {
      Optim.rmsProp(device, step, alpha, epsilon, momentum, centered, segments);
    }
  }

  /**
   * Kingma and Ba 2015.
   *
   * @param beta1 of the first moment, in [0, 1)
   * @param beta2 of the second, in [0, 1)
   * @param amsgrad divide by the greatest second moment so far (Reddi, Kale, Kumar 2018)
   */
  record Adam(double beta1, double beta2, double epsilon, double weightDecay, boolean amsgrad)
      implements Rule {
    public Adam {
      Checks.adam(beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public String[] slots(long rows) {
      return Checks.adamSlots(amsgrad);
    }

    @Override
    public void step(Device device, Optim.Step step, long t, List<Optim.Segment> segments) {
      Optim.adam(device, step, beta1, beta2, epsilon, t, false, amsgrad, segments);
    }
  }

  /**
   * Adam whose weight decay is no part of the gradient: p *= 1 - rate weightDecay (Loshchilov and
   * Hutter 2019).
   */
  record AdamW(double beta1, double beta2, double epsilon, double weightDecay, boolean amsgrad)
      implements Rule {
    public AdamW {
      Checks.adam(beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public String[] slots(long rows) {
      return Checks.adamSlots(amsgrad);
    }

    @Override
    public void step(Device device, Optim.Step step, long t, List<Optim.Segment> segments) {
      Optim.adam(device, step, beta1, beta2, epsilon, t, true, amsgrad, segments);
    }
  }

  /**
   * Momentum whose singular values are all made one, so that a step goes as far along the rare
   * directions of a layer as along the common ones (Jordan et al. 2024; the length of a step as in
   * Liu et al., "Muon is scalable for LLM training", 2025). It is for weights between units or
   * channels: a parameter of two axes or more whose first two are both above 1, taken as a matrix
   * [first axis, all others]. The others (biases, gains, filters of a single channel) move by Adam.
   * The decay of both is that of {@link AdamW}.
   *
   * @param momentum of the matrices, in [0, 1)
   * @param nesterov needs a momentum above 0
   * @param iterations of the polynomial that makes a matrix orthogonal, 1 to 100
   * @param othersRate rate of the others as a multiple of the matrices'
   * @param beta1 of the others' first moment, in [0, 1)
   * @param beta2 of their second, in [0, 1)
   */
  record Muon(
      double momentum,
      boolean nesterov,
      int iterations,
      double othersRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay)
      implements Rule {
    public Muon {
      Checks.share("momentum", momentum);
      if (nesterov && momentum == 0) {
        throw new IllegalArgumentException("nesterov needs a momentum above 0, got 0");
      }
      if (iterations < 1 || iterations > 100) {
        throw new IllegalArgumentException("iterations must be in [1, 100], got " + iterations);
      }
      Checks.notNegative("othersRate", othersRate);
      Checks.adam(beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public String[] slots(long rows) {
      return rows > 0 ? new String[] {"momentum", null, null} : Checks.adamSlots(false);
    }

    @Override
    public void step(Device device, Optim.Step step, long t, List<Optim.Segment> segments) {
      Map<Boolean, List<Optim.Segment>> parts =
          segments.stream().collect(Collectors.partitioningBy(segment -> segment.rows() > 0));
      Optim.muon(device, step, momentum, nesterov, iterations, parts.get(true));
      Optim.Step others =
          new Optim.Step(
              step.rate() * othersRate,
              step.gradientScale(),
              step.clipValue(),
              step.weightDecay(),
              step.emaDecay());
      Optim.adam(device, others, beta1, beta2, epsilon, t, true, false, parts.get(false));
    }
  }
}
