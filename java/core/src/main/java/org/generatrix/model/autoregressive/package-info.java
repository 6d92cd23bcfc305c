// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Models of images that give each pixel a distribution given all pixels before it: exact
 * likelihoods, and samples pixel by pixel.
 */
package org.generatrix.model.autoregressive;
