// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Building blocks of models: {@link org.generatrix.nn.Module} names and owns parameters, {@link
 * org.generatrix.nn.Layer} maps a value to a value, {@link org.generatrix.nn.Initialiser} says how
 * parameters begin.
 */
package org.generatrix.nn;
