// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// to[o][k] = from[o][index[k]], rows of any bytes, with the index in host memory: gathers of arrays and of states.
//
// A flat grid over units of 16, 8 or 4 bytes, whichever rows and addresses allow; two divisions make an index of the
// place, four units are in flight per thread. The index goes ahead to the device: 8 count bytes.
#ifndef GENERATRIX_CUDA_KERNELS_ARRAYS_GATHER_H_
#define GENERATRIX_CUDA_KERNELS_ARRAYS_GATHER_H_

#include "runtime/divider.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace detail {

// row, count: dividers by the units of a row and by the rows of a block of `to`.
template <class Unit>
__global__ void __launch_bounds__(256)
    gather(Divider row, Divider count, int64_t size, int64_t total, const Unit* from, const int64_t* index, Unit* to) {
  constexpr int kInFlight = 4;
  for (int64_t base = grid_place(); base < total; base += kInFlight * grid_size()) {
    Unit value[kInFlight];
#pragma unroll
    for (int u = 0; u < kInFlight; ++u) {
      const int64_t at = base + u * grid_size();
      if (at < total) {
        const int64_t r = row.quotient(at), o = count.quotient(r);
        value[u] = from[(o * size + index[r - o * count.divisor]) * row.divisor + (at - r * row.divisor)];
      }
    }
#pragma unroll
    for (int u = 0; u < kInFlight; ++u) {
      const int64_t at = base + u * grid_size();
      if (at < total) to[at] = value[u];
    }
  }
}

template <class Unit>
void launch_gather(Gpu& gpu, int64_t outer, int64_t size, int64_t row_bytes, int64_t count, const void* from,
                   const int64_t* index, void* to) {
  const int64_t units = row_bytes / int64_t(sizeof(Unit)), total = outer * count * units;
  cuda::launch(gpu, {blocks_for(gpu, total, 1024), 256}, gather<Unit>, Divider::by(units), Divider::by(count), size,
               total, static_cast<const Unit*>(from), index, static_cast<Unit*>(to));
}

}  // namespace detail

// `row_bytes` a multiple of 4; the arrays at addresses that are, too. Nothing is empty.
inline void gather_rows(gx_device* device, int64_t outer, int64_t size, int64_t row_bytes, int64_t count,
                        const void* from, const int64_t* index, void* to) {
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  const int64_t* const at = upload(gpu, workspace, index, count);
  const auto fits = [&](int64_t bytes) {
    return (reinterpret_cast<uintptr_t>(from) | reinterpret_cast<uintptr_t>(to) | uintptr_t(row_bytes)) %
               uintptr_t(bytes) ==
           0;
  };
  const auto run = fits(16)  ? detail::launch_gather<Pack<uint32_t, 4>>
                   : fits(8) ? detail::launch_gather<uint64_t>
                             : detail::launch_gather<uint32_t>;
  run(gpu, outer, size, row_bytes, count, from, at, to);
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_ARRAYS_GATHER_H_
