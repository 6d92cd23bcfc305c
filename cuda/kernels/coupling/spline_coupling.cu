// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_spline_coupling and its gradient (coupling.h).
//
// Grid: rows.h; forward a block for 1024 elements of an example, fewer threads for short ones, and a second pass that
// adds up log-determinants; backward a thread for each element of all examples. Where a pattern changes about every
// second element a thread has two neighbours, so that no thread of a warp waits for one that has something to do.
//
// Memory: theta is read once, 3 bins - 1 numbers of an element, x read and y written: 100 bytes an element for 8 bins;
// backward writes as much again, with zeros for what is kept. Arithmetic: some 400 instructions an element forward,
// about what a GPU issues in the time of the 100 bytes.
//
// Variants: 8 bins in registers, other numbers out of the caches. Threads read neighbouring elements' numbers: with
// unit_stride 1 a warp has 128 bytes of one number. With number_stride 1 and 8 bins a warp reads the 92 bytes of one
// element after the other, by way of shared memory: each thread on its own would touch 23 lines with each of its 23
// reads, which takes the first cache three times as long as memory has for them.
//
// nvcc 13.0, float: forward 61 to 80 registers, backward 75 to 126; up to 40 bytes of spills with any number of bins.
//
// Not yet run on a GPU.

#include <cmath>
#include <type_traits>

#include "kernels/coupling/spline.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {

using namespace coupling;

namespace {

constexpr int kUsualBins = 8;
constexpr int64_t kSpan = 1024;  // elements of a block's part

template <class T>
struct SplineOperands {
  Changes changes;
  SplineShape<T> shape;
  int64_t size, parameter_stride, number_stride, unit_stride;
  const T *x, *theta;

  __device__ int64_t place(int64_t n, int64_t e) const {
    return n * parameter_stride + (e - changes.begin) * unit_stride;
  }
  // NaN is inside, and stays.
  __device__ bool outside(T v) const { return fabs(v) > T(shape.bound); }
};

// Whose turn it is among the N neighbours from e on, `rest` being a bit for each that is still to come.
template <int N>
__device__ inline int64_t next_of(unsigned rest, int64_t e) {
  return e + (N == 1 || (rest & 1) ? 0 : 1);
}

// kBins: 0, any. N: neighbours of a thread. kTogether: theta comes by way of shared memory.
template <class T, int kBins, bool kInverse, int N, bool kTogether>
struct Forward {
  static constexpr int kSums = 1, kNumbers = 3 * kBins - 1;
  using Numbers = SplineNumbers<T, kBins>;
  SplineOperands<T> a;
  T* y;

  __device__ void operator()(const Part& part, double (&sums)[1]) const {
    double sum = 0;
    int64_t e = part.first + int64_t(part.lane) * N;
    const int64_t step = int64_t(part.lanes) * N;
    if constexpr (kTogether) {
      GX_SHARED(T, numbers, kRowThreads * kNumbers);
      const int lane = int(threadIdx.x) % kWarp;
      T* const of_warp = numbers + (int(threadIdx.x) - lane) * kNumbers;
      for (; __any_sync(kAllLanes, e < part.last); e += step) {
        for (unsigned rest = inside(part, e); __any_sync(kAllLanes, rest != 0); rest &= rest - 1) {
          const int64_t i = next_of<N>(rest, e);
          bring_together<kNumbers>(rest != 0 ? a.theta + a.place(part.row, i) : nullptr, of_warp, lane);
          if (rest != 0) element(part.row, i, Numbers(of_warp + lane * kNumbers, 1), sum);
        }
      }
    } else {
      for (; e < part.last; e += step) {
        for (unsigned rest = inside(part, e); rest != 0; rest &= rest - 1) {
          const int64_t i = next_of<N>(rest, e);
          element(part.row, i, Numbers(a.theta + a.place(part.row, i), a.number_stride), sum);
        }
      }
    }
    sums[0] += sum;
  }
  // Which elements go through a spline. The others are copied.
  __device__ unsigned inside(const Part& part, int64_t e) const {
    if (e >= part.last) return 0;
    const unsigned changed = a.changes.template of<N>(e);
    unsigned found = 0;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      if (e + k >= part.last) continue;
      const int64_t at = part.row * a.size + e + k;
      const T v = a.x[at];
      if ((changed >> k & 1) && !a.outside(v)) {
        found |= 1u << k;
      } else if (a.x != y) {
        y[at] = v;
      }
    }
    return found;
  }
  __device__ void element(int64_t n, int64_t e, const Numbers& q, double& sum) const {
    const int64_t at = n * a.size + e;
    const int bins = kBins ? kBins : int(a.shape.any_bins);
    const SplineShares<T, kBins> w(q, 0, bins), h(q, bins, bins);
    const Spline<T, kBins, kInverse> s(a.shape, q, w, h, a.x[at]);
    const bool right = s.normal();
    y[at] = right ? s.image() : T(NAN);
    const T term = right ? log(s.slope) : T(NAN);
    sum += double(kInverse ? -term : term);
  }
};

