// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over memory each. Contract: channel_affine.h.
//
// On one thread of a Zen 5, CPU time beside other programs, of a copy's bandwidth (memcpy of 256 MB, interleaved):
// forward 1.1 to 1.4 for 64x48x4096 (its stores go past the caches), 0.8 to 0.9 for 64x196608x1, 0.9 to 1.2 for
// 1024x3072x1; with the Gaussian density 0.03 less, with the logistic one 0.4; backward 0.9 to 1.1 and, by elements,
// 0.6 to 0.8. Tried for the latter, 1.6 ms for 1024x3072x1: a row at a time onto sums in memory (2.9 ms), some columns
// at a time down the rows with sums in registers (2.0 ms). Forward by spans of all rows, whose factors then stay in the
// L2 cache, costs a third more: memory likes long runs.

#include "kernels/coupling/base.h"
#include "kernels/coupling/channel_affine/channel_affine.h"

namespace gx::GX_ISA {
namespace {

template <bool kInverse>
inline vf map(vf x, vf a, vf b) {
  return kInverse ? (x - b) * a : x * a + b;
}

// e^l in double, or NaN where it or its reciprocal is no normal float.
inline vfh scale_of(vd l) {
  constexpr double kMost = 126 * kLn2HiD + 126 * kLn2LoD;
  return __builtin_convertvector((l >= -kMost) & (l <= kMost) ? exp(l) : splat(__builtin_nan("")), vfh);
}

// What forward sums: the base density, and NaN if there is one among y.
template <class Base>
class Sum {
 public:
  void add(vf y, int n) {
    if (Base::kThere) {
      base_.add(y, n);
    } else {
      nan_ |= y != y;
    }
  }
  double value() const { return Base::kThere ? base_.value() : mask_bits(nan_) != 0 ? __builtin_nan("") : 0; }

 private:
  Base base_;
  vi nan_ = {};
};

template <bool kPast>
inline void put(float* p, vf v, int n) {
  if (kPast) {
    stream(p, v);
  } else {
    store_some(p, v, n);
  }
}

template <bool kInverse, bool kPast, class Base>
double forward(const ChannelRun& run, const float* x, const float* a, const float* b, float* y) {
  Sum<Base> sum;
  if (run.spatial == 0) {
    each_vector(run.count, [&](int64_t i, int n) {
      const vf v = map<kInverse>(load_some(x + i, n), load_some(a + i, n), load_some(b + i, n));
      put<kPast>(y + i, v, n);
      sum.add(v, n);
    });
  } else {
    for (int64_t begin = 0, end = run.spatial - run.into; begin < run.count; begin = end, end += run.spatial) {
      end = lesser(end, run.count);
      const vf scale = splat(*a++), shift = splat(*b++);
      each_vector(end - begin, [&](int64_t i, int n) {
        const vf v = map<kInverse>(load_some(x + begin + i, n), scale, shift);
        put<kPast>(y + begin + i, v, n);
        sum.add(v, n);
      });
    }
  }
  if (kPast) _mm_sfence();
  return sum.value();
}

// The gradient of an element: g = dy + c d log p(y) / dy, and dx of it.
template <bool kInverse, class Base>
inline vf gradient(vf x, vf dy, vf a, vf b, vf c) {
  return Base::kThere ? dy + c * Base::slope(map<kInverse>(x, a, b)) : dy;
}

constexpr int kRows = 4;  // whose sums are made in registers

// body(whether it is the inverse as a constant, a base of the kind)
template <bool value>
struct Constant {
  static constexpr bool is = value;
};
template <class Body>
inline void with_direction(bool inverse, gx_base base, Body&& body) {
  if (inverse) return body(Constant<true>(), NoBase());
  with_base(base, [&](auto density) { body(Constant<false>(), density); });
}

// Some rows at a time, onto the sums or, for the first ones, into them.
template <bool kInverse, class Base, int kRows>
void backward_rows(int64_t count, int64_t stride, bool first, const float* x, const float* dy, const float* a,
                   const float* b, const double* dlog_det, float* dx, double* s, double* q) {
  vf c[kRows];
  for (int r = 0; r < kRows; ++r) c[r] = splat(dlog_det ? float(dlog_det[r]) : 0.0f);
  each_vector(count, [&](int64_t i, int n) {
    const vf scale = load_some(a + i, n), shift = load_some(b + i, n);
    const vd low_shift = kInverse ? lower_half(shift) : vd{}, high_shift = kInverse ? upper_half(shift) : vd{};
    vd sum[2] = {}, product[2] = {};
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const vf v = load_some(x + r * stride + i, n);
      const vf g = keep_first(gradient<kInverse, Base>(v, load_some(dy + r * stride + i, n), scale, shift, c[r]), n);
      if (dx) store_some(dx + r * stride + i, g * scale, n);
      const vd low = lower_half(g), high = upper_half(g);
      sum[0] += low, sum[1] += high;
      product[0] += low * (lower_half(v) - low_shift), product[1] += high * (upper_half(v) - high_shift);
    }
    for (int h = 0; h < 2; ++h) {
      double *const to = s + i + h * kLanesD, *const to_x = q + i + h * kLanesD;
      store(to, first ? sum[h] : loadd(to) + sum[h]);
      store(to_x, first ? product[h] : loadd(to_x) + product[h]);
    }
  });
}

}  // namespace

