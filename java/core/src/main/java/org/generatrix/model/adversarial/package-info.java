// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Generative adversarial networks: {@link org.generatrix.model.adversarial.Gan} of any two
 * networks, {@link org.generatrix.model.adversarial.Dcgan} for pictures, and their training.
 */
package org.generatrix.model.adversarial;
