// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/gibbs/product/transposed_states.h"

#include <algorithm>

#include "kernels/gibbs/nonzeros/nonzeros.h"
#include "runtime/check.h"
#include "runtime/threads.h"

namespace gx {
namespace {

StateRows transpose_bit_rows(Workspace& workspace, int threads, const gx_states& s) {
  const int64_t from_stride = words(s.units), to_stride = words(s.rows);
  const auto* from = static_cast<const uint32_t*>(s.data);
  auto* to = workspace.get<uint32_t>(s.units * to_stride);
  parallel_for(threads, from_stride, [&](int64_t column, int) {
    for (int64_t r0 = 0; r0 < s.rows; r0 += 32) {
      uint32_t square[32] = {};
      for (int64_t r = 0; r < std::min<int64_t>(32, s.rows - r0); ++r)
        square[r] = from[(r0 + r) * from_stride + column];
      transpose_bits(square);
      const int64_t u0 = column * 32;
      for (int64_t u = 0; u < std::min<int64_t>(32, s.units - u0); ++u) to[(u0 + u) * to_stride + r0 / 32] = square[u];
    }
  });
  StateRows transposed = {};
  transposed.bits = to;
  transposed.stride = to_stride;
  return transposed;
}

StateRows transpose_values(Workspace& workspace, int threads, const gx_states& s) {
  const auto* from = static_cast<const float*>(s.data);
  auto* to = workspace.get<float>(s.units * s.rows);
  constexpr int64_t kUnits = 16;  // one cache line of every row at a time
  parallel_for(threads, (s.units + kUnits - 1) / kUnits, [&](int64_t item, int) {
    const int64_t u0 = item * kUnits, u1 = std::min(s.units, u0 + kUnits);
    for (int64_t r = 0; r < s.rows; ++r) {
      for (int64_t u = u0; u < u1; ++u) to[u * s.rows + r] = from[r * s.units + u];
    }
  });
  StateRows transposed = {};
  transposed.values = to;
  transposed.stride = s.rows;
  return transposed;
}

}  // namespace

// Five rounds, each swapping the off-diagonal halves of squares half as large as the round before (Warren, "Hacker's
// Delight", 7-3).
void transpose_bits(uint32_t square[32]) {
  uint32_t mask = 0x0000FFFF;
  for (int half = 16; half != 0; half >>= 1, mask ^= mask << half) {
    for (int r = 0; r < 32; r = ((r | half) + 1) & ~half) {
      const uint32_t swap = ((square[r] >> half) ^ square[r | half]) & mask;
      square[r] ^= swap << half;
      square[r | half] ^= swap;
    }
  }
}

StateRows transposed_states(Workspace& workspace, int threads, const gx_states& states, Walk* walk) {
  if (states.format == GX_BITS) {
    *walk = Walk::kTables;
    return transpose_bit_rows(workspace, threads, states);
  }
  const auto* values = static_cast<const float*>(states.data);
  if (states.rows >= 16 && sampled_density(values, states.rows, states.units) < kSparseDensity) {
    *walk = Walk::kSparse;
    return NonzeroLists(workspace, states.units, states.rows).of_columns(threads, values, states.units, states.rows);
  }
  *walk = Walk::kDense;
  return transpose_values(workspace, threads, states);
}

void unit_sums(int threads, const StateRows& s, Walk walk, int64_t units, int64_t samples, double* sums) {
  constexpr int64_t kUnits = 64;
  parallel_for(threads, (units + kUnits - 1) / kUnits, [&](int64_t item, int) {
    for (int64_t u = item * kUnits; u < std::min(units, (item + 1) * kUnits); ++u) {
      double sum = 0;
      if (walk == Walk::kSparse) {
        const int64_t* start = s.row_start + u * s.stride;
        for (int64_t e = start[0]; e < start[s.stride - 1]; ++e) sum += s.value[e];
      } else if (walk == Walk::kDense) {
        for (int64_t r = 0; r < samples; ++r) sum += s.values[u * s.stride + r];
      } else {
        for (int64_t w = 0; w < words(samples); ++w) sum += __builtin_popcount(s.bits[u * s.stride + w]);
      }
      sums[u] = sum;
    }
  });
}

}  // namespace gx
