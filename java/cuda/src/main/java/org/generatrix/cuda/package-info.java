// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Where a GPU's device meets JCuda: its stream and its memory as JCuda has them, JCuda's as a
 * device and tensors, events and pinned memory. A program that only computes on a GPU needs none of
 * it: {@link org.generatrix.binding.Device#cuda} is enough.
 *
 * <p>All of it lives in the primary context of the GPU, which every CUDA runtime in the process
 * shares.
 */
package org.generatrix.cuda;
