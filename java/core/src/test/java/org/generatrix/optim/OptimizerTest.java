// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Tape;
import org.generatrix.binding.Device;
import org.generatrix.model.ConfigJson;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OptimizerTest {
  private final Device device = Device.cpu(1);
  private final Scope scope = new Scope();

  @AfterEach
  void everythingIsFreed() {
    scope.close();
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Tensor tensor(DType dtype, double... values) {
    Tensor tensor = scope.own(Tensor.zeros(device, dtype, values.length));
    tensor.copyFrom(values);
    return tensor;
  }

  private static final List<Rule> RULES =
      List.of(
          Rule.sgd(),
          new Rule.Sgd(0.9, false, 0.1),
          new Rule.Sgd(0.9, true, 0.1),
          new Rule.Adagrad(1e-3, 0.1),
          new Rule.Adadelta(0.8, 1e-2, 0.1),
          new Rule.RmsProp(0.8, 1e-3, 0, false, 0.1),
          new Rule.RmsProp(0.8, 1e-3, 0.9, false, 0),
          new Rule.RmsProp(0.8, 1e-3, 0.9, true, 0.1),
          new Rule.RmsProp(0.8, 1e-3, 0, true, 0),
          new Rule.Adam(0.9, 0.99, 1e-3, 0.1, false),
          new Rule.Adam(0.9, 0.5, 1e-3, 0, true),
          new Rule.AdamW(0.9, 0.99, 1e-3, 0.1, false),
          new Rule.AdamW(0.9, 0.5, 1e-3, 0.1, true));

  // --- PyTorch's formulas ----------------------------------------------------------------------

  /** One parameter of PyTorch's optimisers, from their documentation, in its order. */
  private static final class Torch {
    double p = 0.7;
    double buffer;
    double square;
    double delta;
    double mean;
    double greatest;

    void step(Rule rule, double rate, int t, double g) {
      if (!(rule instanceof Rule.AdamW)) {
        g += rule.weightDecay() * p;
      }
      if (rule instanceof Rule.Sgd r) {
        if (r.momentum() == 0) {
          p -= rate * g;
          return;
        }
        buffer = t == 1 ? g : r.momentum() * buffer + g;
        p -= rate * (r.nesterov() ? g + r.momentum() * buffer : buffer);
      } else if (rule instanceof Rule.Adagrad r) {
        square += g * g;
        p -= rate * g / (Math.sqrt(square) + r.epsilon());
      } else if (rule instanceof Rule.Adadelta r) {
        square = r.rho() * square + (1 - r.rho()) * g * g;
        double step = Math.sqrt(delta + r.epsilon()) / Math.sqrt(square + r.epsilon()) * g;
        delta = r.rho() * delta + (1 - r.rho()) * step * step;
        p -= rate * step;
      } else if (rule instanceof Rule.RmsProp r) {
        square = r.alpha() * square + (1 - r.alpha()) * g * g;
        double v = square;
        if (r.centered()) {
          mean = r.alpha() * mean + (1 - r.alpha()) * g;
          v -= mean * mean;
        }
        double step = g / (Math.sqrt(v) + r.epsilon());
        buffer = r.momentum() * buffer + step;
        p -= rate * (r.momentum() > 0 ? buffer : step);
      } else if (rule instanceof Rule.Adam r) {
        adam(r.beta1(), r.beta2(), r.epsilon(), r.amsgrad(), rate, t, g);
      } else if (rule instanceof Rule.AdamW r) {
        p *= 1 - rate * r.weightDecay();
        adam(r.beta1(), r.beta2(), r.epsilon(), r.amsgrad(), rate, t, g);
      }
    }

    private void adam(
        double b1, double b2, double epsilon, boolean amsgrad, double rate, int t, double g) {
      buffer = b1 * buffer + (1 - b1) * g;
      square = b2 * square + (1 - b2) * g * g;
      greatest = Math.max(greatest, square);
      double m = buffer / (1 - Math.pow(b1, t));
      double v = (amsgrad ? greatest : square) / (1 - Math.pow(b2, t));
      p -= rate * m / (Math.sqrt(v) + epsilon);
    }
  }

  @Test
  void threeStepsAreThoseOfPyTorch() {
    double[] gradients = {0.5, -0.25, 0.125};
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      for (Rule rule : RULES) {
        Tensor p = tensor(dtype, 0.7);
        Torch torch = new Torch();
        try (Optimizer optimizer = new Optimizer(Map.of("p", p), OptimizerConfig.of(rule, 0.25))) {
          for (int t = 1; t <= 3; t++) {
            Tensor g = tensor(dtype, gradients[t - 1]);
            optimizer.step(x -> g);
            torch.step(rule, 0.25, t, gradients[t - 1]);
            assertEquals(
                torch.p,
                p.toDoubleArray()[0],
                dtype == DType.FLOAT64 ? 1e-13 : 1e-6,
                rule + " at step " + t);
            assertEquals(t, optimizer.steps());
          }
        }
      }
    }
  }

  /** The numbers themselves, worked with pen and paper, for the two that are used most. */
  @Test
  void momentumAndAdamByHand() {
    // v = 1, 1.5, 1.75 at a constant gradient of 1; p = 0 - 0.1 (1 + 1.5 + 1.75)
    assertEquals(-0.425, after(3, Rule.momentum(0.5), 0.1, 1), 1e-15);
    // p: 1.5, then 1.75, then 1.875
    assertEquals(-0.5125, after(3, Rule.nesterov(0.5), 0.1, 1), 1e-15);
    // m and v of a constant gradient are corrected to 1 and 1: each step is the rate
    assertEquals(-0.3, after(3, new Rule.Adam(0.9, 0.999, 0, 0, false), 0.1, 1), 1e-15);
    // 1 + 1 / sqrt 2 + 1 / sqrt 3
    assertEquals(-0.1 * 2.284457050376173, after(3, new Rule.Adagrad(0, 0), 0.1, 1), 1e-15);
  }

  private double after(int steps, Rule rule, double rate, double gradient) {
    Tensor p = tensor(DType.FLOAT64, 0);
    Tensor g = tensor(DType.FLOAT64, gradient);
    try (Optimizer optimizer = new Optimizer(Map.of("p", p), OptimizerConfig.of(rule, rate))) {
      for (int i = 0; i < steps; i++) {
        optimizer.step(x -> g);
      }
    }
    return p.toDoubleArray()[0];
  }

  // --- To an optimum ----------------------------------------------------------------------------

  /** f = sum of a_i (x_i - i)^2 / 2 over two parameters, with condition number 10. */
  @Test
  void everyRuleFindsTheOptimumOfAQuadratic() {
    Map<Rule, Schedule> plans = new LinkedHashMap<>();
    plans.put(Rule.sgd(), Schedule.constant(0.15));
    plans.put(Rule.momentum(0.9), Schedule.constant(0.05));
    plans.put(Rule.nesterov(0.9), Schedule.constant(0.05));
    plans.put(Rule.adagrad(), Schedule.constant(2));
    plans.put(Rule.adadelta(), Schedule.linear(10, 0, 2000));
    plans.put(Rule.rmsProp(), Schedule.linear(0.1, 0, 2000));
    plans.put(new Rule.RmsProp(0.99, 1e-8, 0.9, true, 0), Schedule.linear(0.01, 0, 2000));
    plans.put(Rule.adam(), Schedule.cosine(0.1, 0, 2000));
    plans.put(new Rule.Adam(0.9, 0.999, 1e-8, 0, true), Schedule.cosine(0.1, 0, 2000));
    plans.put(Rule.adamW(0), Schedule.cosine(0.1, 0, 2000));
    plans.forEach(
        (rule, schedule) -> {
          Tensor x = tensor(DType.FLOAT32, 4, -3, 2);
          Tensor y = tensor(DType.FLOAT32, -5);
          Tensor g = tensor(DType.FLOAT32, 0, 0, 0);
          Tensor h = tensor(DType.FLOAT32, 0);
          Function<Tensor, Tensor> gradient =
              p -> {
                float[] at = p.toArray();
                double[] slope = new double[at.length];
                for (int i = 0; i < at.length; i++) {
                  slope[i] = (p == y ? 10 : i + 1) * (at[i] - i);
                }
                Tensor to = p == y ? h : g;
                to.copyFrom(slope);
                return to;
              };
          Map<String, Tensor> parameters = new LinkedHashMap<>();
          parameters.put("x", x);
          parameters.put("y", y);
          try (Optimizer optimizer =
              new Optimizer(parameters, OptimizerConfig.of(rule, schedule))) {
            for (int i = 0; i < 2000; i++) {
              optimizer.step(gradient);
            }
          }
          assertArrayEquals(new float[] {0, 1, 2}, x.toArray(), 1e-3f, rule.toString());
          assertArrayEquals(new float[] {0}, y.toArray(), 1e-3f, rule.toString());
        });
  }

  @Test
  void gradientsOfATapeMoveWhatTheyReach() {
    Tensor x = tensor(DType.FLOAT32, 0.5);
    Tensor idle = tensor(DType.FLOAT32, 3);
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("x", x);
    parameters.put("idle", idle);
    try (Optimizer optimizer =
        new Optimizer(parameters, OptimizerConfig.of(Rule.adamW(0.1), 0.1).withEma(0.5))) {
      try (Tape tape = Tape.training(device, 1, 0)) {
        var y = Functions.tanh(tape.variable(x));
        double slope = 1 - Math.pow(Math.tanh(0.5), 2);
        assertEquals(slope, optimizer.norm(tape.gradients(y)), 1e-6);
        optimizer.step(tape.gradients(y));
      }
      assertEquals(0.5 * (1 - 0.01) - 0.1, x.toArray()[0], 1e-6);
      assertEquals(3, idle.toArray()[0]);
      assertEquals(3, optimizer.state().get("ema.idle").toArray()[0]);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> optimizer.step(p -> null));
      assertTrue(e.getMessage().contains("expected a gradient for at least one parameter"));
    }
  }

  // --- Around the rule --------------------------------------------------------------------------

  @Test
  void clippingByNormScalesAllGradientsTogether() {
    Tensor a = tensor(DType.FLOAT64, 0, 0);
    Tensor b = tensor(DType.FLOAT64, 0);
    Tensor ga = tensor(DType.FLOAT64, 3, 0);
    Tensor gb = tensor(DType.FLOAT64, -4);
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("a", a);
    parameters.put("b", b);
    OptimizerConfig config = OptimizerConfig.of(Rule.sgd(), 1).withClipNorm(1);
    try (Optimizer optimizer = new Optimizer(parameters, config)) {
      assertTrue(Double.isNaN(optimizer.gradientNorm()));
      optimizer.step(p -> p == a ? ga : gb);
      assertEquals(5, optimizer.gradientNorm(), 1e-12);
      assertArrayEquals(new double[] {-0.6, 0}, a.toDoubleArray(), 1e-6);
      assertArrayEquals(new double[] {0.8}, b.toDoubleArray(), 1e-6);
      ga.copyFrom(new double[] {0.3, 0}); // within the bound: as it is
      gb.copyFrom(new double[] {0.4});
      optimizer.step(p -> p == a ? ga : gb);
      assertArrayEquals(new double[] {-0.9, 0}, a.toDoubleArray(), 1e-6);
    }
  }

  @Test
  void clippingByValueBoundsEachElement() {
    Tensor p = tensor(DType.FLOAT32, 0, 0, 0);
    Tensor g = tensor(DType.FLOAT32, 3, -4, 0.25);
    try (Optimizer optimizer =
        new Optimizer(Map.of("p", p), OptimizerConfig.of(Rule.sgd(), 1).withClipValue(0.5))) {
      optimizer.step(x -> g);
      assertArrayEquals(new float[] {-0.5f, 0.5f, -0.25f}, p.toArray());
    }
  }

  @Test
  void aNanGradientIsSeenThroughClipping() {
    Tensor p = tensor(DType.FLOAT32, 0, 0);
    Tensor g = tensor(DType.FLOAT32, Double.NaN, 1);
    try (Optimizer optimizer =
        new Optimizer(
            Map.of("p", p),
            OptimizerConfig.of(Rule.adam(), 1).withClipNorm(1).withClipValue(0.5))) {
      optimizer.step(x -> g);
      assertTrue(Double.isNaN(optimizer.gradientNorm()));
      assertTrue(Float.isNaN(p.toArray()[0]));
    }
  }

  @Test
  void theAverageFollowsAndSwapsIn() {
    Tensor p = tensor(DType.FLOAT64, 1);
    Tensor g = tensor(DType.FLOAT64, 1);
    Tensor copy = tensor(DType.FLOAT64, 0);
    OptimizerConfig config = OptimizerConfig.of(Rule.sgd(), 0.5).withEma(0.75);
    try (Optimizer optimizer = new Optimizer(Map.of("p", p), config)) {
      Ema ema = optimizer.ema();
      double average = 1;
      for (int i = 0; i < 3; i++) {
        optimizer.step(x -> g);
        average = 0.75 * average + 0.25 * p.toDoubleArray()[0];
      }
      ema.copyTo(Map.of("p", copy));
      assertEquals(average, copy.toDoubleArray()[0], 1e-15);
      try (Ema.Applied applied = ema.apply()) {
        assertEquals(average, p.toDoubleArray()[0], 1e-15);
        copy.copyFrom(new double[1]);
        ema.copyTo(Map.of("p", copy));
        assertEquals(average, copy.toDoubleArray()[0], 1e-15);
        assertThrows(IllegalStateException.class, () -> optimizer.step(x -> g));
        assertThrows(IllegalStateException.class, optimizer::state);
        assertThrows(IllegalStateException.class, ema::apply);
        applied.close(); // and again by the try
      }
      assertEquals(-0.5, p.toDoubleArray()[0]);
      assertEquals(average, optimizer.state().get("ema.p").toDoubleArray()[0], 1e-15);
      assertThrows(IllegalArgumentException.class, () -> ema.copyTo(Map.of("q", copy)));
    }
    try (Optimizer none = new Optimizer(Map.of("p", p), OptimizerConfig.of(Rule.sgd(), 1))) {
      assertNull(none.ema());
    }
  }

  /** Decay min(0.999, (1 + t) / (10 + t)): 1/10, 2/11, 3/12. */
  @Test
  void aWarmedUpAverageFollowsFasterAtFirst() {
    Tensor p = tensor(DType.FLOAT64, 1);
    Tensor g = tensor(DType.FLOAT64, 1);
    OptimizerConfig config = OptimizerConfig.of(Rule.sgd(), 1).withWarmedUpEma(0.999);
    try (Optimizer optimizer = new Optimizer(Map.of("p", p), config)) {
      double average = 1;
      for (int t = 0; t < 3; t++) {
        optimizer.step(x -> g);
        double decay = (1.0 + t) / (10 + t);
        average = decay * average + (1 - decay) * -t;
        assertEquals(average, optimizer.state().get("ema.p").toDoubleArray()[0], 1e-14);
      }
    }
  }

  @Test
  void theScheduleIsFollowed() {
    Tensor p = tensor(DType.FLOAT64, 0);
    Tensor g = tensor(DType.FLOAT64, 1);
    Schedule schedule = Schedule.stairs(1, 0.5, 2);
    try (Optimizer optimizer =
        new Optimizer(Map.of("p", p), OptimizerConfig.of(Rule.sgd(), schedule))) {
      double[] expected = {-1, -2, -2.5, -3, -3.25};
      for (int i = 0; i < 5; i++) {
        assertEquals(schedule.at(i), optimizer.rate());
        optimizer.step(x -> g);
        assertEquals(expected[i], p.toDoubleArray()[0]);
      }
    }
  }

  // --- The state --------------------------------------------------------------------------------

  @Test
  void aRestoredStateGoesOnBitForBit() {
    for (Rule rule : RULES) {
      OptimizerConfig config =
          OptimizerConfig.of(rule, Schedule.linear(0.1, 0.01, 6)).withWarmedUpEma(0.9);
      Tensor p = tensor(DType.FLOAT32, 0.3, -0.6, 0.9);
      Tensor q = tensor(DType.FLOAT32, 0, 0, 0);
      List<Tensor> gradients = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        gradients.add(tensor(DType.FLOAT32, Math.sin(i), Math.cos(i), 0.1 * i));
      }
      try (Optimizer straight = new Optimizer(Map.of("p", p), config)) {
        for (int i = 0; i < 3; i++) {
          Tensor g = gradients.get(i);
          straight.step(x -> g);
        }
        q.copyFrom(p);
        try (Optimizer resumed = new Optimizer(Map.of("p", q), config)) {
          straight.state().forEach((name, t) -> resumed.state().get(name).copyFrom(t));
          resumed.resume(straight.steps());
          for (int i = 3; i < 6; i++) {
            Tensor g = gradients.get(i);
            straight.step(x -> g);
            resumed.step(x -> g);
          }
          assertArrayEquals(p.toArray(), q.toArray(), rule.toString());
          straight
              .state()
              .forEach(
                  (name, t) ->
                      assertArrayEquals(t.toArray(), resumed.state().get(name).toArray(), name));
        }
      }
    }
  }

  @Test
  void statesAreNamed() {
    Tensor p = tensor(DType.FLOAT32, 1);
    OptimizerConfig config =
        OptimizerConfig.of(new Rule.RmsProp(0.9, 1e-8, 0.9, true, 0), 0.1).withEma(0.9);
    try (Optimizer optimizer = new Optimizer(Map.of("a.weight", p), config)) {
      assertEquals(
          List.of("squares.a.weight", "velocity.a.weight", "mean.a.weight", "ema.a.weight"),
          List.copyOf(optimizer.state().keySet()));
      assertEquals(config, optimizer.config());
    }
  }

  @Test
  void configurationsSurviveJson() {
    for (Rule rule : RULES) {
      OptimizerConfig config =
          OptimizerConfig.of(rule, Schedule.cosine(0.1, 0, 50).warmUp(7))
              .withClipNorm(1)
              .withClipValue(2)
              .withWarmedUpEma(0.99);
      assertEquals(config, ConfigJson.read(OptimizerConfig.class, ConfigJson.write(config)));
    }
    assertEquals(
        "{\"rule\":{\"type\":\"Sgd\",\"momentum\":0.5,\"nesterov\":false,\"weightDecay\":0.0},"
            + "\"schedule\":{\"type\":\"Constant\",\"rate\":0.1},"
            + "\"clipNorm\":0.0,\"clipValue\":0.0,\"emaDecay\":0.0,\"emaWarmUp\":false}",
        ConfigJson.write(OptimizerConfig.of(Rule.momentum(0.5), 0.1)));
  }

  // --- Refusals ---------------------------------------------------------------------------------

  private static void refused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void nonsenseIsRefused() {
    refused("momentum must be at least 0 and below 1, got 1.0", () -> Rule.momentum(1));
    refused("nesterov needs a momentum", () -> Rule.nesterov(0));
    refused("weightDecay", () -> new Rule.Sgd(0, false, -1));
    refused("epsilon", () -> new Rule.Adagrad(-1, 0));
    refused("weightDecay", () -> new Rule.Adagrad(0, Double.NaN));
    refused("rho", () -> new Rule.Adadelta(1, 1, 0));
    refused("epsilon must be finite and above 0, got 0.0", () -> new Rule.Adadelta(0.9, 0, 0));
    refused("weightDecay", () -> new Rule.Adadelta(0.9, 1, -1));
    refused("alpha", () -> new Rule.RmsProp(-1, 0, 0, false, 0));
    refused("epsilon", () -> new Rule.RmsProp(0, -1, 0, false, 0));
    refused("momentum", () -> new Rule.RmsProp(0, 0, 2, false, 0));
    refused("weightDecay", () -> new Rule.RmsProp(0, 0, 0, false, -2));
    refused("beta1", () -> new Rule.Adam(1, 0, 0, 0, false));
    refused("beta2", () -> new Rule.Adam(0, 1, 0, 0, false));
    refused("epsilon", () -> new Rule.AdamW(0, 0, -1, 0, false));
    refused("weightDecay", () -> Rule.adamW(Double.POSITIVE_INFINITY));
    OptimizerConfig good = OptimizerConfig.of(Rule.sgd(), 0.1);
    refused("clipNorm", () -> good.withClipNorm(-1));
    refused("clipValue", () -> good.withClipValue(Double.NaN));
    refused("emaDecay", () -> good.withEma(1));
    refused("emaWarmUp needs an emaDecay", () -> good.withWarmedUpEma(0));
    refused("rate", () -> OptimizerConfig.of(Rule.sgd(), -1));
    Tensor p = tensor(DType.FLOAT32, 1, 2);
    Tensor wide = tensor(DType.FLOAT64, 1);
    refused("at least one parameter", () -> new Optimizer(Map.of(), good));
    Map<String, Tensor> mixed = new LinkedHashMap<>();
    mixed.put("p", p);
    mixed.put("wide", wide);
    refused("of one type on one device", () -> new Optimizer(mixed, good));
    try (Optimizer optimizer = new Optimizer(Map.of("p", p), good)) {
      refused("of the shape of \"p\"", () -> optimizer.step(x -> tensor(DType.FLOAT32, 1)));
      refused("FLOAT32", () -> optimizer.step(x -> tensor(DType.FLOAT64, 1, 2)));
      refused("must not overlap", () -> optimizer.step(x -> p));
      refused("stepsDone", () -> optimizer.resume(-1));
      assertEquals(0, optimizer.steps());
    }
  }

  // --- Muon ------------------------------------------------------------------------------------

  @Test
  void muonTakesMatricesApart() {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("weight", scope.own(Tensor.zeros(device, 2, 3)));
    parameters.put("filter", scope.own(Tensor.zeros(device, 2, 1, 3)));
    parameters.put("bias", scope.own(Tensor.zeros(device, 3)));
    float[] steep = {1, 0, 0, 0, 0.01f, 0};
    Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
    parameters.forEach(
        (name, p) -> {
          float[] g = Arrays.copyOf(steep, (int) p.size());
          gradients.put(p, scope.own(Tensor.of(device, g, p.shape())));
        });
    OptimizerConfig config = OptimizerConfig.of(Rule.muon(), 0.1);
    assertEquals(config, ConfigJson.read(OptimizerConfig.class, ConfigJson.write(config)));
    try (Optimizer optimizer = new Optimizer(parameters, config)) {
      assertEquals(
          List.of(
              "momentum.weight",
              "moment1.filter",
              "moment2.filter",
              "moment1.bias",
              "moment2.bias"),
          List.copyOf(optimizer.state().keySet()));
      optimizer.step(gradients::get);
      float[] moved = parameters.get("weight").toArray();
      // Both directions alike, as long as a step of Adam: 0.1 0.2 sqrt(3).
      assertEquals(-0.035, moved[0], 0.012);
      assertEquals(-0.035, moved[4], 0.012);
      assertEquals(0, moved[1]);
      // Half of the rate for the others, whose first step is the rate itself.
      assertEquals(-0.05, parameters.get("bias").toArray()[0], 1e-6);
      assertEquals(-0.05, parameters.get("filter").toArray()[0], 1e-6);
    }
  }

  @Test
  void muonGoesOnWhereItStood() {
    float[] start = {1, 2, 3, 4, 5, 6};
    float[] once = null;
    for (boolean interrupted : new boolean[] {false, true}) {
      Tensor p = scope.own(Tensor.of(device, start, 2, 3));
      Tensor g = scope.own(Tensor.of(device, new float[] {1, -2, 0.5f, 3, 1, -1}, 2, 3));
      OptimizerConfig config = OptimizerConfig.of(Rule.muon(), 0.1);
      Optimizer optimizer = new Optimizer(Map.of("w", p), config);
      optimizer.step(x -> g);
      if (interrupted) {
        Optimizer next = new Optimizer(Map.of("w", p), config);
        next.state().get("momentum.w").copyFrom(optimizer.state().get("momentum.w"));
        next.resume(optimizer.steps());
        optimizer.close();
        optimizer = next;
      }
      optimizer.step(x -> g);
      optimizer.close();
      if (!interrupted) {
        once = p.toArray();
      } else {
        assertArrayEquals(once, p.toArray());
      }
    }
  }
}
