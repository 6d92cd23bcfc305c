// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Reverse-mode differentiation on an explicit {@link org.generatrix.autograd.Tape}: no globals, no
 * thread-locals. The operations are in {@code autograd.op}, one class each; {@link
 * org.generatrix.autograd.Functions} is their face.
 */
package org.generatrix.autograd;
