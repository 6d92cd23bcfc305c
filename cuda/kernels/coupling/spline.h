// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rational-quadratic spline of one element, for a thread. Names and forms: spline_coupling/spline_coupling.h.
//
// The usual number of bins is known to the compiler (kBins), which keeps the numbers in registers; with kBins = 0 they
// are read again wherever they are needed, out of the caches, and exponentials are computed again.
#ifndef GENERATRIX_CUDA_KERNELS_COUPLING_SPLINE_H_
#define GENERATRIX_CUDA_KERNELS_COUPLING_SPLINE_H_

#include <float.h>

#include "kernels/coupling/changes.h"
#include "kernels/elementwise/functions.h"

namespace gx::cuda::coupling {

// What all splines share.
template <class T>
struct SplineShape {
  int64_t any_bins;
  double bound, floor, step, scale, min_slope, offset;  // floor: the least size of a bin; a knot is at least step j
};

// The numbers of an element.
template <class T, int kBins>
struct SplineNumbers {
  const T* at;
  int64_t stride;
  T v[kBins ? 3 * kBins - 1 : 1];

  __device__ SplineNumbers(const T* from, int64_t apart) : at(from), stride(apart) {
    if constexpr (kBins != 0) {
#pragma unroll
      for (int j = 0; j < 3 * kBins - 1; ++j) v[j] = from[j * apart];
    }
  }
  __device__ T operator()(int j) const {
    if constexpr (kBins != 0) {
      return v[j];
    } else {
      return at[j * stride];
    }
  }
};

// Where the numbers of an element lie side by side, a warp reads, or writes, those of one element after the other, by
// way of its part of the shared memory, [32][kNumbers]. `of_mine` is where a lane's own begin; null: it has none.
template <int kNumbers, class T>
__device__ inline void bring_together(const T* of_mine, T* shared, int lane) {
  static_assert(kNumbers <= kWarp && kNumbers % 2 == 1, "a lane for each number, and lanes' rows in different banks");
  __syncwarp();
#pragma unroll 8
  for (int l = 0; l < kWarp; ++l) {
    const T* const from = reinterpret_cast<const T*>(
        uintptr_t(__shfl_sync(kAllLanes, static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(of_mine)), l)));
    if (from && lane < kNumbers) shared[l * kNumbers + lane] = from[lane];
  }
  __syncwarp();
}
// The shared numbers back; zeros if `shared` is null.
template <int kNumbers, class T>
__device__ inline void put_together(T* of_mine, const T* shared, int lane) {
  __syncwarp();
#pragma unroll 8
  for (int l = 0; l < kWarp; ++l) {
    T* const to = reinterpret_cast<T*>(
        uintptr_t(__shfl_sync(kAllLanes, static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(of_mine)), l)));
    if (to && lane < kNumbers) to[lane] = shared ? shared[l * kNumbers + lane] : T(0);
  }
  __syncwarp();
}

// e^(q_j - max q) for the numbers from `first` on, and their sum. A NaN makes the sum NaN.
template <class T, int kBins>
struct SplineShares {
  T most, sum;
  T e[kBins ? kBins : 1];

  __device__ SplineShares(const SplineNumbers<T, kBins>& q, int first, int bins) {
    if constexpr (kBins != 0) bins = kBins;
    most = q(first);
#pragma unroll
    for (int j = 1; j < bins; ++j) {
      const T v = q(first + j);
      most = v > most ? v : most;
    }
    sum = 0;
#pragma unroll
    for (int j = 0; j < bins; ++j) {
      const T v = exp(q(first + j) - most);
      if constexpr (kBins != 0) e[j] = v;
      sum += v;
    }
  }
  __device__ T of(const SplineNumbers<T, kBins>& q, int first, int j) const {
    if constexpr (kBins != 0) {
      return e[j];
    } else {
      return exp(q(first + j) - most);
    }
  }
};

// Comparisons are such that NaN stays.
template <class T>
__device__ inline T at_least(T v, T least) {
  return v < least ? least : v;
}
template <class T>
__device__ inline T at_most(T v, T most) {
  return v > most ? most : v;
}

