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

// The set a line of kernels.inc names; also the namespaces its variants live in.
namespace isa_of {
constexpr gx_isa baseline = GX_ISA_BASELINE, x86_v3 = GX_ISA_V3, x86_v4 = GX_ISA_V4;
}

inline bool usable(gx_isa isa) { return isa <= gx_cpu_isa(); }

// The best variant this process may run, of an op whose variants differ only in their instruction set.
template <class Variant, int n>
const Variant& first_usable(const Variant (&variants)[n]) {
  for (const Variant& v : variants) {
    if (usable(v.line.isa)) return v;
  }
  return variants[n - 1];  // the baseline, which every CPU runs
}

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_ISA_H_
