// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** Reductions over axes; mirrors gx_reduction, which has their equations. */
public enum Reduction {
  SUM,
  MEAN,
  SUM_OF_SQUARES,
  SUM_OF_SIZES,
  NORM,
  MAX,
  MIN
}
