// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// dz = dy f'(z) from y, and db[c] = the sum of dz over batch and pixels: gx_conv_bias_gradient (conv.h).
//
// One pass over dy and y, 16 bytes an access. A block has some neighbouring channels, as many as give each thread a
// piece of an example, or a channel and a span of its pixels where these are many; it walks over a part of the
// examples. Each thread sums in double, of one channel only; the block adds up a channel's threads and a second launch
// its blocks, in order.
//
// Floor: 12 bytes an element (8 without activation or without dz).
//
// Registers, sm_90a, nvcc 13.0: 36 at most, no spills. Not yet run on a GPU.

#include "kernels/linear/activate.h"
#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/map.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace {

template <class T>
struct BiasWork {
  const T* dy;
  const T* y;                            // null without activation
  T* dz;                                 // or null
  double* partial;                       // [channels, spans, parts] or null
  int64_t batch, channels, pieces;       // pieces: of a plane
  int64_t together, spans, span, parts;  // channels of a block; spans of `span` pieces of a plane; parts of the batch
  int64_t activation;
  double p;
};

template <class T, int kElements>
__global__ void __launch_bounds__(256) bias_gradient(BiasWork<T> w) {
  GX_SHARED(double, sums, 256);
  using Piece = Pack<T, kElements>;
  const int64_t split = blockIdx.y % w.parts, span = blockIdx.y / w.parts;
  const int64_t first = int64_t(blockIdx.x) * w.together;
  const int64_t channels = min(w.together, w.channels - first);
  // Pieces [from, to) of those of the block's channels in an example.
  const int64_t from = span * w.span, to = w.spans > 1 ? min(from + w.span, w.pieces) : channels * w.pieces;
  const gx_activation f = gx_activation(w.activation);
  double sum = 0;
  for (int64_t n = w.batch * split / w.parts; n < w.batch * (split + 1) / w.parts; ++n) {
    const int64_t base = (n * w.channels + first) * w.pieces;
#pragma unroll 2
    for (int64_t i = from + threadIdx.x; i < to; i += 256) {
      Piece d = reinterpret_cast<const Piece*>(w.dy)[base + i];
      if (w.y) {
        const Piece y = reinterpret_cast<const Piece*>(w.y)[base + i];
#pragma unroll
        for (int e = 0; e < kElements; ++e) d.v[e] *= activation_slope(f, T(w.p), y.v[e]);
      }
      if (w.dz) reinterpret_cast<Piece*>(w.dz)[base + i] = d;
#pragma unroll
      for (int e = 0; e < kElements; ++e) sum += double(d.v[e]);
    }
  }
  if (!w.partial) return;
  const auto put = [&](int64_t channel, double all) {
    w.partial[((first + channel) * w.spans + span) * w.parts + split] = all;
  };
  if (channels == 1) {
    sum = block_sum(sum);
    if (threadIdx.x == 0) put(0, sum);
    return;
  }
  // Several channels, a thread having one piece of an example: that of channel threadIdx.x / pieces.
  sums[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x >= channels) return;
  double all = 0;
  for (int64_t i = 0; i < w.pieces; ++i) all += sums[threadIdx.x * w.pieces + i];
  put(threadIdx.x, all);
}

template <class T>
struct BiasFinish {
  T* db;
  __device__ void operator()(int64_t channel, double sum) const { db[channel] = T(sum); }
};

template <class T>
void run(gx_device& device, const gx_conv_bias_params& p, const T* dy, const T* y, T* dz, T* db) {
  Gpu& gpu = gpu_of(&device);
  if (p.batch * p.channels * p.pixels == 0) {
    if (db) gpu.zero(db, p.channels * int64_t(sizeof(T)));
    return;
  }
  if (p.activation == GX_ACTIVATION_NONE) {
    y = nullptr;
    if (dz == dy) dz = nullptr;  // it is there already
  }
  if (!db && !dz) return;
  const bool wide = p.pixels % kPack<T> == 0 && aligned(dy) && aligned(y) && aligned(dz);
  BiasWork<T> w = {dy, y, dz, nullptr, p.batch,      p.channels,    wide ? p.pixels / kPack<T> : p.pixels,
                   1,  1, 0,  1,       p.activation, p.activation_p};
  constexpr int64_t kSpan = 4096;  // pieces of a block in an example at most
  if (w.pieces <= 128) w.together = std::min(256 / w.pieces, w.channels);
  if (w.pieces > kSpan) w.spans = std::min<int64_t>((w.pieces + kSpan - 1) / kSpan, 4096);
  w.span = w.spans > 1 ? (w.pieces + w.spans - 1) / w.spans : 0;
  const int64_t blocks = (w.channels + w.together - 1) / w.together;
  // A block has 4096 pieces or more, and there are as many blocks as any GPU can use: from the shape alone.
  const int64_t in_example = w.spans > 1 ? w.span : w.together * w.pieces;
  const int64_t least = std::max<int64_t>(1, kSpan / in_example);
  w.parts = std::max<int64_t>(1, std::min((p.batch + least - 1) / least, 4096 / (blocks * w.spans)));
  w.parts = std::min<int64_t>(w.parts, 65535 / w.spans);
  Workspace workspace(device);
  if (db) w.partial = workspace.get<double>(w.channels * w.spans * w.parts);
  launch(gpu, {dim3(unsigned(blocks), unsigned(w.spans * w.parts)), 256},
         wide ? bias_gradient<T, kPack<T>> : bias_gradient<T, 1>, w);
  if (db) finish_sums(gpu, w.channels, w.spans * w.parts, w.partial, BiasFinish<T>{db});
}

}  // namespace

gx_status gx_conv_bias_gradient(gx_device* device, gx_format format, const gx_conv_bias_params* params, const void* dy,
                                const void* y, void* dz, void* db) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      run(*device, *params, static_cast<const T*>(dy), static_cast<const T*>(y), static_cast<T*>(dz),
          static_cast<T*>(db));
    });
  });
}

}  // namespace gx::cuda
