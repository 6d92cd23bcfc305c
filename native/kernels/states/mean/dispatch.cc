// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Means over rows. Memory bound, so that plain loops, which the compiler vectorises for the baseline, are enough. A
// work item owns a band of columns and adds its rows in order, so that the sum does not depend on the thread count.

#include <algorithm>

#include "generatrix/states.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {
namespace {

constexpr int64_t kBand = 256;  // columns of a work item, a multiple of 32

void mean_of_floats(const gx_states& from, int64_t first, int64_t count, float* mean) {
  double sums[kBand] = {};
  const float* row = static_cast<const float*>(from.data) + first;
  for (int64_t r = 0; r < from.rows; ++r, row += from.units) {
    for (int64_t i = 0; i < count; ++i) sums[i] += double(row[i]);
  }
  for (int64_t i = 0; i < count; ++i) mean[first + i] = float(sums[i] / double(from.rows));
}

void mean_of_bits(const gx_states& from, int64_t first, int64_t count, float* mean) {
  uint32_t ones[kBand] = {};  // rows fit in 32 bits
  const int64_t stride = words(from.units);
  const uint32_t* row = static_cast<const uint32_t*>(from.data) + first / 32;
  for (int64_t r = 0; r < from.rows; ++r, row += stride) {
    for (int64_t w = 0; w < words(count); ++w) {
      for (int b = 0; b < 32; ++b) ones[32 * w + b] += row[w] >> b & 1;
    }
  }
  for (int64_t i = 0; i < count; ++i) mean[first + i] = float(double(ones[i]) / double(from.rows));
}

}  // namespace
}  // namespace gx

gx_status gx_states_mean(gx_device* device, const gx_states* from, float* mean) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(from, "from");
    check::at_least(from->units, 0, "the units of from");
    check::states(from, from->units, "from");
    check::at_least(from->rows, 1, "the rows of from");
    if (from->units == 0) return;
    check::not_null(mean, "mean");
    check::disjoint(check::floats(mean, from->units, "mean"), check::range(*from, "from"));
    if (ran_on_gpu(&Backend::gx_states_mean, device, from, mean)) return;
    parallel_for(device->threads, (from->units + kBand - 1) / kBand, [&](int64_t band, int) {
      const int64_t first = band * kBand, count = std::min(kBand, from->units - first);
      from->format == GX_BITS ? mean_of_bits(*from, first, count, mean) : mean_of_floats(*from, first, count, mean);
    });
  });
}
