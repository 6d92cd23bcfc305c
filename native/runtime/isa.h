// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which instruction set the kernels of this process use, and a kernel's registry line.
#ifndef GENERATRIX_RUNTIME_ISA_H_
#define GENERATRIX_RUNTIME_ISA_H_

#include "generatrix/core.h"

namespace gx {

// Each op lists its variants in its kernels.inc, best first. `runs_on` is part of the line, so that one loop picks.
struct KernelLine {
  const char* op;
  const char* variant;
  gx_isa isa;
};

inline bool usable(gx_isa isa) { return isa <= gx_cpu_isa(); }

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_ISA_H_
