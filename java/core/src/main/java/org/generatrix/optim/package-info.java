// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Gradient descent: {@link org.generatrix.optim.Rule} is a step's formula, {@link
 * org.generatrix.optim.Schedule} its learning rate over time, {@link
 * org.generatrix.optim.Optimizer} both over the parameters of a model, with their state and their
 * average.
 */
package org.generatrix.optim;
