// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Convolutions of few output channels in a group, which would leave most of a tile empty: images at a generator's end,
// scores at a discriminator's, depthwise ones. A thread makes all channels of kPixels pixels, 256 apart; a block
// keeps 128 terms and their weights in shared memory at a time. Blocks (pixels x parts of the terms, phase, group).
//
// Work: kChannels multiply-adds for each 4 bytes read, neighbouring taps from the L1 cache, so that the floor is x and
// y once from memory. Where there are few pixels the terms are cut into parts, added up in order by a second launch.
//
// Not yet run on a GPU.
#ifndef GENERATRIX_CUDA_KERNELS_CONV_FEW_H_
#define GENERATRIX_CUDA_KERNELS_CONV_FEW_H_

#include "kernels/conv/finish.h"
#include "kernels/conv/tables.h"

namespace gx::cuda {

template <class T>
struct FewWork {
  const ConvHeader* headers;
  const int2* terms;
  const T* weights;  // [phases, groups, term_stride, channels]
  const T* x;
  ConvOutput<T> output;
  T* parts;  // [splits, y] where there are several
  int64_t batch, groups, channels, in_channels, in_pixels, out_pixels;
  int64_t term_stride, tiles, splits, part;
  int64_t out_count;
};

namespace detail {

constexpr int kFewTerms = 128;

template <class T, int kChannels, int kPixels>
__global__ void __launch_bounds__(256) few(FewWork<T> w) {
  constexpr int kAhead = 16 / kChannels < 4 ? 16 / kChannels : 4;  // terms whose pixels are on their way at once
  GX_SHARED(int2, terms, kFewTerms);
  using Weights = Pack<T, kChannels>;
  GX_SHARED(Weights, weights, kFewTerms);
  const int64_t phase = blockIdx.y, group = blockIdx.z, split = blockIdx.x / w.tiles, tile = blockIdx.x % w.tiles;
  const ConvHeader& h = w.headers[phase];
  const int64_t columns = w.batch * h.pixels;
  const int64_t x_group = w.in_channels * w.in_pixels, y_group = w.channels * w.out_pixels;
  const auto column = [&](int p) { return (tile * kPixels + p) * 256 + threadIdx.x; };
  const T* const x = w.x + group * x_group;
  const T* base[kPixels];
  unsigned missed[kPixels];
  T sum[kPixels][kChannels] = {};
#pragma unroll
  for (int p = 0; p < kPixels; ++p) {
    base[p] = x;
    missed[p] = ~0u;
    if (column(p) >= columns) continue;
    const ConvPlace place = place_of_pixel(h, int(column(p)), w.groups * x_group, 0);
    base[p] = x + place.x;
    missed[p] = place.missed;
  }
  const int64_t from = split * w.part, to = min(from + w.part, int64_t(h.terms));
  const T* const all_weights = w.weights + (phase * w.groups + group) * w.term_stride * kChannels;
  for (int64_t first = from; first < to; first += kFewTerms) {
    // Up to a multiple of kAhead: what fills up the tables, or the next part's terms, which are made unseen here.
    const int count = int(min(int64_t(kFewTerms), to - first));
    __syncthreads();
    for (int i = int(threadIdx.x); i < kFewTerms; i += 256) {
      terms[i] = i < count ? w.terms[phase * w.term_stride + first + i] : make_int2(0, int(kNever));
    }
    for (int i = int(threadIdx.x); i < kFewTerms * kChannels; i += 256) {
      weights[i / kChannels].v[i % kChannels] = i < count * kChannels ? all_weights[first * kChannels + i] : T(0);
    }
    __syncthreads();
    for (int k = 0; k < count; k += kAhead) {
      T of_x[kAhead][kPixels];
#pragma unroll
      for (int a = 0; a < kAhead; ++a) {
        const int2 term = terms[k + a];
#pragma unroll
        for (int p = 0; p < kPixels; ++p) of_x[a][p] = missed[p] & unsigned(term.y) ? T(0) : __ldg(base[p] + term.x);
      }
#pragma unroll
      for (int a = 0; a < kAhead; ++a) {
        const Weights of_term = weights[k + a];
#pragma unroll
        for (int c = 0; c < kChannels; ++c) {
#pragma unroll
          for (int p = 0; p < kPixels; ++p) sum[p][c] += of_term.v[c] * of_x[a][p];
        }
      }
    }
  }
#pragma unroll
  for (int p = 0; p < kPixels; ++p) {
    if (column(p) >= columns) continue;
    const int64_t at = group * y_group + place_of_pixel(h, int(column(p)), 0, w.groups * y_group).y;
#pragma unroll
    for (int c = 0; c < kChannels; ++c) {
      if (c >= w.channels) continue;
      if (w.splits > 1) {
        w.parts[split * w.out_count + at + c * w.out_pixels] = sum[p][c];
      } else {
        w.output.y[at + c * w.out_pixels] = w.output.value(sum[p][c], group * w.channels + c);
      }
    }
  }
}

template <class T>
__global__ void __launch_bounds__(256) add_parts(FewWork<T> w) {
  for (int64_t i = grid_place(); i < w.out_count; i += grid_size()) {
    T z = 0;
    for (int64_t s = 0; s < w.splits; ++s) z += w.parts[s * w.out_count + i];
    w.output.y[i] = w.output.value(z, i / w.out_pixels % (w.groups * w.channels));
  }
}

template <class T, int kChannels, int kPixels>
void run_few(Gpu& gpu, Workspace& workspace, const ConvPlan& p, FewWork<T> w) {
  int64_t pixels = 0;
  for (int64_t phase = 0; phase < p.phases(); ++phase) {
    pixels = std::max<int64_t>(pixels, phases_of(p, int(phase)).pixels);
  }
  w.tiles = (p.batch * pixels + 256 * kPixels - 1) / (256 * kPixels);
  // Enough blocks for any GPU, each with some work: from the shape alone, so that sums are the same everywhere.
  const int64_t blocks = w.tiles * p.phases() * p.groups;
  w.splits = std::max<int64_t>(1, std::min(256 / blocks, w.term_stride / 256));
  w.part = ((w.term_stride + w.splits - 1) / w.splits + kFewTerms - 1) / kFewTerms * kFewTerms;
  w.splits = std::max<int64_t>(1, (w.term_stride + w.part - 1) / std::max<int64_t>(1, w.part));
  if (w.splits > 1) w.parts = workspace.get<T>(w.splits * w.out_count);
  launch(gpu, {dim3(unsigned(w.tiles * w.splits), unsigned(p.phases()), unsigned(p.groups)), 256},
         few<T, kChannels, kPixels>, w);
  if (w.splits > 1) launch(gpu, {blocks_for(gpu, w.out_count, 256), 256}, add_parts<T>, w);
}

}  // namespace detail

constexpr int64_t kMostFew = 8;  // channels

inline int64_t few_row_stride(int64_t channels) { return channels == 1 ? 1 : channels <= 4 ? 4 : 8; }

// t: with few_row_stride.
template <class T>
void conv_of_few(Gpu& gpu, Workspace& workspace, const ConvPlan& p, const ConvTables<T>& t, const T* x,
                 const ConvOutput<T>& output) {
  const int64_t out_count = p.batch * p.groups * p.out_channels * p.out_pixels;
  const FewWork<T> w = {
      t.headers,   t.terms,      t.weights,     x, output, nullptr, p.batch,  p.groups, p.out_channels, p.in_channels,
      p.in_pixels, p.out_pixels, t.term_stride, 0, 1,      0,       out_count};
  t.row_stride == 1   ? detail::run_few<T, 1, 4>(gpu, workspace, p, w)
  : t.row_stride == 4 ? detail::run_few<T, 4, 4>(gpu, workspace, p, w)
                      : detail::run_few<T, 8, 2>(gpu, workspace, p, w);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_CONV_FEW_H_
