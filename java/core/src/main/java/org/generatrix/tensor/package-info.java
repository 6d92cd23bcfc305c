// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
/** Arrays on a device, who closes them, and who did not. */
package org.generatrix.tensor;
