// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Data as models see it: images and labels from IDX files, the bundled digits, tables from
 * comma-separated values, points of known density, the order in which they are presented, and how
 * intensities become binary states.
 */
package org.generatrix.data;
