// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/** Decompositions, by OpenBLAS's LAPACK. */
package org.generatrix.linalg;
