// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Files that hold together: tensors as safetensors, JSON, and writing that replaces a file as a
 * whole or not at all. Whatever is wrong with a file is one sentence in an IOException that names
 * it.
 */
package org.generatrix.io;
