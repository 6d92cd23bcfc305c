// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/** Boltzmann machines: the restricted machine with binary units and its training. */
package org.generatrix.model.boltzmann;
