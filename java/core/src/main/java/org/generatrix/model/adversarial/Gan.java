// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import static org.generatrix.autograd.Functions.normal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.model.RowParts;
import org.generatrix.model.Sampler;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;
import org.generatrix.tensor.Tensor;

/**
 * A generator and the discriminator it is trained against (Goodfellow et al. 2014): x = G(z) for z
 * from a standard normal, and log-odds that x is data. It can draw, but has no density to score
 * with.
 *
 * <p>This class plays with any two networks; {@link Dcgan} says which for pictures.
 *
 * <pre>{@code
 * Gan gan = new Gan(device, "ring", new RingConfig(8), 8, 2, generator, discriminator);
 * gan.initialise(1);
 * try (GanTraining run = new GanTraining(gan, data, GanTrainingConfig.of(50))) {
 *   new Trainer(run).fit();
 *   Tensor drawn = gan.sample(1000, 7);
 * }
 * }</pre>
 *
 * <p>Several threads may sample one model while nobody trains it.
 */
public class Gan extends Module implements Sampler {
  private static final int ROWS = 256; // drawn at a time

  private final Device device;
  private final String kind;
  private final Record config;
  private final long latents;
  private final long visible;
  private final Layer generator;
  private final Layer discriminator;

  /**
   * A game of two networks, which this now owns.
   *
   * @param kind of its files, and {@code config} what they say of the networks
   * @param latents units of z, at least 1
   * @param visible units of a row of data, at least 1
   * @param generator of z [n, latents] to examples
   * @param discriminator of examples to one number each
   */
  public <G extends Module & Layer, D extends Module & Layer> Gan(
      Device device,
      String kind,
      Record config,
      long latents,
      long visible,
      G generator,
      D discriminator) {
    if (latents < 1 || visible < 1) {
      throw new IllegalArgumentException(
          "expected at least 1 latent and 1 visible unit, got %d and %d"
              .formatted(latents, visible));
    }
    this.device = Objects.requireNonNull(device, "device");
    this.kind = Objects.requireNonNull(kind, "kind");
    this.config = Objects.requireNonNull(config, "config");
    this.latents = latents;
    this.visible = visible;
    this.generator = child("generator", generator);
    this.discriminator = child("discriminator", discriminator);
  }

  public final Device device() {
    return device;
  }

  /** The kind of a model file that holds one. */
  public final String kind() {
    return kind;
  }

  /** What the file says of the networks. */
  public final Record modelConfig() {
    return config;
  }

  /** Units of z. */
  public final long latents() {
    return latents;
  }

  /** Units of a row of data. */
  public final long visible() {
    return visible;
  }

  /** What the generator's training moves, by name in the whole. */
  public final Map<String, Tensor> generatorParameters() {
    return parameters("generator.");
  }

  /** What the discriminator's training moves, by name in the whole. */
  public final Map<String, Tensor> discriminatorParameters() {
    return parameters("discriminator.");
  }

  private Map<String, Tensor> parameters(String prefix) {
    Map<String, Tensor> some = new LinkedHashMap<>(parameters());
    some.keySet().removeIf(name -> !name.startsWith(prefix));
    return some;
  }

  public final void save(Path path) throws IOException {
    ModelFile.Writer file = ModelFile.writer(kind, config);
    write(file);
    file.save(path);
  }

  // --- The game, on a tape --------------------------------------------------------------------

  /** G(z) for z [n, latents], as the discriminator takes it. */
  public final Var generate(Var z) {
    return generator.apply(z);
  }

  /** The log-odds that each x is data, [n]. */
  public final Var discriminate(Var x) {
    Var odds = discriminator.apply(x);
    long rows = x.shape()[0];
    if (odds.size() != rows) {
      throw new IllegalStateException(
          "expected a discriminator with one number for each of %d examples, got %d"
              .formatted(rows, odds.size()));
    }
    return odds.reshape(rows);
  }

  /** Rows of data [n, visible] as the discriminator takes them; here as they are. */
  public Var input(Tape tape, Tensor x) {
    return tape.constant(x);
  }

  /** What {@link #generate} gives as rows of data [n, visible], undoing {@link #input}. */
  protected Var output(Var generated) {
    return generated;
  }

  // --- Samples --------------------------------------------------------------------------------

  /** Draws z from the standard normal. */
  @Override
  public Tensor sample(int n, long seed) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be at least 1, got " + n);
    }
    try (Tape tape = Tape.inference(device, seed, 0)) {
      return generate(normal(tape, n, latents).value());
    }
  }

  /**
   * The examples that codes stand for.
   *
   * @param z [n, latents]
   * @return [n, visible]; the caller closes it
   */
  public Tensor generate(Tensor z) {
    if (z.shape().length != 2 || z.units() != latents) {
      throw new IllegalArgumentException(
          "expected codes of %d units, got %s".formatted(latents, z.describe()));
    }
    return RowParts.map(
        z,
        ROWS,
        visible,
        some -> {
          try (Tape tape = Tape.inference(device)) {
            return tape.take(output(generate(tape.constant(some))));
          }
        });
  }
}
