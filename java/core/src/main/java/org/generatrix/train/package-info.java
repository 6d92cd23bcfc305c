// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Training runs: the loop with its listeners, checkpoints and guards ({@link
 * org.generatrix.train.Trainer}), the step interface it drives ({@link
 * org.generatrix.train.Trainable}), and shuffled minibatches on a device.
 */
package org.generatrix.train;
