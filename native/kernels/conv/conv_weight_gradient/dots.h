// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The register tile of the weights' gradient: sums of products along pixels, which both operands have contiguous, so
// that neither is transposed. Against linear/tile, which wants one of them across: the same multiply-adds at the same
// rate (230 GFLOP/s on one thread of a Zen 5, both), no squares of patches to turn, and no lanes left over where rows
// or columns are few; but lanes to add up after every box, a tenth of the time at 512 pixels and half that at 1024.
#ifndef GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_DOTS_H_
#define GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_DOTS_H_

#include "runtime/vec.h"

namespace gx::GX_ISA {

// The largest tile: sums, a vector of each row and one of a patch fill the registers.
#if GX_VEC_BYTES == 64
constexpr int kDotRows = 4, kDotColumns = 6;
#elif GX_VEC_BYTES == 32
constexpr int kDotRows = 3, kDotColumns = 4;
#else
constexpr int kDotRows = 2, kDotColumns = 4;  // without FMA the product needs a register too
#endif
constexpr int kDotSingle = 12;  // columns of a tile of one row

// Where a line of contiguous pixels begins among the rows and among the patches.
struct DotLine {
  int64_t row, patch;
};

// sums[i * columns + j] += the sum over lines l and x < width of
//   rows[i * row_stride + l.row + x] patches[offsets[j] + l.patch + x]
// A lane has a sum of its own, begun at 0; lanes are added up by halves, and the result in double. sums has space for
// whole vectors.
using DotFunction = void (*)(const float* rows, int64_t row_stride, const float* patches, const int64_t* offsets,
                             const DotLine* lines, int64_t count, int64_t width, double* sums);
constexpr int64_t dot_sums(int64_t rows, int64_t columns) { return (rows * columns + kLanes - 1) / kLanes * kLanes; }

namespace {

// Rounds s = 1, 2, 4, .. make of up to kLanes vectors one whose lane l is the sum of vector l.
template <int s, int count>
inline void fold(vf* v) {
  vi own, other;
#pragma GCC unroll 16
  for (int l = 0; l < kLanes; ++l) {
    own[l] = (l & s) ? kLanes + l : l;
    other[l] = (l & s) ? kLanes + l - s : l + s;
  }
#pragma GCC unroll 16
  for (int i = 0; i < count; i += 2 * s) {
    const vf next = i + s < count ? v[i + s] : vf{};
    v[i] = __builtin_shuffle(v[i], next, own) + __builtin_shuffle(v[i], next, other);
  }
}

template <int count>
inline void add_lanes(vf* v, double* sums) {
  constexpr int some = count < kLanes ? count : kLanes;
  fold<1, some>(v);
  fold<2, some>(v);
  if constexpr (kLanes >= 8) fold<4, some>(v);
  if constexpr (kLanes >= 16) fold<8, some>(v);
  store(sums, loadd(sums) + lower_half(v[0]));
  store(sums + kLanesD, loadd(sums + kLanesD) + upper_half(v[0]));
  if constexpr (count > kLanes) add_lanes<count - kLanes>(v + kLanes, sums + kLanes);
}

template <int rows, int columns>
void dots(const float* a, int64_t a_stride, const float* patches, const int64_t* offsets, const DotLine* lines,
          int64_t count, int64_t width, double* sums) {
  vf sum[rows * columns];
#pragma GCC unroll 32
  for (int i = 0; i < rows * columns; ++i) sum[i] = vf{};
  const auto step = [&](const float* from, const float* const* patch, int64_t x, auto read)
      __attribute__((always_inline)) {
    vf row[rows];
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) row[i] = read(from + i * a_stride + x);
#pragma GCC unroll 16
    for (int j = 0; j < columns; ++j) {
      const vf p = read(patch[j] + x);
#pragma GCC unroll 4
      for (int i = 0; i < rows; ++i) sum[i * columns + j] += row[i] * p;
    }
  };
  for (const DotLine* line = lines; line < lines + count; ++line) {
    const float* const from = a + line->row;
    const float* patch[columns];
#pragma GCC unroll 16
    for (int j = 0; j < columns; ++j) patch[j] = patches + line->patch + offsets[j];
    int64_t x = 0;
    for (; x + kLanes <= width; x += kLanes) step(from, patch, x, [](const float* p) { return loadf(p); });
    const int rest = int(width - x);
    if (rest > 0) step(from, patch, x, [rest](const float* p) { return load_first(p, rest); });
  }
  add_lanes<rows * columns>(sum, sums);
}

#define GX_COLUMNS(r) dots<r, 1>, dots<r, 2>, dots<r, 3>, dots<r, 4>
// kDots[rows - 1][columns - 1]
constexpr DotFunction kDots[][kDotColumns] = {
#if GX_VEC_BYTES == 64
    {GX_COLUMNS(1), dots<1, 5>, dots<1, 6>},
    {GX_COLUMNS(2), dots<2, 5>, dots<2, 6>},
    {GX_COLUMNS(3), dots<3, 5>, dots<3, 6>},
    {GX_COLUMNS(4), dots<4, 5>, dots<4, 6>},
#elif GX_VEC_BYTES == 32
    {GX_COLUMNS(1)},
    {GX_COLUMNS(2)},
    {GX_COLUMNS(3)},
#else
    {GX_COLUMNS(1)},
    {GX_COLUMNS(2)},
#endif
};
constexpr DotFunction kSingleDots[kDotSingle] = {GX_COLUMNS(1), dots<1, 5>,  dots<1, 6>,  dots<1, 7>, dots<1, 8>,
                                                 dots<1, 9>,    dots<1, 10>, dots<1, 11>, dots<1, 12>};
#undef GX_COLUMNS

}  // namespace

inline DotFunction dot_function(int64_t rows, int64_t columns) {
  return rows == 1 ? kSingleDots[columns - 1] : kDots[rows - 1][columns - 1];
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_CONV_WEIGHT_GRADIENT_DOTS_H_
