// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_reduce, gx_reduce_dot, gx_reduce_arg, gx_reduce_extreme_backward (reduce.h): any axes of a row-major array. Axes
// merge with neighbours of their kind; what is left is one of two cases:
//
//   along   the innermost axis is reduced: 8 or 32 lanes or a block for an output, 16 bytes an access where rows allow
//   it across  it is kept: lanes go along outputs (128 bytes an access of a warp), warps share the elements of each
//
// Where outputs are few and elements many, an output's elements are cut into parts, whose number the shape decides, and
// a second launch joins those. Sums are double. The floor is one reading of the input.
//
// nvcc 13.0, sm_80 and sm_90a, FLOAT32: along 48 to 64 registers, with up to 16 bytes spilled for 8 and 32 lanes;
// across 46 to 58. General axes in a loop of their own: unrolled with the rest they took nvcc 91 s in place of 18.
//
// Not yet run on a GPU.

#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/map.h"
#include "runtime/reduce.h"
#include "runtime/runs.h"
#include "runtime/walk.h"

namespace gx::cuda {
namespace {

// --- What is folded
// ---------------------------------------------------------------------------------------------------

struct Sum {
  using V = double;
  static constexpr bool kTwo = false;
  __device__ V start() const { return 0; }
  __device__ V with(V v, double a, double, int64_t) const { return v + a; }
  __device__ V operator()(V p, V q) const { return p + q; }
};
struct Squares : Sum {
  __device__ V with(V v, double a, double, int64_t) const { return v + a * a; }
};
struct Magnitudes : Sum {
  __device__ V with(V v, double a, double, int64_t) const { return v + fabs(a); }
};
struct Dot : Sum {
  static constexpr bool kTwo = true;
  __device__ V with(V v, double a, double b, int64_t) const { return v + a * b; }
};
// The greatest of sign a; NaN wins.
struct Extreme {
  using V = double;
  static constexpr bool kTwo = false;
  double sign;
  __device__ V start() const { return -INFINITY; }
  __device__ V with(V v, double a, double, int64_t) const { return Greatest()(v, sign * a); }
  __device__ V operator()(V p, V q) const { return Greatest()(p, q); }
};
// And the first place where it stands; a NaN is greater than anything.
struct Best {
  double value;
  long long index;
};
__device__ inline Best shuffle_xor(Best b, int lanes) {
  return {__shfl_xor_sync(kAllLanes, b.value, lanes), __shfl_xor_sync(kAllLanes, b.index, lanes)};
}
struct Place {
  using V = Best;
  static constexpr bool kTwo = false;
  double sign;
  __device__ V start() const { return {-INFINITY, INT64_MAX}; }
  __device__ V with(V v, double a, double, int64_t index) const { return (*this)(v, {sign * a, index}); }
  __device__ V operator()(V p, V q) const {
    const bool p_nan = p.value != p.value, q_nan = q.value != q.value;
    const bool tie = (p_nan && q_nan) || p.value == q.value;
    const bool first = tie ? p.index < q.index : p_nan || (!q_nan && p.value > q.value);
    return first ? p : q;
  }
};

// --- What becomes of it
// ---------------------------------------------------------------------------------------------------

template <class T>
struct Number {
  T* y;
  double count;  // a mean's, else 1
  double sign;   // an extreme's, else 1
  int64_t root;  // 1 for a norm; no bool, which would leave bytes of the argument undefined
  __device__ void operator()(int64_t k, double v) const { y[k] = T(root ? sqrt(v) : sign * v / count); }
};
template <class T>
struct Index {
  T* y;
  int64_t* whole;  // one of these is NULL
  __device__ void operator()(int64_t k, Best v) const {
    if (y) y[k] = T(v.index);
    if (whole) whole[k] = v.index;
  }
};

// --- Where it is
// ------------------------------------------------------------------------------------------------------

// Element i of some axes: rows over `rank` axes, with n neighbours each.
struct Axes {
  int64_t rank = 0;
  int64_t dims[GX_MAX_RANK] = {}, strides[GX_MAX_RANK] = {};
  int64_t n = 1;