template <class T, int kBins, bool kInverse, int N, bool kTogether>
struct Backward {
  static constexpr int kSums = 1, kPack = 1, kNumbers = 3 * kBins - 1;
  using Numbers = SplineNumbers<T, kBins>;
  using Shares = SplineShares<T, kBins>;
  SplineOperands<T> a;
  const T* dy;
  const double* dlog_det;  // or null
  T *dx, *dtheta;          // null: not wanted

  // e counts groups of neighbours. Each thread for itself:
  __device__ void operator()(int64_t n, int64_t e, double (&)[1][1]) const {
    e *= N;
    const unsigned changed = a.changes.template of<N>(e), found = inside(n, e, changed);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      if (!is_zero(e, k, changed, found)) continue;
      T* const to = dtheta + a.place(n, e + k);
      const int numbers = 3 * (kBins ? kBins : int(a.shape.any_bins)) - 1;
      for (int j = 0; j < numbers; ++j) to[j * a.number_stride] = 0;
    }
    for (unsigned rest = found; rest != 0; rest &= rest - 1) {
      const int64_t i = next_of<N>(rest, e), place = a.place(n, i);
      element(n, i, Numbers(a.theta + place, a.number_stride), dtheta ? dtheta + place : nullptr, a.number_stride);
    }
  }
  // A warp together:
  __device__ void operator()(int64_t n, int64_t e, bool there) const {
    if constexpr (kTogether) {
      GX_SHARED(T, numbers, kRowThreads * kNumbers);
      const int lane = int(threadIdx.x) % kWarp;
      T *const of_warp = numbers + (int(threadIdx.x) - lane) * kNumbers, *const mine = of_warp + lane * kNumbers;
      e *= N;
      const unsigned changed = there ? a.changes.template of<N>(e) : 0, found = there ? inside(n, e, changed) : 0;
#pragma unroll
      for (int k = 0; k < N; ++k) {
        const bool zero = there && is_zero(e, k, changed, found);
        if (__any_sync(kAllLanes, zero)) {
          put_together<kNumbers, T>(zero ? dtheta + a.place(n, e + k) : nullptr, nullptr, lane);
        }
      }
      for (unsigned rest = found; __any_sync(kAllLanes, rest != 0); rest &= rest - 1) {
        const int64_t i = next_of<N>(rest, e), place = a.place(n, i);
        bring_together<kNumbers>(rest != 0 ? a.theta + place : nullptr, of_warp, lane);
        if (rest != 0) element(n, i, Numbers(mine, 1), dtheta ? mine : nullptr, 1);
        if (dtheta) put_together<kNumbers, T>(rest != 0 ? dtheta + place : nullptr, of_warp, lane);
      }
    }
  }

  // Which of the neighbours go through a spline; dx of the others is dy.
  __device__ unsigned inside(int64_t n, int64_t e, unsigned changed) const {
    unsigned found = 0;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      if (e + k >= a.size) continue;
      const int64_t at = n * a.size + e + k;
      if ((changed >> k & 1) && !a.outside(a.x[at])) {
        found |= 1u << k;
      } else if (dx && dx != dy) {
        dx[at] = dy[at];
      }
    }
    return found;
  }
  // Whether neighbour k has numbers whose gradients are 0.
  __device__ bool is_zero(int64_t e, int k, unsigned changed, unsigned found) const {
    return dtheta && e + k < a.size && !(found >> k & 1) && (!a.changes.whole() || (changed >> k & 1));
  }

  __device__ void element(int64_t n, int64_t i, const Numbers& q, T* to, int64_t to_stride) const {
    const int64_t at = n * a.size + i;
    const int bins = kBins ? kBins : int(a.shape.any_bins);
    const Shares w(q, 0, bins), h(q, bins, bins);
    const Spline<T, kBins, kInverse> p(a.shape, q, w, h, a.x[at]);
    // g and c: the gradients of y and of log dy/dx as functions of x and theta.
    const T tu = p.t * p.u, over_form = T(1) / p.slope_form;
    const T log_slope_by_t =
        T(2) * ((p.s1 * p.t + (p.u - p.t) - p.s0 * p.u) * over_form - (p.s0 + p.s1 - T(2)) * (p.u - p.t) * p.root);
    const T slope = p.normal() ? p.slope : T(NAN);
    T g = dy[at], c = dlog_det ? T(dlog_det[n]) : T(0), to_x;
    if (kInverse) {  // of the function found as a root, and of minus its logarithm
      to_x = (g - c * log_slope_by_t * p.over_width) / slope;
      g = -to_x, c = -c;
    } else {
      to_x = g * slope + c * log_slope_by_t * p.over_width;
    }
    if (dx) dx[at] = to_x;
    if (!to) return;
    const T g_size = g * p.height * p.root;
    const T by_t = g_size * p.root * p.slope_form + c * log_slope_by_t, both = T(2) * tu * p.root;
    const T by_s0 = g_size * p.root * tu * p.u * (p.u + p.s1 * p.t) + c * (p.u * p.u * over_form - both);
    const T by_s1 = c * (p.t * p.t * over_form - both) - g_size * tu * p.t * (p.t + p.s0 * p.u) * p.root;
    const T by_log_delta = c - by_s0 * p.s0 - by_s1 * p.s1;
    of_softmax(q, w, 0, p.bin, -by_t * p.over_width, -(by_log_delta + by_t * p.t) * p.over_width, to, to_stride);
    of_softmax(q, h, bins, p.bin, g, g * p.e + by_log_delta * p.over_height, to, to_stride);
    const T by_q0 = by_s0 * p.over_delta * sigmoid(p.q0), by_q1 = by_s1 * p.over_delta * sigmoid(p.q1);
#pragma unroll
    for (int j = 0; j + 1 < (kBins ? kBins : bins); ++j) {  // number j is the slope after bin j
      to[(2 * bins + j) * to_stride] = j == p.bin ? by_q1 : j + 1 == p.bin ? by_q0 : T(0);
    }
  }
  // The gradient of a softmax's numbers, given those of its knots before the bin and of the bin's size.
  __device__ void of_softmax(const Numbers& q, const Shares& shares, int first, int bin, T by_knot, T by_size, T* to,
                             int64_t to_stride) const {
    const int bins = kBins ? kBins : int(a.shape.any_bins);
    const T share = T(1) / shares.sum;
    T mean = 0;
#pragma unroll
    for (int j = 0; j < (kBins ? kBins : bins); ++j) {
      mean += shares.of(q, first, j) * (j < bin ? by_knot : j == bin ? by_size : T(0));
    }
    mean *= share;
    const T scale = T(a.shape.scale) * share;
#pragma unroll
    for (int j = 0; j < (kBins ? kBins : bins); ++j) {
      const T by = j < bin ? by_knot : j == bin ? by_size : T(0);
      to[(first + j) * to_stride] = scale * shares.of(q, first, j) * (by - mean);
    }
  }
};

