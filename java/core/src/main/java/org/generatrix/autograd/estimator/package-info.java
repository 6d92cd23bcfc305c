// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

/** Gradients of expectations over what a model draws, from samples. */
package org.generatrix.autograd.estimator;
