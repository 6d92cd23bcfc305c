// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Normalising flows: {@link org.generatrix.model.flow.Transform}s that can be inverted and know
 * their Jacobian, {@link org.generatrix.model.flow.FlowModel}s made of them and of a base density,
 * with exact likelihoods and samples in one pass, and their training.
 */
package org.generatrix.model.flow;
