// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.io.MalformedFileException;
import org.generatrix.io.SafeTensors;
import org.generatrix.io.SafeTensorsFile;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.boltzmann.RbmTrainingConfig.Algorithm;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A run that is stopped, saved and resumed ends in the same file, byte for byte, as one that was
 * not.
 */
class RbmCheckpointTest {
  private static final int D = 45; // two words of bits, the second in part
  private static final int ROWS = 50;
  private static final Device DEVICE = Device.cpu(1);
  private static final float[] DATA = TinyMachine.uniform(new Random(71), ROWS * D);

  @TempDir Path folder;

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  private static RbmTrainingConfig config(Algorithm algorithm, Binarisation binarisation) {
    return RbmTrainingConfig.builder()
        .algorithm(algorithm)
        .steps(2)
        .batchSize(8) // 7 batches, the last of 2 rows
        .chains(6)
        .replicas(algorithm == Algorithm.PARALLEL_TEMPERING ? 3 : 1)
        .epochs(3)
        .learningRate(0.1)
        .finalLearningRate(0.01)
        .momentum(0.5)
        .weightDecay(1e-3)
        .sparsity(0.1, 0.2)
        .binarisation(binarisation)
        .seed(9)
        .build();
  }

  static Stream<Arguments> runs() {
    return Arrays.stream(Algorithm.values())
        .flatMap(
            algorithm ->
                Arrays.stream(Binarisation.values())
                    .flatMap(
                        binarisation ->
                            Stream.of(7, 11) // after an epoch, and in the midst of one
                                .map(
                                    steps ->
                                        Arguments.of(
                                            algorithm,
                                            binarisation,
                                            binarisation != Binarisation.THRESHOLD,
                                            steps))));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void aResumedRunEndsInTheSameFile(
      Algorithm algorithm, Binarisation binarisation, boolean centered, int steps)
      throws IOException {
    RbmTrainingConfig config = config(algorithm, binarisation);
    Path straight = folder.resolve("straight");
    Path middle = folder.resolve("middle");
    Path resumed = folder.resolve("resumed");
    float[] start;
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D)) {
      try (Rbm rbm = Rbm.create(DEVICE, new RbmConfig(D, 20, centered, 0.1), null, 4);
          RbmTrainer run = new RbmTrainer(rbm, data, config)) {
        start = rbm.W().toArray();
        new Trainer(run).fit();
        run.save(straight);
        assertFalse(Arrays.equals(start, rbm.W().toArray()));
      }
      try (Rbm rbm = Rbm.create(DEVICE, new RbmConfig(D, 20, centered, 0.1), null, 4);
          RbmTrainer run = new RbmTrainer(rbm, data, config)) {
        for (int s = 0; s < steps; s++) {
          run.step();
        }
        run.save(middle);
      }
    }
    try (Device another = Device.cpu(2);
        Tensor data = Tensor.of(another, DATA, ROWS, D);
        Rbm rbm = Rbm.load(another, middle);
        RbmTrainer run = RbmTrainer.resume(rbm, middle, data)) {
      assertEquals(steps / 7, run.epoch());
      assertEquals(steps % 7, run.batch());
      assertEquals(config, run.config());
      new Trainer(run).fit();
      run.save(resumed);
    }
    assertFalse(Arrays.equals(Files.readAllBytes(middle), Files.readAllBytes(resumed)));
    assertArrayEquals(Files.readAllBytes(straight), Files.readAllBytes(resumed));
  }

  @Test
  void aRequestToStopEndsAfterTheBatchWithACheckpoint() throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    Path straight = folder.resolve("straight");
    RbmTrainingConfig config = config(Algorithm.PCD, Binarisation.INTENSITIES);
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D)) {
      try (Rbm rbm = Rbm.create(DEVICE, RbmConfig.centered(D, 20), null, 4);
          RbmTrainer run = new RbmTrainer(rbm, data, config)) {
        new Trainer(run).fit();
        run.save(straight);
      }
      try (Rbm rbm = Rbm.create(DEVICE, RbmConfig.centered(D, 20), null, 4);
          RbmTrainer run = new RbmTrainer(rbm, data, config)) {
        Trainer trainer = new Trainer(run).checkpoint(checkpoint, 1);
        trainer.listen(
            new TrainingListener() {
              @Override
              public void onBatch(TrainingEvent event) {
                if (event.epoch() == 1 && event.batch() == 3) {
                  trainer.requestStop();
                }
              }
            });
        assertEquals(TrainingEvent.End.STOPPED, trainer.fit());
      }
      try (Rbm rbm = Rbm.load(DEVICE, checkpoint);
          RbmTrainer run = RbmTrainer.resume(rbm, checkpoint, data)) {
        assertEquals(1, run.epoch());
        assertEquals(3, run.batch());
        assertEquals(TrainingEvent.End.COMPLETED, new Trainer(run).checkpoint(checkpoint, 1).fit());
      }
    }
    assertArrayEquals(Files.readAllBytes(straight), Files.readAllBytes(checkpoint));
  }

  @Test
  void aRunCanBeExtended() throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D)) {
      save(checkpoint, data);
      try (Rbm rbm = Rbm.load(DEVICE, checkpoint);
          RbmTrainer run = RbmTrainer.resume(rbm, checkpoint, data, 5)) {
        assertEquals(5, run.epochs());
        assertEquals(TrainingEvent.End.COMPLETED, new Trainer(run).fit());
        assertEquals(5, run.epoch());
        assertEquals(0.01, run.learningRate(), 1e-12);
        assertThrows(
            IllegalArgumentException.class, () -> RbmTrainer.resume(rbm, checkpoint, data, 0));
      }
    }
  }

  @Test
  void aCheckpointIsAModelWithItsProvenance() throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    Path model = folder.resolve("model");
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D)) {
      save(checkpoint, data);
    }
    try (Rbm rbm = Rbm.load(DEVICE, checkpoint)) {
      assertEquals("4", rbm.provenance().get("seed"));
      assertEquals(
          config(Algorithm.PCD, Binarisation.INTENSITIES),
          ConfigJson.read(RbmTrainingConfig.class, rbm.provenance().get("training.config")));
      rbm.save(model);
    }
    try (SafeTensorsFile file = SafeTensors.read(model)) {
      assertEquals(Set.of("W", "b", "c", "mu", "lambda"), file.names());
      assertTrue(file.metadata().containsKey("training.config"));
      assertFalse(file.metadata().containsKey("training.state"));
    }
  }

  @Test
  void whatCannotBeResumedIsRefused() throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    Path model = folder.resolve("model");
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Tensor fewer = Tensor.of(DEVICE, Arrays.copyOf(DATA, 40 * D), 40, D);
        Rbm other = Rbm.create(DEVICE, RbmConfig.centered(D, 19), null, 4)) {
      save(checkpoint, data);
      try (Rbm rbm = Rbm.load(DEVICE, checkpoint)) {
        rbm.save(model);
        long live = DEVICE.memory().live();
        MalformedFileException noState =
            assertThrows(MalformedFileException.class, () -> RbmTrainer.resume(rbm, model, data));
        assertTrue(noState.getMessage().contains("without the state of a run"));
        IllegalArgumentException otherData =
            assertThrows(
                IllegalArgumentException.class, () -> RbmTrainer.resume(rbm, checkpoint, fewer));
        assertTrue(otherData.getMessage().contains("50x45:"), otherData.getMessage());
        assertTrue(otherData.getMessage().contains("40x45:"), otherData.getMessage());
        assertThrows(
            MalformedFileException.class, () -> RbmTrainer.resume(other, checkpoint, data));
        assertEquals(live, DEVICE.memory().live());
      }
    }
  }

  @Test
  void aHostilePlaceIsRefused() throws IOException {
    Path checkpoint = folder.resolve("checkpoint");
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D)) {
      save(checkpoint, data);
      String state;
      try (SafeTensorsFile file = SafeTensors.read(checkpoint)) {
        state = file.metadata().get("training.state");
      }
      assertTrue(state.contains("\"batch\":0"), state);
      for (String bad : new String[] {"\"batch\":7", "\"batch\":-1", "\"batch\":null", "\"b\":0"}) {
        Path broken = folder.resolve("broken");
        rewrite(checkpoint, broken, state.replace("\"batch\":0", bad), 0);
        resumeFails(broken, data, "\"batch\" in [0, 6]");
      }
      Path padding = folder.resolve("padding");
      rewrite(checkpoint, padding, state, 1 << 31);
      resumeFails(padding, data, "no bits set behind its 45 units, got some in row 0");
    }
  }

  private static void resumeFails(Path file, Tensor data, String sentence) throws IOException {
    try (Rbm rbm = Rbm.load(DEVICE, file)) {
      MalformedFileException e =
          assertThrows(MalformedFileException.class, () -> RbmTrainer.resume(rbm, file, data));
      assertTrue(e.getMessage().contains(sentence), e.getMessage());
    }
  }

  private static void save(Path checkpoint, Tensor data) throws IOException {
    try (Rbm rbm = Rbm.create(DEVICE, RbmConfig.centered(D, 20), null, 4);
        RbmTrainer run =
            new RbmTrainer(rbm, data, config(Algorithm.PCD, Binarisation.INTENSITIES))) {
      for (int s = 0; s < 7; s++) {
        run.step();
      }
      run.save(checkpoint);
    }
  }

  // The same file with another state, and the second word of the first chain changed.
  private static void rewrite(Path from, Path to, String state, int flip) throws IOException {
    var writer = SafeTensors.writer();
    try (SafeTensorsFile file = SafeTensors.read(from)) {
      file.metadata().forEach(writer::metadata);
      writer.metadata("training.state", state);
      for (String name : file.names()) {
        if (file.dtype(name).equals("I32")) {
          int[] words = file.ints(name);
          words[1] ^= flip;
          writer.ints(name, file.shape(name), words);
        } else {
          writer.floats(name, file.shape(name), file.floats(name));
        }
      }
    }
    writer.write(to);
  }
}
