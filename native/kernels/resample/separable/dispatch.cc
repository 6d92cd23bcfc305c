// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/resample/separable/separable.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                      \
  namespace isa {                                                                                \
  void op##_##variant(const Separable&, int64_t, int64_t, int64_t, const float*, float*, char*); \
  }
#include "kernels/resample/separable/kernels.inc"
#undef GX_KERNEL

namespace {

const SeparableVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/resample/separable/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kItem = 1 << 14;  // elements of a work item

int64_t most_taps(const AxisTaps& t) {
  int64_t most = 1;
  for (int64_t o = 0; o < t.out; ++o) most = std::max(most, t.begin[o + 1] - t.begin[o]);
  return most;
}

}  // namespace

const SeparableVariant* separable_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

// A row of x, the rows that H made, which input row each of them is, and the rows that an output is made of.
int64_t separable_scratch(const Separable& s) {
  const int64_t kept = s.columns_first() ? s.rows.span : 0;
  const int64_t floats = s.in_stride() + kept * s.out_stride();
  return (floats * 4 + kept * 8 + most_taps(s.rows) * 8 + 63) / 64 * 64;
}

void run_separable(gx_device& device, const Separable& s, const float* x, float* y) {
  if (s.planes == 0) return;
  const int64_t row = std::max(s.columns.out, s.columns.in * s.summed) * s.copies;
  const int64_t band = std::max<int64_t>(1, std::min(s.rows.out, kItem / row));
  const int64_t bands = (s.rows.out + band - 1) / band;
  const int64_t together = bands > 1 ? 1 : std::max<int64_t>(1, kItem / (row * s.rows.out));
  const int threads = device.threads;
  const int64_t bytes = separable_scratch(s);
  Workspace workspace(device);
  char* const scratch = workspace.get<char>(bytes * threads);
  const SeparableKernel run = first_usable(kVariants).run;
  parallel_for(threads, (s.planes + together - 1) / together * bands, [&](int64_t item, int thread) {
    const int64_t first = item % bands * band, plane = item / bands * together;
    for (int64_t p = plane; p < std::min(s.planes, plane + together); ++p) {
      run(s, p, first, std::min(s.rows.out, first + band), x, y, scratch + bytes * thread);
    }
  });
}

}  // namespace gx