template <class T>
SplineOperands<T> spline_operands(const gx_spline_coupling_params& p, const gx_states* kept, const void* x,
                                  const void* theta) {
  const SplineShape<T> shape = {p.bins,
                                p.bound,
                                p.bound * p.min_width,
                                2 * p.bound * p.min_width,
                                2 * p.bound * (1 - double(p.bins) * p.min_width),
                                p.min_slope,
                                std::log(std::expm1(1 - p.min_slope))};
  return {changes_of(p.coupling, kept),
          shape,
          size_of(p.coupling),
          p.parameter_stride,
          p.number_stride,
          p.unit_stride,
          static_cast<const T*>(x),
          static_cast<const T*>(theta)};
}

template <int value>
using Number = std::integral_constant<int, value>;

// body(bins, inverse, neighbours, together), constants.
template <class Body>
void with_kind(const gx_spline_coupling_params& p, const Body& body) {
  const auto with_neighbours = [&](auto bins, auto inverse, auto together) {
    if (p.coupling.pattern == GX_COUPLING_SPAN) return body(bins, inverse, Number<1>(), together);
    body(bins, inverse, Number<2>(), together);
  };
  const auto with_inverse = [&](auto bins, auto together) {
    if (p.inverse) return with_neighbours(bins, Number<1>(), together);
    with_neighbours(bins, Number<0>(), together);
  };
  if (p.bins != kUsualBins) return with_inverse(Number<0>(), Number<0>());
  if (p.number_stride == 1) return with_inverse(Number<kUsualBins>(), Number<1>());
  with_inverse(Number<kUsualBins>(), Number<0>());
}

}  // namespace

