// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** Functions of one number; mirrors gx_unary_function, which has their equations. */
public enum Unary {
  EXP,
  SIGMOID,
  TANH,
  RELU,
  LEAKY_RELU,
  AT_LEAST,
  AT_MOST,
  ELU,
  SELU,
  SOFTPLUS,
  SOFTSIGN,
  LOG,
  GELU,
  GELU_TANH,
  SILU,
  SQRT,
  SQUARE,
  RECIPROCAL,
  ABS,
  LOG_SIGMOID,
  LOG1P,
  EXPM1
}
