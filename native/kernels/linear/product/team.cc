// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/linear/product/team.h"

#include "runtime/device.h"

namespace gx {

Team::Team(gx_device& device, Workspace& workspace) : workspace_(workspace), threads_(device.threads) {}
int Team::threads() const { return threads_; }
float* Team::scratch(int64_t floats) { return workspace_.get<float>(floats); }
void Team::run(int64_t items, Work work, void* context) { parallel_for(threads_, items, work, context); }

}  // namespace gx
