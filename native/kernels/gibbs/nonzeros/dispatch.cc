// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/gibbs/nonzeros/nonzeros.h"
#include "runtime/check.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                        \
  namespace isa {                                                  \
  void op##_##variant(const NonzeroRows&, int64_t r0, int64_t r1); \
  }
#include "kernels/gibbs/nonzeros/kernels.inc"
#undef GX_KERNEL

namespace {

const NonzerosVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/gibbs/nonzeros/kernels.inc"
#undef GX_KERNEL
};

int64_t blocks_of(int64_t units) { return (units + kSparseBlock - 1) / kSparseBlock; }
int64_t capacity_of(int64_t units) { return units + 16; }

}  // namespace

const NonzerosVariant* nonzeros_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

double sampled_density(const float* values, int64_t rows, int64_t units) {
  const int64_t samples = std::min<int64_t>(rows, 16);
  int64_t nonzeros = 0;
  for (int64_t s = 0; s < samples; ++s) {
    const float* row = values + s * rows / samples * units;
    for (int64_t i = 0; i < units; ++i) nonzeros += row[i] != 0.0f;
  }
  return samples * units > 0 ? double(nonzeros) / double(samples * units) : 0;
}

double sampled_density(const uint32_t* bits, int64_t rows, int64_t units) {
  const int64_t samples = std::min<int64_t>(rows, 16), stride = words(units);
  int64_t set = 0;
  for (int64_t s = 0; s < samples; ++s) {
    const uint32_t* row = bits + s * rows / samples * stride;
    for (int64_t w = 0; w < stride; ++w) set += __builtin_popcount(row[w]);
  }
  return samples * units > 0 ? double(set) / double(samples * units) : 0;
}

NonzeroLists::NonzeroLists(Workspace& workspace, int64_t rows, int64_t units)
    : index_(workspace.get<int32_t>(rows * capacity_of(units))),
      value_(workspace.get<float>(rows * capacity_of(units))),
      row_start_(workspace.get<int64_t>(rows * (blocks_of(units) + 1))) {}

StateRows NonzeroLists::list(int threads, const float* values, int64_t stride, bool transposed, int64_t rows,
                             int64_t units) {
  const NonzeroRows all = {values, stride, transposed, units, capacity_of(units), index_, value_, row_start_};
  const NonzerosKernel run = first_usable(kVariants).run;
  constexpr int64_t kRows = 16;
  parallel_for(threads, (rows + kRows - 1) / kRows,
               [&](int64_t item, int) { run(all, item * kRows, std::min(rows, (item + 1) * kRows)); });
  StateRows listed = {};
  listed.index = index_;
  listed.value = value_;
  listed.row_start = row_start_;
  listed.stride = blocks_of(units) + 1;
  return listed;
}

}  // namespace gx
