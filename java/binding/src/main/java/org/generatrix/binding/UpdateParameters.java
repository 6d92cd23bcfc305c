// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.util.Objects;

/**
 * One parameter update; mirrors gx_update_params, whose equations are in gibbs.h. Buffers are
 * float32 and change in place.
 *
 * @param rbm the machine: W, b, c and, where given, mu and lambda
 * @param sW velocities [visible][hidden]; {@code sb} [visible], {@code sc} [hidden]
 * @param dW gradient [visible][hidden]; {@code db} [visible], {@code dc} [hidden]
 * @param meanV data means [visible]; needed where mu is given, else null
 * @param meanH data means [hidden]; needed where lambda is given or sparsityCost > 0, else null
 */
public record UpdateParameters(
    RbmParameters rbm,
    DeviceBuffer sW,
    DeviceBuffer sb,
    DeviceBuffer sc,
    DeviceBuffer dW,
    DeviceBuffer db,
    DeviceBuffer dc,
    DeviceBuffer meanV,
    DeviceBuffer meanH,
    float rate,
    float momentum,
    float weightDecay,
    float sparsityTarget,
    float sparsityCost,
    float offsetRate) {
  public UpdateParameters {
    Objects.requireNonNull(rbm, "rbm");
  }
}
