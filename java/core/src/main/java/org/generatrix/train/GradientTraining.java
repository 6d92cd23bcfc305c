// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.generatrix.autograd.Gradients;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.nn.Module;
import org.generatrix.optim.Ema;
import org.generatrix.optim.Optimizer;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * Descent of a loss over minibatches: each update differentiates the loss of one batch and moves
 * the parameters of a {@link Module}. The model and the data stay the caller's.
 *
 * <pre>{@code
 * GradientTraining.Loss loss = (tape, batch) -> model.loss(tape.constant(batch.x()));
 * OptimizerConfig adam = OptimizerConfig.of(Rule.adam(), 1e-3);
 * try (GradientTraining run =
 *     new GradientTraining(
 *         model, "autoencoder", config, Examples.of(data), GradientTrainingConfig.of(adam, 10, 100, 1), loss)) {
 *   new Trainer(run).checkpoint(folder.resolve("model.safetensors"), 1).fit();
 * }
 * }</pre>
 *
 * <p>Runs share nothing: several threads may each train a model of their own.
 */
public class GradientTraining implements Trainable, AutoCloseable {
  private static final String PREFIX = "training.";
  private static final String LOSS_SUM = "loss_sum";
  private static final String LOSS_ROWS = "loss_rows";

  /** What is to become small. */
  @FunctionalInterface
  public interface Loss {
    /** One number on the tape, the mean over the rows of the batch. */
    Var of(Tape tape, Examples batch);
  }

  private final Module model;
  private final String kind;
  private final Record modelConfig;
  private final GradientTrainingConfig config;
  private final Record recipe; // what checkpoints say of the training
  private final Loss loss;
  private final Device device;
  private final Scope scope = new Scope();
  private final MiniBatches batches;
  private final Optimizer optimizer;
  private double lossSum; // over the rows of the epoch at hand
  private double lossRows;
  private boolean measured; // an epoch was completed in this object
  private double epochLoss;
  private double gradientNorm;

  /**
   * A run at its beginning.
   *
   * @param model with initialised parameters
   * @param kind of the model and {@code modelConfig} its configuration, for its files
   * @param data on the model's device
   */
  public GradientTraining(
      Module model,
      String kind,
      Record modelConfig,
      Examples data,
      GradientTrainingConfig config,
      Loss loss) {
    this(model, kind, modelConfig, data, config, config, loss, true);
  }

  /**
   * The training of a model whose recipe says more than {@code config}, which follows from it.
   *
   * @param recipe what checkpoints keep in place of {@code config}
   */
  protected GradientTraining(
      Module model,
      String kind,
      Record modelConfig,
      Examples data,
      GradientTrainingConfig config,
      Record recipe,
      Loss loss) {
    this(model, kind, modelConfig, data, config, recipe, loss, true);
  }

  private GradientTraining(
      Module model,
      String kind,
      Record modelConfig,
      Examples data,
      GradientTrainingConfig config,
      Record recipe,
      Loss loss,
      boolean begins) {
    this.model = Objects.requireNonNull(model, "model");
    this.kind = Objects.requireNonNull(kind, "kind");
    this.modelConfig = Objects.requireNonNull(modelConfig, "modelConfig");
    this.config = Objects.requireNonNull(config, "config");
    this.recipe = Objects.requireNonNull(recipe, "recipe");
    this.loss = Objects.requireNonNull(loss, "loss");
    device = data.x().device();
    if (begins) {
      model.requireInitialised();
    }
    try {
      batches =
          scope.own(
              new MiniBatches(data, config.batchSize(), config.binarisation(), config.seed()));
      optimizer = scope.own(new Optimizer(model.parameters(), config.optimizer()));
    } catch (RuntimeException | Error e) {
      scope.close();
      throw e;
    }
  }

  /**
   * Goes on where a checkpoint stopped, bit for bit. The model's parameters and buffers become the
   * checkpoint's.
   *
   * @param data what the run was trained on
   */
  public static GradientTraining resume(
      Path checkpoint, Module model, String kind, Record modelConfig, Examples data, Loss loss)
      throws IOException {
    return resume(checkpoint, model, kind, modelConfig, data, loss, 0);
  }

