// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every line of every kernels.inc, for tests, benchmarks and `doctor`. CMake writes registry.inc, which includes them
// all.

#include "runtime/check.h"
#include "runtime/isa.h"

namespace {

const gx::KernelLine kLines[] = {
#define GX_KERNEL(family, op, variant, isa) {#family "." #op, #variant, gx::isa_of::isa},
#include "registry.inc"
#undef GX_KERNEL
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
