// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Threads and scratch of one call, for kernels of one instruction set, which may not use inline functions of others.
#ifndef GENERATRIX_KERNELS_LINEAR_PRODUCT_TEAM_H_
#define GENERATRIX_KERNELS_LINEAR_PRODUCT_TEAM_H_

#include <cstdint>

#include "runtime/threads.h"

struct gx_device;

namespace gx {

class Workspace;

class Team {
 public:
  Team(gx_device& device, Workspace& workspace);
  int threads() const;
  float* scratch(int64_t floats);  // for the whole call, 64-byte aligned
  void run(int64_t items, Work work, void* context);

 private:
  Workspace& workspace_;
  int threads_;
};

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LINEAR_PRODUCT_TEAM_H_