  Axes() = default;
  explicit Axes(const Walk<1>& walk) : rank(walk.rank), n(walk.n) {
    for (int axis = 0; axis < rank; ++axis) dims[axis] = walk.dims[axis], strides[axis] = walk.strides[0][axis];
  }
  __device__ int64_t row(int64_t r) const {
    if (rank == 0) return 0;
    int64_t offset = 0;
#pragma unroll 1
    for (int axis = int(rank) - 1; axis > 0; --axis) {
      offset += r % dims[axis] * strides[axis];
      r /= dims[axis];
    }
    return offset + r * strides[0];
  }
  __device__ int64_t operator()(int64_t i) const { return n == 1 ? row(i) : row(i / n) + i % n; }
};

struct Plan {
  Axes kept, reduced;
  bool along;
  int64_t outputs, count;  // elements of an output

  Plan(const gx_shape& shape, uint32_t axes) {
    int64_t strides[GX_MAX_RANK], stride = 1;
    for (int axis = shape.rank - 1; axis >= 0; --axis) strides[axis] = stride, stride *= shape.dims[axis];
    Walk<1> kept_axes, reduced_axes;
    int innermost = -1;
    outputs = count = 1;
    for (int axis = 0; axis < shape.rank; ++axis) {
      const bool is_reduced = axes >> axis & 1;
      (is_reduced ? count : outputs) *= shape.dims[axis];
      if (shape.dims[axis] == 1) continue;
      add_axis(is_reduced ? reduced_axes : kept_axes, shape.dims[axis], {strides[axis]});
      innermost = axis;
    }
    along = innermost < 0 || (axes >> innermost & 1);
    finish(along ? reduced_axes : kept_axes);
    kept = Axes(kept_axes);
    reduced = Axes(reduced_axes);
  }
};

// --- along
// ----------------------------------------------------------------------------------------------------------

// kLanes for each output; parts above 1 for 256 lanes alone.
template <int kLanes, int N, class T, class F, class Result>
__global__ void __launch_bounds__(256)
    along(Axes kept, Axes reduced, Runs rows, int64_t outputs, int64_t packs, int64_t parts, const T* a, const T* b,
          F f, typename F::V* partial, Result result) {
  using V = typename F::V;
  constexpr int kTogether = 256 / kLanes, kSpan = 8192;
  const int lane = int(threadIdx.x) % kLanes;
  for (int64_t first = int64_t(blockIdx.x) * kTogether; first < outputs * parts;
       first += int64_t(gridDim.x) * kTogether) {
    const int64_t item = first + int(threadIdx.x) / kLanes, k = item / parts, part = item % parts;
    const bool there = item < outputs * parts;
    V v = f.start();
    if (there) {
      const int64_t base = kept(k), begin = packs * part / parts, end = packs * (part + 1) / parts;
      for (int64_t from = begin; from < end; from += kSpan) {
        const Runs::Place place = rows.from(from);
        const int count = int(end - from < kSpan ? end - from : kSpan);
        const auto take = [&](int i, const Runs::Place& p, int64_t row) {
          const int64_t at = base + row + p.rest * N;
          const Pack<T, N> x = *reinterpret_cast<const Pack<T, N>*>(a + at);
          const Pack<T, N> w = F::kTwo ? *reinterpret_cast<const Pack<T, N>*>(b + at) : x;
#pragma unroll
          for (int j = 0; j < N; ++j) v = f.with(v, double(x.v[j]), double(w.v[j]), (from + i) * N + j);
        };
        if (reduced.rank <= 1) {
          const int64_t stride = reduced.rank == 1 ? reduced.strides[0] : 0;
#pragma unroll 4
          for (int i = lane; i < count; i += kLanes) {
            const Runs::Place p = rows.at(place, i);
            take(i, p, p.run * stride);
          }
        } else {
#pragma unroll 1
          for (int i = lane; i < count; i += kLanes) {
            const Runs::Place p = rows.at(place, i);
            take(i, p, reduced.row(p.run));
          }
        }
      }
    }
    if constexpr (kLanes <= kWarp) {
      v = warp_reduce<kLanes>(v, f);
    } else {
      v = block_reduce(v, f);
    }
    if (lane == 0 && there) {
      if (parts == 1) {
        result(k, v);
      } else {
        partial[item] = v;
      }
    }
  }
}

// --- across
// ---------------------------------------------------------------------------------------------------------

constexpr int kWarps = 8;

// Blocks of 32 x 8 threads. share: warps that share an output's elements, 8 or 1.
template <class T, class F, class Result>
__global__ void __launch_bounds__(256)
    across(Axes kept, Axes reduced, int64_t outputs, int64_t count, int64_t parts, int share, const T* a, const T* b,
           F f, typename F::V* partial, Result result) {
  using V = typename F::V;
  GX_SHARED(V, shared, kWarps * kWarp);
  const int lane = int(threadIdx.x), warp = int(threadIdx.y), columns = kWarp * (kWarps / share);
  const int64_t tiles = (outputs + columns - 1) / columns;
  for (int64_t item = blockIdx.x; item < tiles * parts; item += gridDim.x) {
    const int64_t k = item % tiles * columns + (share == 1 ? warp * kWarp : 0) + lane, part = item / tiles;
    const int64_t begin = count * part / parts, end = count * (part + 1) / parts;
    V v = f.start();
    if (k < outputs) {
      const int64_t base = kept(k);
      const auto take = [&](int64_t r, int64_t row) {
        const T x = a[base + row], w = F::kTwo ? b[base + row] : x;
        v = f.with(v, double(x), double(w), r);
      };
      const int64_t first = begin + (share == 1 ? 0 : warp);
      if (reduced.rank <= 1) {
        const int64_t stride = reduced.rank == 1 ? reduced.strides[0] : 0;
#pragma unroll 4
        for (int64_t r = first; r < end; r += share) take(r, r * stride);
      } else {
#pragma unroll 1
        for (int64_t r = first; r < end; r += share) take(r, reduced.row(r));
      }
    }
    if (share > 1) {
      shared[warp * kWarp + lane] = v;
      __syncthreads();
      if (warp == 0) {
        for (int w = 1; w < kWarps; ++w) v = f(v, shared[w * kWarp + lane]);
      }
      __syncthreads();
      if (warp > 0) continue;
    }
    if (k < outputs) {
      if (parts == 1) {
        result(k, v);
      } else {
        partial[k * parts + part] = v;
      }
    }
  }
}

// A warp for each output.
template <class F, class Result>
__global__ void __launch_bounds__(256)
    join(int64_t outputs, int64_t parts, const typename F::V* partial, F f, Result result) {
  for (int64_t first = int64_t(blockIdx.x) * 8; first < outputs; first += int64_t(gridDim.x) * 8) {
    const int64_t k = first + threadIdx.x / kWarp;
    auto v = f.start();
    for (int64_t p = threadIdx.x % kWarp; p < parts && k < outputs; p += kWarp) v = f(v, partial[k * parts + p]);
    v = warp_reduce(v, f);
    if (threadIdx.x % kWarp == 0 && k < outputs) result(k, v);
  }
}

// --- Launches
// ---------------------------------------------------------------------------------------------------------

template <int kLanes, int N, class T, class F, class Result>
void run_along(Gpu& gpu, const Plan& plan, int64_t parts, const T* a, const T* b, F f, typename F::V* partial,
               Result result) {
  launch(gpu, {blocks_for(gpu, plan.outputs * parts, 256 / kLanes), 256}, along<kLanes, N, T, F, Result>, plan.kept,
         plan.reduced, Runs(plan.reduced.n / N), plan.outputs, plan.count / N, parts, a, b, f, partial, result);
}

template <int N, class T, class F, class Result>
void run_along(Gpu& gpu, const Plan& plan, int64_t parts, const T* a, const T* b, F f, typename F::V* partial,
               Result result) {
  const int64_t packs = plan.count / N;
  const auto run = packs <= 16    ? run_along<8, N, T, F, Result>
                   : packs <= 512 ? run_along<32, N, T, F, Result>
                                  : run_along<256, N, T, F, Result>;
  run(gpu, plan, parts, a, b, f, partial, result);
}

template <class T, class F, class Result>
void reduce(gx_device* device, const Plan& plan, const T* a, const T* b, F f, Result result) {
  constexpr int kN = sizeof(T) == 4 ? 4 : 1;  // doubles go one by one
  Gpu& gpu = gpu_of(device);
  if (plan.outputs == 0) return;
  Workspace workspace(*device);
  int64_t parts = 1;
  typename F::V* partial = nullptr;
  const auto cut = [&](int64_t items, int64_t least) {
    parts = parts_for(plan.count, items, least, 2048);
    if (parts > 1) partial = workspace.get<typename F::V>(plan.outputs * parts);
  };
  if (plan.along) {
    bool wide = aligned(a) && (!F::kTwo || aligned(b)) && plan.reduced.n % kN == 0;
    for (int axis = 0; axis < plan.kept.rank; ++axis) wide = wide && plan.kept.strides[axis] % kN == 0;
    for (int axis = 0; axis < plan.reduced.rank; ++axis) wide = wide && plan.reduced.strides[axis] % kN == 0;
    if (plan.count >= 8192) cut(plan.outputs, 8192);
    const auto run = wide ? run_along<kN, T, F, Result> : run_along<1, T, F, Result>;
    run(gpu, plan, parts, a, b, f, partial, result);
  } else {
    const int share = plan.count >= 32 ? kWarps : 1, columns = kWarp * (kWarps / share);
    const int64_t tiles = (plan.outputs + columns - 1) / columns;
    if (share > 1) cut(tiles, 64);
    launch(gpu, {blocks_for(gpu, tiles * parts, 1), dim3(kWarp, kWarps)}, across<T, F, Result>, plan.kept, plan.reduced,
           plan.outputs, plan.count, parts, share, a, b, f, partial, result);
  }
  if (parts > 1) {
    launch(gpu, {blocks_for(gpu, plan.outputs, 8), 256}, join<F, Result>, plan.outputs, parts, partial, f, result);
  }
}

// dx[element] = dy where an extreme stands.
template <class T>
__global__ void __launch_bounds__(256)
    scatter(Axes kept, Axes reduced, int64_t outputs, const int64_t* index, const T* dy, T* dx) {
  for (int64_t k = grid_place(); k < outputs; k += grid_size()) dx[kept(k) + reduced(index[k])] = dy[k];
}

template <class T>
const T* in(const void* p) {
  return static_cast<const T*>(p);
}
double sign_of(gx_reduction reduction) { return reduction == GX_MIN ? -1 : 1; }

}  // namespace

gx_status gx_reduce(gx_device* device, gx_format format, gx_reduction reduction, const gx_shape* shape, uint32_t axes,
                    const void* x, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const Plan plan(*shape, axes);
      Number<T> result = {static_cast<T*>(y), 1, 1, int64_t(reduction == GX_NORM)};
      switch (reduction) {
        case GX_MEAN:
          result.count = double(plan.count);
          [[fallthrough]];
        case GX_SUM:
          return reduce(device, plan, in<T>(x), in<T>(x), Sum(), result);
        case GX_NORM:
        case GX_SUM_OF_SQUARES:
          return reduce(device, plan, in<T>(x), in<T>(x), Squares(), result);
        case GX_SUM_OF_SIZES:
          return reduce(device, plan, in<T>(x), in<T>(x), Magnitudes(), result);
        case GX_MAX:
        case GX_MIN:
          result.sign = sign_of(reduction);
          return reduce(device, plan, in<T>(x), in<T>(x), Extreme{result.sign}, result);
      }
    });
  });
}

