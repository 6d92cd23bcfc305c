// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** A layer of a restricted Boltzmann machine; mirrors gx_layer. */
public enum Layer {
  VISIBLE,
  HIDDEN
}
