// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import org.generatrix.autograd.Var;

/**
 * What makes a coupling's parameters from what it keeps. One that is a {@link
 * org.generatrix.nn.Module} belongs to the coupling.
 */
@FunctionalInterface
public interface Conditioner {

  /**
   * The parameters, so many for each example as the coupling says.
   *
   * @param kept what the {@link Split} lets the network see
   * @param context [n, context units], or null where there is none
   */
  Var apply(Var kept, Var context);
}
