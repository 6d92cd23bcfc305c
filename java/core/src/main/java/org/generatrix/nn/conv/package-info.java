// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Layers over lines, pictures and volumes, [N, C, L], [N, C, H, W] and [N, C, D, H, W]:
 * convolutions of every kind, ways to make a picture larger or smaller, and the blocks that
 * networks are built of. Parameters are named as in PyTorch.
 */
package org.generatrix.nn.conv;