  /** Goes on to another number of epochs; 0 keeps what the file says. */
  public static GradientTraining resume(
      Path checkpoint,
      Module model,
      String kind,
      Record modelConfig,
      Examples data,
      Loss loss,
      int epochs)
      throws IOException {
    return resumed(
        checkpoint,
        kind,
        GradientTrainingConfig.class,
        stored -> {
          GradientTrainingConfig config = epochs == 0 ? stored : stored.withEpochs(epochs);
          return new GradientTraining(model, kind, modelConfig, data, config, config, loss, false);
        });
  }

  /**
   * A run that stands where a checkpoint stopped.
   *
   * @param kind of its model
   * @param recipe of its training, as the file keeps it
   * @param begin makes the run from the stored recipe
   */
  protected static <R extends GradientTraining, C extends Record> R resumed(
      Path checkpoint, String kind, Class<C> recipe, Function<C, R> begin) throws IOException {
    try (ModelFile file = ModelFile.read(checkpoint, kind)) {
      R run = begin.apply(Checkpoint.config(file, recipe));
      try {
        ((GradientTraining) run).restore(file); // private, so not a member of R
        return run;
      } catch (RuntimeException | IOException e) {
        run.close();
        throw e;
      }
    }
  }

  /** Takes over the model and the place of a checkpoint of such a run. */
  private void restore(ModelFile file) throws IOException {
    Checkpoint.requireModel(file, modelConfig);
    Checkpoint place = Checkpoint.read(file, batches);
    model.read(file);
    place.restore(state(), batches);
    optimizer.resume(place.step());
    lossSum = place.number(LOSS_SUM);
    lossRows = place.number(LOSS_ROWS);
  }

  // --- One update -----------------------------------------------------------------------------

  @Override
  public void step() {
    try (Tape tape = Tape.training(device, config.seed(), optimizer.steps())) {
      Examples batch = batches.nextBatch(tape.nextRng());
      Var value = loss.of(tape, batch);
      lossSum += value.item() * batch.rows();
      lossRows += batch.rows();
      Gradients gradients = tape.gradients(value);
      optimizer.step(gradients);
      if (batches.batch() == 0) {
        endEpoch(gradients);
      }
    }
  }

  private void endEpoch(Gradients last) {
    measured = true;
    epochLoss = lossSum / lossRows;
    lossSum = 0;
    lossRows = 0;
    boolean known = config.optimizer().clipNorm() > 0;
    gradientNorm = known ? optimizer.gradientNorm() : optimizer.norm(last);
  }

  // --- Where the run stands -------------------------------------------------------------------

  public Module model() {
    return model;
  }

  /** What the updates follow. */
  public GradientTrainingConfig gradientConfig() {
    return config;
  }

  /** The moving average of the parameters, or null if there is none. */
  public Ema ema() {
    return optimizer.ema();
  }

  /** The rate of the next update. */
  public double learningRate() {
    return optimizer.rate();
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
   * The mean of the loss over the rows of the last epoch, as they were met; the next update's
   * learning rate; the norm of the epoch's last gradient, before clipping.
   */
  @Override
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (measured) {
      metrics.put("loss", epochLoss);
    }
    metrics.put("learning_rate", learningRate());
    if (measured) {
      metrics.put("gradient_norm", gradientNorm);
    }
    return metrics;
  }

  @Override
  public String nonFinite() {
    String name = NonFinite.in(model);
    if (name != null) {
      return name;
    }
    return Double.isFinite(lossSum) && Double.isFinite(epochLoss) ? null : "the loss";
  }

  @Override
  public void save(Path checkpoint) throws IOException {
    ModelFile.Writer file = ModelFile.writer(kind, modelConfig);
    model.write(file);
    Map<String, Double> sums = new LinkedHashMap<>();
    sums.put(LOSS_SUM, lossSum);
    sums.put(LOSS_ROWS, lossRows);
    Checkpoint.write(file, recipe, batches, optimizer.steps(), sums, state());
    file.save(checkpoint);
  }

  private Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    optimizer.state().forEach((name, tensor) -> state.put(PREFIX + name, tensor));
    return state;
  }

  @Override
  public void close() {
    scope.close();
  }
}
