// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Evaluation that says what it measured: log Z by annealed importance sampling from both sides,
 * likelihoods labelled exact or estimate with the binarisation of their data, and the free-energy
 * gap.
 */
package org.generatrix.eval;