double channel_affine_factors_vectors(const float* log_scale, int64_t channels, bool inverse, float* a) {
  Total total;
  each_vector(channels, [&](int64_t i, int n) {
    const vf l = load_some(log_scale + i, n), directed = inverse ? -l : l;
    store(a + i, scale_of(lower_half(directed)));
    store(a + i + kLanesD, scale_of(upper_half(directed)));
    total.add(directed, n);
  });
  return total.value();
}

double channel_affine_forward_vectors(const ChannelRun& run, const float* x, const float* a, const float* b, float* y) {
  double sum = 0;
  with_direction(run.inverse, run.base, [&](auto inverse, auto base) {
    using Base = decltype(base);
    sum =
        run.past ? forward<inverse.is, true, Base>(run, x, a, b, y) : forward<inverse.is, false, Base>(run, x, a, b, y);
  });
  return sum;
}

void channel_affine_backward_one_vectors(const ChannelRun& run, const float* x, const float* dy, float a, float b,
                                         double dlog_det, float* dx, double* sums) {
  with_direction(run.inverse, run.base, [&](auto inverse, auto base) {
    using Base = decltype(base);
    const vf scale = splat(a), shift = splat(b), c = splat(float(dlog_det));
    const vd from = splat(inverse.is ? double(b) : 0.0);
    vd s[2] = {}, q[2] = {};
    each_vector(run.count, [&](int64_t i, int n) {
      const vf v = load_some(x + i, n);
      const vf g = keep_first(gradient<inverse.is, Base>(v, load_some(dy + i, n), scale, shift, c), n);
      if (dx) store_some(dx + i, g * scale, n);
      const vd low = lower_half(g), high = upper_half(g);
      s[0] += low;
      s[1] += high;
      q[0] += low * (lower_half(v) - from);
      q[1] += high * (upper_half(v) - from);
    });
    sums[0] = sum(s[0] + s[1]);
    sums[1] = sum(q[0] + q[1]);
  });
}

void channel_affine_backward_each_vectors(const ChannelRun& run, int64_t rows, int64_t stride, const float* x,
                                          const float* dy, const float* a, const float* b, const double* dlog_det,
                                          float* dx, double* s, double* q) {
  with_direction(run.inverse, run.base, [&](auto inverse, auto base) {
    using Base = decltype(base);
    int64_t row = 0;
    const auto run_rows = [&](auto some, int64_t of) {
      const int64_t at = row * stride;
      some(run.count, stride, row == 0, x + at, dy + at, a, b, dlog_det ? dlog_det + row : nullptr,
           dx ? dx + at : nullptr, s, q);
      row += of;
    };
    while (row + kRows <= rows) run_rows(backward_rows<inverse.is, Base, kRows>, kRows);
    while (row < rows) run_rows(backward_rows<inverse.is, Base, 1>, 1);
  });
}

}  // namespace gx::GX_ISA
