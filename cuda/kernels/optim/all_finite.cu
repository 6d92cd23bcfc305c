// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_all_finite (optim.h): the first element of all segments that is NaN or infinite. A block looks through a tile of
// 16384 elements; whoever finds something puts the number of elements from there to the end of all segments into one
// word, by an integer maximum, which has the same result in any order. 0: nothing was found.
//
// Floor: 4 or 8 bytes read an element.
//
// nvcc 13.0, sm_80 / sm_90a: 32 / 30 registers; no spills.
//
// Not yet run on a GPU.

#include "kernels/optim/look.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

typedef unsigned long long Word;

template <class T>
__global__ void __launch_bounds__(256)
    find(const __grid_constant__ Segments<Reading<T>> list, int64_t all, Word* found) {
  const TilePlace place = tile_place(list, blockIdx.x, kReadTile);
  const Reading<T>& a = list.segment[place.segment];
  int64_t first = all;
  look_through(a, place.first, [&](T x, int64_t at) {
    if (x - x != T(0) && a.before + at < first) first = a.before + at;
  });
  if (first < all) atomicMax(found, Word(all - first));
}

template <class T>
int64_t first_not_finite(gx_device& device, int64_t segments, const gx_read_segment* segment) {
  Gpu& gpu = gpu_of(&device);
  int64_t all = 0;
  for (int64_t s = 0; s < segments; ++s) all += segment[s].count;
  if (all == 0) return -1;
  Workspace workspace(device);
  Word* const found = workspace.get<Word>(1);
  gpu.zero(found, sizeof(Word));
  each_reading<T>(segments, segment, [&](const Segments<Reading<T>>& list, int64_t count, int64_t) {
    launch(gpu, {unsigned(count), 256}, find<T>, list, all, found);
  });
  Word from_end;
  copy(gpu, &from_end, found, sizeof from_end);
  return from_end == 0 ? -1 : all - int64_t(from_end);
}

}  // namespace

gx_status gx_all_finite(gx_device* device, gx_format format, int64_t segments, const gx_read_segment* segment,
                        int64_t* found) {
  return guarded([&] {
    int64_t at = -1, s = -1;
    with_real(format, [&](auto zero) { at = first_not_finite<decltype(zero)>(*device, segments, segment); });
    if (at >= 0) {
      for (s = 0; at >= segment[s].count; ++s) at -= segment[s].count;
    }
    found[0] = s;
    found[1] = at;
  });
}

}  // namespace gx::cuda