gx_status gx_reduce_dot(gx_device* device, gx_format format, const gx_shape* shape, uint32_t axes, const void* a,
                        const void* b, void* y) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      reduce(device, Plan(*shape, axes), in<T>(a), in<T>(b), Dot(), Number<T>{static_cast<T*>(y), 1, 1, 0});
    });
  });
}

gx_status gx_reduce_arg(gx_device* device, gx_format format, gx_reduction reduction, const gx_shape* shape,
                        uint32_t axes, const void* x, void* index) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      reduce(device, Plan(*shape, axes), in<T>(x), in<T>(x), cuda::Place{sign_of(reduction)},
             Index<T>{static_cast<T*>(index), nullptr});
    });
  });
}

gx_status gx_reduce_extreme_backward(gx_device* device, gx_format format, gx_reduction reduction, const gx_shape* shape,
                                     uint32_t axes, const void* x, const void* dy, void* dx) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      Gpu& gpu = gpu_of(device);
      const Plan plan(*shape, axes);
      Workspace workspace(*device);
      int64_t* const index = workspace.get<int64_t>(plan.outputs);
      reduce(device, plan, in<T>(x), in<T>(x), cuda::Place{sign_of(reduction)}, Index<T>{nullptr, index});
      gpu.zero(dx, plan.outputs * plan.count * int64_t(sizeof(T)));
      launch(gpu, {blocks_for(gpu, plan.outputs, 256), 256}, scatter<T>, plan.kept, plan.reduced, plan.outputs, index,
             in<T>(dy), static_cast<T*>(dx));
    });
  });
}

}  // namespace gx::cuda
