// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.UnaryOperator;
import org.generatrix.data.Binarisation;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.boltzmann.RbmTrainingConfig.Algorithm;
import org.generatrix.model.boltzmann.RbmTrainingConfig.Builder;
import org.junit.jupiter.api.Test;

/** Configurations: each field is checked, and JSON brings back the same one or an error. */
class RbmTrainingConfigTest {
  private static final RbmTrainingConfig UNUSUAL =
      RbmTrainingConfig.builder()
          .algorithm(Algorithm.PARALLEL_TEMPERING)
          .steps(3)
          .batchSize(17)
          .chains(19)
          .epochs(23)
          .learningRate(0.1)
          .finalLearningRate(1e-5)
          .momentum(0.5)
          .weightDecay(2e-4)
          .sparsity(0.05, 0.25)
          .offsetRate(0.125)
          .replicas(7)
          .hottestBeta(0.25)
          .binarisation(Binarisation.RESAMPLED)
          .seed(Long.MIN_VALUE)
          .build();

  @Test
  void jsonBringsBackTheSame() {
    for (RbmTrainingConfig config :
        new RbmTrainingConfig[] {UNUSUAL, RbmTrainingConfig.builder().build()}) {
      assertEquals(config, ConfigJson.read(RbmTrainingConfig.class, ConfigJson.write(config)));
      assertEquals(config, config.toBuilder().build());
    }
    RbmConfig machine = new RbmConfig(784, 500, true, 0.01);
    assertEquals(machine, ConfigJson.read(RbmConfig.class, ConfigJson.write(machine)));
    assertEquals(
        "{\"visible\":784,\"hidden\":500,\"centered\":true,\"initialStddev\":0.01}",
        ConfigJson.write(machine));
  }

  @Test
  void jsonIsReadStrictly() {
    String json = ConfigJson.write(new RbmConfig(4, 3, true, 0.5));
    assertEquals(
        new RbmConfig(4, 3, true, 2),
        ConfigJson.read(RbmConfig.class, json.replace("0.5", "2")),
        "a whole number is a double as well");
    refusedJson("RbmConfig.visible must be an int, got 4.5", json.replace(":4", ":4.5"));
    refusedJson(
        "RbmConfig.visible must be an int, got 4294967300", json.replace(":4", ":4294967300"));
    refusedJson(
        "RbmConfig.centered must be a boolean, got \"yes\"", json.replace("true", "\"yes\""));
    refusedJson("RbmConfig.hidden must be an int, got null", json.replace(":3", ":null"));
    refusedJson("RbmConfig has no entry \"depth\"", json.replace("}", ",\"depth\":1}"));
    refusedJson("RbmConfig needs the entry \"visible\"", json.replace("\"visible\":4,", ""));
    refusedJson("visible must be at least 1, got 0", json.replace(":4", ":0"));
    refusedJson("", "[]");
    refusedJson("", json.substring(1));
    String training = ConfigJson.write(UNUSUAL).replace("RESAMPLED", "Resampled");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ConfigJson.read(RbmTrainingConfig.class, training));
    assertTrue(
        e.getMessage().contains("must be a binarisation, got \"Resampled\""), e.getMessage());
  }

  private static void refusedJson(String sentence, String json) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ConfigJson.read(RbmConfig.class, json));
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  @Test
  void everyFieldIsChecked() {
    refused("algorithm must be set, got null", b -> b.algorithm(null));
    refused("steps must be at least 1, got 0", b -> b.steps(0));
    refused("batchSize must be at least 1, got 0", b -> b.batchSize(0));
    refused("chains must be at least 1, got -3", b -> b.chains(-3));
    refused("epochs must be at least 1, got 0", b -> b.epochs(0));
    refused("learningRate must be positive and finite, got 0.0", b -> b.learningRate(0));
    refused("learningRate must be positive and finite, got NaN", b -> b.learningRate(Double.NaN));
    refused(
        "learningRate must be positive and finite, got Infinity",
        b -> b.learningRate(Double.POSITIVE_INFINITY));
    refused(
        "finalLearningRate must be in [0, learningRate = 0.05], got 0.06",
        b -> b.finalLearningRate(0.06));
    refused("finalLearningRate must be", b -> b.finalLearningRate(-1));
    refused("momentum must be in [0, 1), got 1.0", b -> b.momentum(1));
    refused("momentum must be in [0, 1), got NaN", b -> b.momentum(Double.NaN));
    refused("weightDecay must be finite and not negative, got -0.1", b -> b.weightDecay(-0.1));
    refused("sparsityTarget must be in (0, 1), got 0.0", b -> b.sparsity(0, 1));
    refused("sparsityTarget must be in (0, 1), got 1.0", b -> b.sparsity(1, 1));
    refused(
        "sparsityCost must be finite and not negative, got NaN", b -> b.sparsity(0.1, Double.NaN));
    refused("offsetRate must be in [0, 1], got 1.5", b -> b.offsetRate(1.5));
    refused("replicas must be 1 with PCD, got 2", b -> b.replicas(2));
    refused("replicas must be 1 with CD, got 2", b -> b.algorithm(Algorithm.CD).replicas(2));
    refused(
        "replicas must be at least 2 with PARALLEL_TEMPERING, got 1",
        b -> b.algorithm(Algorithm.PARALLEL_TEMPERING).replicas(1));
    refused("hottestBeta must be in [0, 1), got 1.0", b -> b.hottestBeta(1));
    refused("hottestBeta must be in [0, 1), got -0.5", b -> b.hottestBeta(-0.5));
    refused("binarisation must be set, got null", b -> b.binarisation(null));
  }

  private static void refused(String sentence, UnaryOperator<Builder> change) {
    Builder builder = change.apply(RbmTrainingConfig.builder());
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, builder::build);
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }
}
