// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/** Published figures as recipes that can be rerun. */
package org.generatrix.eval.figures;
