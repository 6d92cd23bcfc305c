// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/**
 * What a dense layer does to its sums, fused into the product; mirrors gx_activation. The
 * derivative follows from the value.
 */
public enum Activation {
  NONE,
  RELU,
  /** z, or p z below 0. */
  LEAKY_RELU,
  /** z, or p (e^z - 1) below 0. */
  ELU,
  TANH,
  SIGMOID,
  SOFTPLUS
}