template <class T, int kBins, bool kInverse>
struct Spline {
  using Numbers = SplineNumbers<T, kBins>;
  using Shares = SplineShares<T, kBins>;

  int bins, bin;
  T left, right, bottom, top, width, height, over_width, over_height;
  T over_delta;
  T q0, q1;            // numbers of the slopes at the bin's ends, offset added; not used at the outer knots
  T s0, s1;            // slopes there, over delta
  T t, u, e;           // place in the bin, 1 - place, level
  T slope_form, root;  // N and 1 / D
  T slope;             // dy/dx

  // |operand| <= bound, or NaN.
  __device__ Spline(const SplineShape<T>& shape, const Numbers& q, const Shares& w, const Shares& h, T operand) {
    bins = kBins ? kBins : int(shape.any_bins);
    const T bound = T(shape.bound), step = T(shape.step), least = T(shape.floor);
    const T w_scale = T(shape.scale) / w.sum, h_scale = T(shape.scale) / h.sum;
    T x_sum = w.of(q, 0, 0), y_sum = h.of(q, bins, 0);
    T x = (step - bound) + w_scale * x_sum, y = (step - bound) + h_scale * y_sum;  // knot j
    left = bottom = -bound, right = x, top = y;
    q0 = 0, q1 = q(2 * bins);
    bin = 0;
#pragma unroll
    for (int j = 1; j < (kBins ? kBins : bins); ++j) {
      const bool last = j + 1 == bins;
      x_sum += w.of(q, 0, j), y_sum += h.of(q, bins, j);
      const T knot = T(j + 1) * step - bound;
      const T next_x = last ? bound : knot + w_scale * x_sum, next_y = last ? bound : knot + h_scale * y_sum;
      if ((kInverse ? y : x) <= operand) {
        bin = j;
        left = x, bottom = y, right = next_x, top = next_y;
        q0 = q(2 * bins + j - 1);
        if (!last) q1 = q(2 * bins + j);
      }
      x = next_x, y = next_y;
    }
    // Knots are rounded; where that is much beside the least size, a bin keeps half of it.
    width = at_least(right - left, least), height = at_least(top - bottom, least);
    over_width = T(1) / width, over_height = T(1) / height;
    const T delta = height * over_width;
    over_delta = width * over_height;
    q0 += T(shape.offset), q1 += T(shape.offset);
    const T min_slope = T(shape.min_slope);
    s0 = (bin == 0 ? T(1) : min_slope + softplus(q0)) * over_delta;
    s1 = (bin == bins - 1 ? T(1) : min_slope + softplus(q1)) * over_delta;
    if (kInverse) {
      e = at_most(at_least((operand - bottom) * over_height, T(0)), T(1));
      const T f = T(1) - e, r = s0 * f - s1 * e, size = fabs(r);
      const T s = size > T(1e9) ? size : sqrt(r * r + T(4) * e * f);  // r^2 could overflow, where it is all
      const bool rising = r >= T(0);
      const T near = T(2) * (rising ? e : f), far = size + s, sum = T(1) / (near + far);
      const T a = near * sum, b = far * sum;
      t = rising ? a : b, u = rising ? b : a;
    } else {
      t = at_most(at_least((operand - left) * over_width, T(0)), T(1)), u = T(1) - t;
    }
    const T tu = t * u, tt = t * t, uu = u * u;
    slope_form = s1 * tt + T(2) * tu + s0 * uu;
    root = T(1) / (tt + uu + (s0 + s1) * tu);
    if (!kInverse) e = t * (t + s0 * u) * root;
    slope = delta * (slope_form * root) * root;
  }

  // The slope and its reciprocal are normal numbers; NaN is not.
  __device__ bool normal() const {
    const T least = sizeof(T) == 4 ? T(FLT_MIN) : T(DBL_MIN);
    return slope >= least && slope <= T(1) / least;
  }
  __device__ T image() const { return kInverse ? at_most(left + width * t, right) : at_most(bottom + height * e, top); }
};

}  // namespace gx::cuda::coupling

#endif  // GENERATRIX_CUDA_KERNELS_COUPLING_SPLINE_H_
