// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.generatrix.model.ModelFile;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * A part of a model: parameters, which training moves, buffers, which belong to the model but have
 * no gradient, and parts of its own. Names follow the tree, joined by dots: "encoder.0.weight".
 *
 * <p>A module owns its tensors and its children, and closes them. A tensor or a child that is
 * registered twice, as tied weights are, is listed once, under its first name.
 *
 * <pre>{@code
 * final class Autoencoder extends Module {
 *   private final Linear encoder = child("encoder", new Linear(device, 784, 32));
 *   private final Tensor scale = parameter("scale", Tensor.zeros(device, 784), Initialiser.constant(1));
 *   ..
 * }
 * Autoencoder model = new Autoencoder();
 * model.initialise(42);
 * }</pre>
 */
public abstract class Module implements AutoCloseable {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private final Map<String, Initialiser> initialisers = new LinkedHashMap<>();
  private final List<AutoCloseable> owned = new ArrayList<>();
  private boolean begun; // parameters have values to train from

  // --- For subclasses -------------------------------------------------------------------------

  /** Registers a parameter, which this module now owns; {@link #initialise} leaves its value. */
  protected final Tensor parameter(String name, Tensor value) {
    parameters.put(unused(name), Objects.requireNonNull(value, name));
    return value;
  }

  /** Registers a parameter that {@link #initialise} fills. */
  protected final Tensor parameter(String name, Tensor value, Initialiser initialiser) {
    initialisers.put(name, Objects.requireNonNull(initialiser, "initialiser"));
    return parameter(name, value);
  }

  /** Registers a tensor without a gradient that belongs to the model's state. */
  protected final Tensor buffer(String name, Tensor value) {
    buffers.put(unused(name), Objects.requireNonNull(value, name));
    return value;
  }

  /** Registers a part, which this module now owns. */
  protected final <M extends Module> M child(String name, M module) {
    children.put(unused(name), Objects.requireNonNull(module, name));
    return module;
  }

  /** Closes something with this module that is not of its state: what it keeps between calls. */
  protected final <T extends AutoCloseable> T own(T resource) {
    owned.add(Objects.requireNonNull(resource, "resource"));
    return resource;
  }

  private String unused(String name) {
    if (name.isEmpty() || name.indexOf('.') >= 0) {
      throw new IllegalArgumentException(
          "expected a name without dots that is not empty, got \"" + name + "\"");
    }
    if (parameters.containsKey(name) || buffers.containsKey(name) || children.containsKey(name)) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + " has a \"" + name + "\" already");
    }
    return name;
  }

  // --- What there is --------------------------------------------------------------------------

  /** What training moves, by name: the module's own first, then its children's, as registered. */
  public final Map<String, Tensor> parameters() {
    return tensors(module -> module.parameters);
  }

  /** What belongs to the model but has no gradient, by name. */
  public final Map<String, Tensor> buffers() {
    return tensors(module -> module.buffers);
  }

  /** Parameters and buffers by name: all that a file must hold. */
  public final Map<String, Tensor> state() {
    return tensors(
        module -> {
          Map<String, Tensor> both = new LinkedHashMap<>(module.parameters);
          both.putAll(module.buffers);
          return both;
        });
  }

  private Map<String, Tensor> tensors(Function<Module, Map<String, Tensor>> own) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    Set<Tensor> known = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Map.Entry<String, Module> part : tree().entrySet()) {
      own.apply(part.getValue())
          .forEach(
              (name, tensor) -> {
                if (known.add(tensor)) {
                  found.put(part.getKey() + name, tensor);
                }
              });
    }
    return Collections.unmodifiableMap(found);
  }

  /** All modules, this one first, by what stands before the names of their tensors. */
  private Map<String, Module> tree() {
    Map<String, Module> found = new LinkedHashMap<>();
    walk("", found, Collections.newSetFromMap(new IdentityHashMap<>()));
    return found;
  }

  private void walk(String prefix, Map<String, Module> found, Set<Module> known) {
    if (known.add(this)) {
      found.put(prefix, this);
      children.forEach((name, child) -> child.walk(prefix + name + ".", found, known));
    }
  }

  /** Numbers that training moves. */
  public final long parameterCount() {
    return parameters().values().stream().mapToLong(Tensor::size).sum();
  }

  // --- Where they come from -------------------------------------------------------------------

  /**
   * Draws the initial values. What a parameter gets depends on the seed and its name alone: neither
   * on the order in which modules were made, nor on what else there is.
   */
  public final void initialise(long seed) {
    Set<Tensor> known = Collections.newSetFromMap(new IdentityHashMap<>());
    tree()
        .forEach(
            (prefix, module) -> {
              module.parameters.forEach(
                  (name, tensor) -> {
                    Initialiser initialiser = module.initialisers.get(name);
                    if (known.add(tensor) && initialiser != null) {
                      initialiser.fill(tensor, Initialiser.seed(seed, prefix + name));
                    }
                  });
              module.begun = true;
            });
  }

  /** Throws IllegalStateException unless the parameters were initialised, copied or read. */
  public final void requireInitialised() {
    tree()
        .forEach(
            (prefix, module) -> {
              if (!module.begun && !module.initialisers.isEmpty()) {
                throw new IllegalStateException(
                    "expected parameters with values, but \"%s%s\" was neither initialised nor read: call initialise(seed)"
                        .formatted(prefix, module.initialisers.keySet().iterator().next()));
              }
            });
  }

  private void begin() {
    tree().values().forEach(module -> module.begun = true);
  }

  /** Takes over the values of a module with the same names and shapes. */
  public final void copyFrom(Module from) {
    Map<String, Tensor> theirs = from.state();
    Map<String, Tensor> ours = state();
    if (!ours.keySet().equals(theirs.keySet())) {
      throw new IllegalArgumentException(
          "expected a module with the tensors %s, got %s"
              .formatted(ours.keySet(), theirs.keySet()));
    }
    ours.forEach((name, tensor) -> tensor.copyFrom(theirs.get(name)));
    begin();
  }

  /** Adds the state to a file under construction. */
  public final void write(ModelFile.Writer file) {
    state().forEach(file::tensor);
  }

  /** Sets the state to what the file holds, which may hold more. */
  public final void read(ModelFile file) throws IOException {
    for (Map.Entry<String, Tensor> entry : state().entrySet()) {
      file.into(entry.getKey(), entry.getValue());
    }
    begin();
  }

  /** Frees every tensor of the tree; closing again does nothing. */
  @Override
  public void close() {
    try (Scope scope = new Scope()) {
      for (Module module : tree().values()) {
        module.parameters.values().forEach(scope::own);
        module.buffers.values().forEach(scope::own);
        module.owned.forEach(scope::own);
      }
    }
  }
}
