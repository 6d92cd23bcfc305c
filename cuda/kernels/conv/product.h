// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A convolution as a product of the engine in kernels/linear/tile.h: rows are output channels, columns the pixels of a
// phase over all examples, terms (input channel, live tap), items of the batch (phase, group).
#ifndef GENERATRIX_CUDA_KERNELS_CONV_PRODUCT_H_
#define GENERATRIX_CUDA_KERNELS_CONV_PRODUCT_H_

#include "kernels/conv/finish.h"
#include "kernels/conv/tables.h"
#include "kernels/conv/tensor.h"

namespace gx::cuda {

// Phases that a launch makes, from `first` on; all have as many terms.
struct ConvItems {
  int64_t first, groups;
  __device__ int64_t phase(int64_t item) const { return first + item / groups; }
  __device__ int64_t group(int64_t item) const { return item % groups; }
};

// The rows: weights as tables.h has them.
template <class T>
struct ConvWeights {
  static constexpr bool kAlongTerms = false;
  static constexpr int kWidth = kPack<T>;

  ConvItems items;
  const T* weights;
  int64_t term_stride, row_stride;

  struct Row {
    const T* at;
    int valid;
  };
  __device__ void select(int64_t item) { weights += (items.first * items.groups + item) * term_stride * row_stride; }
  __device__ Row row(int64_t i) const { return i < row_stride ? Row{weights + i, kWidth} : Row{weights, 0}; }
  __device__ Piece<T> at(const Row& row, int64_t k) const {
    return {row.at + unsigned(k) * unsigned(row_stride), row.valid};
  }
};

// The columns: pixels of x, found by the terms' tables. A warp reads neighbouring pixels of a channel.
template <class T>
struct ConvPixels {
  static constexpr bool kAlongTerms = false;
  static constexpr int kWidth = 1;

  ConvItems items;
  const ConvHeader* header;
  const int2* terms;
  const T* x;
  int64_t batch, term_stride, x_group, x_example;

  struct Row {
    const T* base;
    unsigned missed;
  };
  __device__ void select(int64_t item) {
    header += items.phase(item);
    terms += items.phase(item) * term_stride;
    x += items.group(item) * x_group;
  }
  __device__ Row row(int64_t j) const {
    if (j >= batch * header->pixels) return {x, ~0u};
    const ConvPlace place = place_of_pixel(*header, int(j), x_example, 0);
    return {x + place.x, place.missed};
  }
  __device__ Piece<T> at(const Row& row, int64_t k) const {
    const int2 term = __ldg(terms + int(k));
    if (row.missed & unsigned(term.y)) return {x, 0};
    return {row.base + term.x, 1};
  }
};

// y = f(z + b). Four columns at a time are neighbours of a phase in one example, step apart in y.
template <class T>
struct ConvFinish {
  int64_t packs, wide;  // wide: and fill 16 bytes of y
  ConvItems items;
  const ConvHeader* header;
  ConvOutput<T> output;
  int64_t batch, y_group, y_example, y_channel, step;

  struct Column {
    T* to;
  };
  __device__ void select(int64_t item) {
    header += items.phase(item);
    output.y += items.group(item) * y_group;
    if (output.bias) output.bias += items.group(item) * (y_group / y_channel);
  }
  __device__ Column column(int64_t j) const {
    if (j >= batch * header->pixels) return {nullptr};
    return {output.y + place_of_pixel(*header, int(j), 0, y_example).y};
  }
  template <int N>
  __device__ void store(int64_t i, const Column& column, const Pack<T, N>& sums) const {
    if (!column.to) return;
    T* const to = column.to + i * y_channel;
    Pack<T, N> results;
#pragma unroll
    for (int n = 0; n < N; ++n) results.v[n] = output.value(sums.v[n], i);
    if (N > 1 && wide) {
      *reinterpret_cast<Pack<T, N>*>(to) = results;
      return;
    }
#pragma unroll
    for (int n = 0; n < N; ++n) to[n * step] = results.v[n];
  }
};

// The engine's product with tiles for convolutions, which have many columns: 128 rows where they are there and fill the
// GPU, else 64. Neither changes an element's sum.
template <class T, class A, class B, class Finish>
void conv_product(gx_device& device, Workspace& workspace, const ProductSizes& sizes, const A& a, const B& b,
                  const Finish& finish) {
  if constexpr (sizeof(T) == sizeof(double)) {
    tile::run_simt<T, 64, 64, 4, 4>(device, workspace, sizes, a, b, finish);
  } else {
    const gx_precision precision = device.precision;
    const int64_t large = (sizes.rows + 127) / 128 * ((sizes.columns + 127) / 128) * sizes.batch;
    if (precision == GX_PRECISION_TF32) {
      return tensor_product<tile::Tf32, true>(device, workspace, sizes, a, b, finish);
    }
    if (precision == GX_PRECISION_BF16) {
      return tensor_product<tile::Bf16, true>(device, workspace, sizes, a, b, finish);
    }
    if (sizes.rows > 64 && large >= 200) {
      return tile::run_simt<T, 128, 128, 8, 8>(device, workspace, sizes, a, b, finish);
    }
    return tile::run_simt<T, 64, 128, 8, 4>(device, workspace, sizes, a, b, finish);
  }
}

template <class T>
void conv_by_products(gx_device& device, Workspace& workspace, const ConvPlan& p, const ConvTables<T>& t, const T* x,
                      const ConvOutput<T>& output) {
  const int64_t x_group = p.in_channels * p.in_pixels, y_group = p.out_channels * p.out_pixels;
  for (int64_t first = 0, next; first < p.phases(); first = next) {
    const int64_t taps = live_taps_of(p, phases_of(p, int(first)));
    ConvItems items = {first, p.groups};
    int64_t pixels = 0;
    bool lines = true;
    for (next = first; next < p.phases(); ++next) {
      const ConvPhases phases = phases_of(p, int(next));
      if (live_taps_of(p, phases) != taps) break;
      pixels = std::max<int64_t>(pixels, phases.pixels);
      lines = lines && (p.phases() == 1 ? phases.pixels : phases.axis[2].size) % 4 == 0;
    }
    const int64_t step = p.axis[2].y_step;
    const ConvWeights<T> weights = {items, t.weights, t.term_stride, t.row_stride};
    const ConvPixels<T> of_x = {items, t.headers, t.terms, x, p.batch, t.term_stride, x_group, p.groups * x_group};
    const bool wide = lines && step == 1 && aligned(output.y) && p.out_pixels * int64_t(sizeof(T)) % 16 == 0;
    const ConvFinish<T> finish = {lines,        wide, items, t.headers, output, p.batch, y_group, p.groups * y_group,
                                  p.out_pixels, step};
    conv_product<T>(device, workspace,
                    {p.out_channels, p.batch * pixels, p.in_channels * taps, (next - first) * p.groups}, weights, of_x,
                    finish);
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_CONV_PRODUCT_H_
