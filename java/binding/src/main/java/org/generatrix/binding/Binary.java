// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** Functions of two numbers; mirrors gx_binary_function, which has their equations. */
public enum Binary {
  ADD,
  SUB,
  MUL,
  DIV,
  MAXIMUM,
  MINIMUM,
  POW,
  GATED,
  PRELU
}
