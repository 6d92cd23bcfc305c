// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Vectors along the segments; the accumulators live in registers over the whole slice. Contract: slices.h.
//
// A channel of a batch is short runs (4 KiB of 32x32 images) at a long stride, where the prefetchers of the CPU start
// anew with every run. Asking for the lines of later segments while this one is summed makes the first pass over
// 64x128x32x32 take 1.15 ms in place of 2.33 ms on one thread of a Zen 5 (0.93 ms when it is one run). The second pass
// finds the slice in L2 or L3. Tried and dropped: a contiguous copy of the slice for the second pass, which a stride of
// a power of two cannot drive out of the cache (no gain: L3 keeps it); prefetching in the second pass too (no gain).

#include "kernels/norm/slices/slices.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {
namespace {

constexpr int64_t kFetchAhead = 1024;  // elements of a slice between the sums and the prefetch

// From a segment to the one to fetch meanwhile.
int64_t fetch_distance(const Slice& slice) { return slice.stride * (1 + (kFetchAhead - 1) / slice.length); }

inline void fetch(const float* p, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) __builtin_prefetch(p + i);
}

inline vd doubles(const float* p) { return __builtin_convertvector(load<vfh>(p), vd); }

// The lanes at and after n become 0.
inline vd first_of(vd v, int n) {
  for (int i = n < 0 ? 0 : n; i < kLanesD; ++i) v[i] = 0;
  return v;
}

template <bool kStream>
inline void put(float* p, vf v) {
  kStream ? stream(p, v) : store(p, v);
}

inline vf apply(const Affine& f, vf x) { return (x - f.mean) * f.a + f.b; }

// dy where the gate's relu passed; NaN stays.
inline vf gated(const Affine& gate, vf x, vf dy) {
  const vf y = apply(gate, x);
  return y > 0.0f ? dy : 0.0f * y;
}

// Two sums in the four accumulators of two vectors at a time.
struct Sums {
  vd s[4] = {}, q[4] = {};
  void store(double* sums) const {
    sums[0] = sum((s[0] + s[1]) + (s[2] + s[3]));
    sums[1] = sum((q[0] + q[1]) + (q[2] + q[3]));
  }
};

template <bool kRelu, bool kStream>
void affine(const Slice& slice, const float* x, const Affine& f, float* y) {
  const vf zero = {};
  const auto value = [&](vf v) { return kRelu ? max(zero, apply(f, v)) : apply(f, v); };
  for (int64_t segment = 0; segment < slice.segments; ++segment, x += slice.stride, y += slice.stride) {
    int64_t i = 0;
    for (; i + kLanes <= slice.length; i += kLanes) put<kStream>(y + i, value(loadf(x + i)));
    if (const int rest = int(slice.length - i); rest > 0) store_first(y + i, value(load_first(x + i, rest)), rest);
  }
  if (kStream) _mm_sfence();
}

template <bool kGate>
void gradient_sums(const Slice& slice, const float* x, const float* dy, double mean, const Affine* gate, double* sums) {
  const vd m = splat(mean);
  const int64_t ahead = fetch_distance(slice);
  Sums a;
  const auto add = [&](int j, vf v, vf g) {
    if (kGate) g = gated(*gate, v, g);
    const vd low = lower_half(g), high = upper_half(g);
    a.s[j] += low;
    a.q[j] += low * (lower_half(v) - m);
    a.s[j + 1] += high;
    a.q[j + 1] += high * (upper_half(v) - m);
  };
  for (int64_t segment = 0; segment < slice.segments; ++segment, x += slice.stride, dy += slice.stride) {
    int64_t i = 0;
    for (; i + 2 * kLanes <= slice.length; i += 2 * kLanes) {
      fetch(x + ahead + i, 2 * kLanes);
      fetch(dy + ahead + i, 2 * kLanes);
      add(0, loadf(x + i), loadf(dy + i));
      add(2, loadf(x + i + kLanes), loadf(dy + i + kLanes));
    }
    for (; i < slice.length; i += kLanes) {
      const int n = slice.length - i < kLanes ? int(slice.length - i) : kLanes;
      fetch(x + ahead + i, n);
      fetch(dy + ahead + i, n);
      add(0, load_first(x + i, n), load_first(dy + i, n));
    }
  }
  a.store(sums);
}

template <bool kGate, bool kStream>
void pullback(const Slice& slice, const float* x, const float* dy, const Affine* gate, const Pullback& f, float* dx) {
  const auto value = [&](vf v, vf g) {
    if (kGate) g = gated(*gate, v, g);
    return f.k1 * g + (f.k2 * (v - f.mean) + f.k3);
  };
  for (int64_t segment = 0; segment < slice.segments;
       ++segment, x += slice.stride, dy += slice.stride, dx += slice.stride) {
    int64_t i = 0;
    for (; i + kLanes <= slice.length; i += kLanes) put<kStream>(dx + i, value(loadf(x + i), loadf(dy + i)));
    if (const int rest = int(slice.length - i); rest > 0) {
      store_first(dx + i, value(load_first(x + i, rest), load_first(dy + i, rest)), rest);
    }
  }
  if (kStream) _mm_sfence();
}

}  // namespace

void slices_moments(const Slice& slice, const float* x, double shift, double* sums) {
  const vd k = splat(shift);
  const int64_t ahead = fetch_distance(slice);
  Sums a;
  for (int64_t segment = 0; segment < slice.segments; ++segment, x += slice.stride) {
    int64_t i = 0;
    for (; i + 2 * kLanes <= slice.length; i += 2 * kLanes) {
      fetch(x + ahead + i, 2 * kLanes);
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        const vd d = doubles(x + i + j * kLanesD) - k;
        a.s[j] += d;
        a.q[j] += d * d;
      }
    }
    for (; i < slice.length; i += kLanes) {
      const int n = slice.length - i < kLanes ? int(slice.length - i) : kLanes;
      fetch(x + ahead + i, n);
      const vf v = load_first(x + i, n);
      const vd low = first_of(lower_half(v) - k, n), high = first_of(upper_half(v) - k, n - kLanesD);
      a.s[0] += low;
      a.q[0] += low * low;
      a.s[1] += high;
      a.q[1] += high * high;
    }
  }
  a.store(sums);
}

void slices_affine(const Slice& slice, const float* x, const Affine& f, float* y, bool stream) {
  const auto run = f.relu ? (stream ? affine<true, true> : affine<true, false>)
                          : (stream ? affine<false, true> : affine<false, false>);
  run(slice, x, f, y);
}

void slices_gradient_sums(const Slice& slice, const float* x, const float* dy, double mean, const Affine* gate,
                          double* sums) {
  const auto run = gate ? gradient_sums<true> : gradient_sums<false>;
  run(slice, x, dy, mean, gate, sums);
}

void slices_pullback(const Slice& slice, const float* x, const float* dy, const Affine* gate, const Pullback& f,
                     float* dx, bool stream) {
  const auto run = gate ? (stream ? pullback<true, true> : pullback<true, false>)
                        : (stream ? pullback<false, true> : pullback<false, false>);
  run(slice, x, dy, gate, f, dx);
}

}  // namespace gx::GX_ISA
