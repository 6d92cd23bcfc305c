// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/gibbs/product/nonzeros.h"

#include <algorithm>

#include "runtime/threads.h"

namespace gx {

double sampled_density(const float* values, int64_t rows, int64_t units) {
  const int64_t samples = std::min<int64_t>(rows, 16);
  int64_t nonzeros = 0;
  for (int64_t s = 0; s < samples; ++s) {
    const float* row = values + s * rows / samples * units;
    for (int64_t i = 0; i < units; ++i) nonzeros += row[i] != 0.0f;
  }
  return samples * units > 0 ? double(nonzeros) / double(samples * units) : 0;
}

// Each list has a fixed place with room for one entry more than its row has elements: an element is always written, and the end moves
// past it only if it is not 0, so that there is no branch to mispredict.
namespace {
int64_t blocks_of(int64_t units) { return (units + kSparseBlock - 1) / kSparseBlock; }
}  // namespace

NonzeroLists::NonzeroLists(Workspace& workspace, int64_t rows, int64_t units)
    : entries_(workspace.get<Entry>(rows * (units + 1))), row_start_(workspace.get<int64_t>(rows * (blocks_of(units) + 1))) {}

StateRows NonzeroLists::of_rows(int threads, const float* values, int64_t rows, int64_t units) {
  const int64_t blocks = blocks_of(units), stride = blocks + 1;
  constexpr int64_t kRows = 8;
  parallel_for(threads, (rows + kRows - 1) / kRows, [&](int64_t item, int) {
    for (int64_t r = item * kRows; r < std::min(rows, (item + 1) * kRows); ++r) {
      const float* row = values + r * units;
      Entry* end = entries_ + r * (units + 1);
      for (int64_t kb = 0; kb < blocks; ++kb) {
        row_start_[r * stride + kb] = end - entries_;
        for (int64_t k = kb * kSparseBlock; k < std::min(units, (kb + 1) * kSparseBlock); ++k) {
          *end = {int32_t(k), row[k]};
          end += row[k] != 0.0f;
        }
      }
      row_start_[r * stride + blocks] = end - entries_;
    }
  });
  return {nullptr, nullptr, entries_, row_start_, stride};
}

StateRows NonzeroLists::of_columns(int threads, const float* values, int64_t rows, int64_t units) {
  const int64_t blocks = blocks_of(units), stride = blocks + 1;
  constexpr int64_t kRows = 16;  // one cache line of every row of `values` at a time
  parallel_for(threads, (rows + kRows - 1) / kRows, [&](int64_t item, int) {
    const int64_t r0 = item * kRows, count = std::min(rows - r0, kRows);
    Entry* end[kRows];
    for (int64_t r = 0; r < count; ++r) end[r] = entries_ + (r0 + r) * (units + 1);
    for (int64_t k = 0; k < units; ++k) {
      const float* line = values + k * rows + r0;
      if (k % kSparseBlock == 0) {
        for (int64_t r = 0; r < count; ++r) row_start_[(r0 + r) * stride + k / kSparseBlock] = end[r] - entries_;
      }
      for (int64_t r = 0; r < count; ++r) {
        *end[r] = {int32_t(k), line[r]};
        end[r] += line[r] != 0.0f;
      }
    }
    for (int64_t r = 0; r < count; ++r) row_start_[(r0 + r) * stride + blocks] = end[r] - entries_;
  });
  return {nullptr, nullptr, entries_, row_start_, stride};
}

}  // namespace gx
