// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Conv;
import org.generatrix.binding.View;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * The weights of a convolution as its kernels like them, made again when the weights have changed:
 * {@link Tensor#version} tells. Whoever owns the weights owns this and closes it too.
 *
 * <p>Several threads may use it while nobody changes the weights. Memory is written over, never
 * replaced, so that a thread that reads while another one trains gets old and new weights mixed, as
 * it would from the weights themselves.
 */
public final class PackedWeights implements AutoCloseable {
  private static final class Packed {
    final Tensor tensor;
    long version = -1; // of the weights that are in it

    Packed(Tensor tensor) {
      this.tensor = tensor;
    }
  }

  private final Tensor weight;
  private final Map<Long, Packed> byForm = new HashMap<>(); // forward and backward differ
  private boolean closed;

  /** Of a weight, which is borrowed. */
  public PackedWeights(Tensor weight) {
    this.weight = Objects.requireNonNull(weight, "weight");
  }

  /** For this convolution with this weight; null if packing gains nothing. */
  synchronized View of(Conv.Shape s, Var used) {
    if (used.value() != weight) {
      throw new IllegalArgumentException(
          "expected the weight that was packed, %s, got %s"
              .formatted(weight.describe(), used.value().describe()));
    }
    if (closed) {
      throw new IllegalStateException("expected open packed weights, got closed ones");
    }
    Conv.Packing packing = Conv.packingOf(weight.device(), weight.dtype().format(), s);
    if (packing.bytes() == 0) {
      return null;
    }
    Packed packed = byForm.computeIfAbsent(packing.form(), form -> new Packed(make(packing)));
    long version = weight.version();
    if (packed.version != version) {
      packed.version = -1;
      Conv.pack(weight.device(), s, weight.view(), packed.tensor.view());
      packed.version = version;
    }
    return packed.tensor.view();
  }

  private Tensor make(Conv.Packing packing) {
    return Tensor.empty(weight.device(), DType.FLOAT32, packing.bytes() / Float.BYTES);
  }

  /** Frees the memory; closing again does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    byForm.values().forEach(packed -> packed.tensor.close());
    byForm.clear();
  }
}
