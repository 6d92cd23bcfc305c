// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import static org.generatrix.autograd.Functions.normal;
import static org.generatrix.autograd.Functions.normalLike;
import static org.generatrix.autograd.Functions.sigmoid;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.data.Binarisation;
import org.generatrix.model.ModelFile;
import org.generatrix.optim.Optimizer;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Checkpoint;
import org.generatrix.train.Examples;
import org.generatrix.train.MiniBatches;
import org.generatrix.train.NonFinite;
import org.generatrix.train.Trainable;

/**
 * The game of a {@link Gan}, a batch at a time: the discriminator's update on a batch of data and
 * one of fakes, then, at every so many of those, the generator's against the new discriminator, on
 * the same fakes. The model and the data stay the caller's.
 */
public final class GanTraining implements Trainable, AutoCloseable {
  private static final String[] SUMS = {"loss_d", "loss_g", "d_data", "d_fake", "rows", "rows_g"};
  private static final int LOSS_D = 0;
  private static final int LOSS_G = 1;
  private static final int ON_DATA = 2;
  private static final int ON_FAKES = 3;
  private static final int ROWS = 4;
  private static final int ROWS_G = 5;

  private final Gan gan;
  private final GanTrainingConfig config;
  private final Scope scope = new Scope();
  private final MiniBatches batches;
  private final Optimizer generator;
  private final Optimizer discriminator;
  private final double[] sums = new double[SUMS.length]; // over the epoch at hand
  private double[] means; // of the last epoch, or null

  /**
   * A run at its beginning.
   *
   * @param gan with initialised parameters
   * @param data float [n, visible]
   */
  public GanTraining(Gan gan, Tensor data, GanTrainingConfig config) {
    this(gan, data, config, true);
  }

  private GanTraining(Gan gan, Tensor data, GanTrainingConfig config, boolean begins) {
    this.gan = Objects.requireNonNull(gan, "gan");
    this.config = Objects.requireNonNull(config, "config");
    if (data.shape().length != 2 || data.units() != gan.visible()) {
      throw new IllegalArgumentException(
          "expected rows of %d units, got %s".formatted(gan.visible(), data.describe()));
    }
    if (begins) {
      gan.requireInitialised();
    }
    try {
      batches =
          scope.own(
              new MiniBatches(
                  Examples.of(data), config.batchSize(), Binarisation.INTENSITIES, config.seed()));
      generator = scope.own(new Optimizer(gan.generatorParameters(), config.optimizer()));
      discriminator = scope.own(new Optimizer(gan.discriminatorParameters(), config.optimizer()));
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  /**
   * Goes on where a checkpoint stopped, bit for bit.
   *
   * @param epochs another number of epochs, or 0 for the file's
   */
  public static GanTraining resume(Gan gan, Path checkpoint, Tensor data, int epochs)
      throws IOException {
    try (ModelFile file = ModelFile.read(checkpoint, gan.kind())) {
      GanTrainingConfig stored = Checkpoint.config(file, GanTrainingConfig.class);
      GanTrainingConfig config = epochs == 0 ? stored : stored.withEpochs(epochs);
      GanTraining run = new GanTraining(gan, data, config, false);
      try {
        run.restore(file);
        return run;
      } catch (RuntimeException | IOException e) {
        run.close();
        throw e;
      }
    }
  }

  private void restore(ModelFile file) throws IOException {
    Checkpoint.requireModel(file, gan.modelConfig());
    Checkpoint place = Checkpoint.read(file, batches);
    gan.read(file);
    place.restore(state(), batches);
    discriminator.resume(place.step());
    generator.resume(place.step() / config.discriminatorSteps());
    for (int i = 0; i < sums.length; i++) {
      sums[i] = place.number(SUMS[i]);
    }
  }

  // --- One update -----------------------------------------------------------------------------

  @Override
  public void step() {
    long step = discriminator.steps();
    try (Tape tape = Tape.training(gan.device(), config.seed(), step)) {
      Examples batch = batches.nextBatch(tape.nextRng());
      long rows = batch.rows();
      Var fakes = gan.generate(normal(tape, rows, gan.latents()));

      Var onData = gan.discriminate(noisy(gan.input(tape, batch.x())));
      Var onFakes = gan.discriminate(noisy(fakes.detach()));
      Var loss = AdversarialLoss.discriminator(onData, onFakes, config.labelSmoothing());
      add(LOSS_D, loss.item(), rows);
      add(ON_DATA, sigmoid(onData.detach()).mean().item(), rows);
      add(ON_FAKES, sigmoid(onFakes.detach()).mean().item(), rows);
      sums[ROWS] += rows;
      discriminator.step(tape.gradients(loss, gan.discriminatorParameters().values()));

      if ((step + 1) % config.discriminatorSteps() == 0) {
        Var against = config.loss().generator(gan.discriminate(noisy(fakes)));
        add(LOSS_G, against.item(), rows);
        sums[ROWS_G] += rows;
        generator.step(tape.gradients(against, gan.generatorParameters().values()));
      }
    }
    if (batches.batch() == 0) {
      endEpoch();
    }
  }

  private void add(int which, double value, long rows) {
    sums[which] += value * rows;
  }

  private Var noisy(Var x) {
    double stddev = instanceNoise();
    return stddev == 0 ? x : x.add(normalLike(x).mul(stddev));
  }

  private void endEpoch() {
    means = sums.clone();
    for (int i = 0; i < ROWS; i++) {
      means[i] /= i == LOSS_G ? sums[ROWS_G] : sums[ROWS];
    }
    Arrays.fill(sums, 0);
  }

  // --- Where the run stands -------------------------------------------------------------------

  public Gan gan() {
    return gan;
  }

  public GanTrainingConfig config() {
    return config;
  }

  /** The standard deviation of the instance noise of the update at hand. */
  public double instanceNoise() {
    double all = (double) config.epochs() * batches.batches();
    return config.instanceNoise() * Math.max(0, 1 - discriminator.steps() / all);
  }

  @Override
  public int epoch() {
    return batches.epoch();
  }

  @Override
  public int epochs() {
    return config.epochs();
  }

  @Override
  public long batch() {
    return batches.batch();
  }

  @Override
  public long batchesPerEpoch() {
    return batches.batches();
  }

  @Override
  public long examplesPerEpoch() {
    return batches.rows();
  }

  /**
   * Means over the last epoch: both losses, and the probability of being data that the
   * discriminator gave to data and to fakes, which is 1/2 for both where nobody can tell.
   */
  @Override
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (int i = 0; means != null && i < ROWS; i++) {
      if (i != LOSS_G || means[ROWS_G] > 0) {
        metrics.put(SUMS[i], means[i]);
      }
    }
    return metrics;
  }

  @Override
  public String nonFinite() {
    String name = NonFinite.in(gan);
    if (name != null) {
      return name;
    }
    return Arrays.stream(sums).allMatch(Double::isFinite) ? null : "a loss";
  }

  @Override
  public void save(Path checkpoint) throws IOException {
    ModelFile.Writer file = ModelFile.writer(gan.kind(), gan.modelConfig());
    gan.write(file);
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (int i = 0; i < sums.length; i++) {
      numbers.put(SUMS[i], sums[i]);
    }
    Checkpoint.write(file, config, batches, discriminator.steps(), numbers, state());
    file.save(checkpoint);
  }

  private Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    discriminator.state().forEach((name, tensor) -> state.put("training." + name, tensor));
    generator.state().forEach((name, tensor) -> state.put("training." + name, tensor));
    return state;
  }

  @Override
  public void close() {
    scope.close();
  }
}
