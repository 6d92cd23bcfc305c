// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y[o][k][i] = x[o][index[k]][i] and its adjoint dx[o][r][i] = sum of dy[o][k][i] over index[k] = r: gx_gather and
// gx_gather_backward (arrays.h). gather.h has the rows.
//
// The adjoint: the host, which has the index, groups the k by their r with a stable sort; the device gets the groups
// that have members, their first places and the order: 8 (2 groups + count) bytes. A thread owns up to 16 bytes of a
// row of dx and adds its members in the order of k, in double, four in flight: the bits of the CPU's, without atomics.
// Rows without members are filled with zeros before, unless there are none. Floor: dy once, dx once; dx a second time
// where rows are missing. A row with most of the k is as slow as its chain of sums: one thread adds some 10^8 members
// in a second.
//
// nvcc, sm_80 and sm_90a: 24 to 62 registers; one kernel spills 16 bytes on one of them.
// Not yet run on a GPU.

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/arrays/gather.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

// Gathered rows by target, in one piece for one copy to the device: order[count], target[groups], start[groups + 1].
// Those of target[g] are order[start[g] .. start[g + 1]), in the order of k.
struct Groups {
  int64_t count = 0;
  std::vector<int64_t> words;
};

Groups group(int64_t size, int64_t count, const int64_t* index) {
  std::vector<int64_t> words(static_cast<size_t>(count)), start;
  if (size <= 4 * count) {  // by counting
    std::vector<int64_t> place(size_t(size) + 1, 0);
    for (int64_t k = 0; k < count; ++k) ++place[size_t(index[k]) + 1];
    std::partial_sum(place.begin(), place.end(), place.begin());
    for (int64_t k = 0; k < count; ++k) words[size_t(place[size_t(index[k])]++)] = k;
  } else {
    std::iota(words.begin(), words.end(), int64_t(0));
    std::stable_sort(words.begin(), words.end(), [index](int64_t a, int64_t b) { return index[a] < index[b]; });
  }
  for (int64_t i = 0; i < count; ++i) {
    const int64_t r = index[words[size_t(i)]];
    if (i > 0 && words.back() == r) continue;
    words.push_back(r);
    start.push_back(i);
  }
  start.push_back(count);
  words.insert(words.end(), start.begin(), start.end());
  return {int64_t(start.size()) - 1, std::move(words)};
}

template <class T>
struct Zero {
  __device__ T operator()() const { return T(0); }
};

struct Members {
  const int64_t* order;
  const int64_t* target;
  const int64_t* start;
};

// row, groups: dividers by the packs of a row and by the number of groups; count and size: rows of a block of dy and
// dx.
template <int N, class T>
__global__ void __launch_bounds__(256) add_groups(Members members, Divider row, Divider groups, int64_t count,
                                                  int64_t size, int64_t total, const T* dy, T* dx) {
  constexpr int kInFlight = 4;
  const auto* const from = reinterpret_cast<const Pack<T, N>*>(dy);
  auto* const to = reinterpret_cast<Pack<T, N>*>(dx);
  for (int64_t at = grid_place(); at < total; at += grid_size()) {
    const int64_t r = row.quotient(at), column = at - r * row.divisor, o = groups.quotient(r),
                  g = r - o * groups.divisor;
    int64_t k = members.start[g];
    const int64_t end = members.start[g + 1], block = o * count;
    Pack<T, N> result = from[(block + members.order[k]) * row.divisor + column];
    if (end - k > 1) {
      double sum[N] = {};
      for (; k + kInFlight <= end; k += kInFlight) {
        Pack<T, N> member[kInFlight];
#pragma unroll
        for (int u = 0; u < kInFlight; ++u) member[u] = from[(block + members.order[k + u]) * row.divisor + column];
#pragma unroll
        for (int u = 0; u < kInFlight; ++u) {
#pragma unroll
          for (int i = 0; i < N; ++i) sum[i] += double(member[u].v[i]);
        }
      }
      for (; k < end; ++k) {
        const Pack<T, N> member = from[(block + members.order[k]) * row.divisor + column];
#pragma unroll
        for (int i = 0; i < N; ++i) sum[i] += double(member.v[i]);
      }
#pragma unroll
      for (int i = 0; i < N; ++i) result.v[i] = T(sum[i]);
    }
    to[(o * size + members.target[g]) * row.divisor + column] = result;
  }
}

template <class T>
void gather_backward(gx_device* device, int64_t outer, int64_t size, int64_t inner, int64_t count, const T* dy,
                     const int64_t* index, T* dx) {
  Gpu& gpu = gpu_of(device);
  const Groups groups = group(size, count, index);
  const int64_t found = groups.count;
  if (found < size) map(gpu, outer * size * inner, Zero<T>(), dx);
  if (found == 0) return;
  Workspace workspace(*device);
  const int64_t* const words = upload(gpu, workspace, groups.words.data(), int64_t(groups.words.size()));
  const Members members = {words, words + count, words + count + found};
  constexpr int N = kPack<T>;
  const bool wide = aligned(dy) && aligned(dx) && inner % N == 0;
  const int64_t packs = wide ? inner / N : inner, total = outer * found * packs;
  launch(gpu, {blocks_for(gpu, total, 256), 256}, wide ? add_groups<N, T> : add_groups<1, T>, members,
         Divider::by(packs), Divider::by(found), count, size, total, dy, dx);
}

}  // namespace

gx_status gx_gather(gx_device* device, gx_format format, int64_t outer, int64_t size, int64_t inner, int64_t count,
                    const void* x, const int64_t* index, void* y) {
  return guarded([&] { gather_rows(device, outer, size, inner * (format == GX_FLOAT64 ? 8 : 4), count, x, index, y); });
}

gx_status gx_gather_backward(gx_device* device, gx_format format, int64_t outer, int64_t size, int64_t inner,
                             int64_t count, const void* dy, const int64_t* index, void* dx) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      gather_backward(device, outer, size, inner, count, static_cast<const T*>(dy), index, static_cast<T*>(dx));
    });
  });
}

}  // namespace gx::cuda