gx_status gx_spline_coupling(gx_device* device, gx_format format, const gx_spline_coupling_params* params,
                             const gx_states* kept, const void* x, const void* theta, const double* log_det_in, void* y,
                             double* log_det_out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const SplineOperands<T> a = spline_operands<T>(*params, kept, x, theta);
      T* const to = static_cast<T*>(y);
      with_kind(*params, [&](auto bins, auto inverse, auto n, auto together) {
        using F = Forward<T, decltype(bins)::value, decltype(inverse)::value != 0, decltype(n)::value,
                          decltype(together)::value != 0>;
        sum_rows(device, rows_of(params->coupling.examples, a.size, kSpan, 2), F{a, to}, log_det_in, log_det_out);
      });
    });
  });
}

gx_status gx_spline_coupling_backward(gx_device* device, gx_format format, const gx_spline_coupling_params* params,
                                      const gx_states* kept, const void* x, const void* theta, const void* dy,
                                      const double* dlog_det, void* dx, void* dtheta) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      const SplineOperands<T> a = spline_operands<T>(*params, kept, x, theta);
      const T* const g = static_cast<const T*>(dy);
      T *const to_x = static_cast<T*>(dx), *const to_theta = static_cast<T*>(dtheta);
      if (!to_x && !to_theta) return;
      with_kind(*params, [&](auto bins, auto inverse, auto n, auto together) {
        constexpr int kN = decltype(n)::value;
        constexpr bool kTogether = decltype(together)::value != 0;
        using F = Backward<T, decltype(bins)::value, decltype(inverse)::value != 0, kN, kTogether>;
        map_examples<kTogether>(gpu_of(device), params->coupling.examples, (a.size + kN - 1) / kN,
                                F{a, g, dlog_det, to_x, to_theta});
      });
    });
  });
}

}  // namespace gx::cuda
