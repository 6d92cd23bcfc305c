// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The operations, one class each: equation, shape rule, forward pass and gradient side by side.
 * Static {@code of} makes the value; {@link org.generatrix.autograd.Functions} is the face to
 * import.
 */
package org.generatrix.autograd.op;
