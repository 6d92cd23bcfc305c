// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * What models have in common: the small contracts that only models implement that can ({@link
 * org.generatrix.model.Sampler}, {@link org.generatrix.model.ConditionalSampler}, {@link
 * org.generatrix.model.EnergyModel}, {@link org.generatrix.model.Encoder}), and how they lie in
 * files.
 */
package org.generatrix.model;
