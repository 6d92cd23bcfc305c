// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every line of every kernels.inc, for tests, benchmarks and `doctor`.

#include "runtime/check.h"
#include "runtime/isa.h"

namespace {

const gx::KernelLine kLines[] = {
#define GX_KERNEL(op, variant, isa) {#op, #variant, GX_ISA_OF_##isa},
#define GX_ISA_OF_baseline GX_ISA_BASELINE
#define GX_ISA_OF_x86_v3 GX_ISA_V3
#define GX_ISA_OF_x86_v4 GX_ISA_V4
    {"none", "none", GX_ISA_BASELINE},
};

}  // namespace

gx_status gx_kernel_at(int32_t i, gx_kernel_info* info) {
  return gx::guarded([&] {
    gx::check::not_null(info, "info");
    constexpr int kCount = int(sizeof kLines / sizeof kLines[0]);
    gx::check::in_range(i, 0, kCount - 1, "the index of a kernel");
    const gx::KernelLine& line = kLines[i];
    *info = {line.op, line.variant, line.isa, gx::usable(line.isa)};
  });
}
