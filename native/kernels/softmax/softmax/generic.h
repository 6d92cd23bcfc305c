// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows: three passes over a row, which stays in the cache between them, so that memory sees one read and one write.
// (Online: rescaling the sum whenever the maximum grows saves a pass over the cache and costs a second exp.) Columns:
// the same over strips of columns, an accumulator per lane. Contract: softmax.h.

#include "kernels/softmax/softmax/softmax.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {
namespace {

constexpr float kInf = __builtin_inff();

// A vector at p, of which the first `count` lanes are meant; others read as 0.
inline vf take(const float* p, int64_t count) { return count >= kLanes ? loadf(p) : load_first(p, int(count)); }
inline void put(float* p, vf v, int64_t count) { count >= kLanes ? store(p, v) : store_first(p, v, int(count)); }
// Lanes beyond count become `other`.
inline vf only(vf v, int64_t count, float other) {
  return count >= kLanes ? v : (vi)lane_index() < int32_t(count) ? v : splat(other);
}

inline float greatest(vf v) {
  float m = v[0];
  for (int i = 1; i < kLanes; ++i) m = v[i] > m ? v[i] : m;
  return m;
}
inline void add(vd sum[2], vf v) {
  sum[0] += lower_half(v);
  sum[1] += upper_half(v);
}

// --- Rows

// The greatest element; whether there is a NaN.
inline float row_maximum(const float* x, int64_t n, bool* nan) {
  vf m[2] = {splat(-kInf), splat(-kInf)};
  vi odd[2] = {vi{}, vi{}};
  int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    for (int k = 0; k < 2; ++k) {
      const vf v = loadf(x + i + k * kLanes);
      m[k] = max(v, m[k]);
      odd[k] |= v != v;
    }
  }
  for (; i < n; i += kLanes) {
    const vf v = only(take(x + i, n - i), n - i, -kInf);
    m[0] = max(v, m[0]);
    odd[0] |= v != v;
  }
  *nan = mask_bits(odd[0] | odd[1]) != 0;
  return greatest(max(m[0], m[1]));
}

// The sum of e^(x - m); the terms go to e unless it is null. Pairs of terms, which are positive, meet in float, where
// their sum is rounded as they were; the rest is added in double.
inline double row_exp(const float* x, float m, int64_t n, float* e) {
  vd sum[2][2] = {};
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    vf v[4];
    for (int k = 0; k < 4; ++k) {
      v[k] = exp(loadf(x + i + k * kLanes) - m);
      if (e) store(e + i + k * kLanes, v[k]);
    }
    add(sum[0], v[0] + v[1]);
    add(sum[1], v[2] + v[3]);
  }
  for (; i < n; i += kLanes) {
    const vf v = only(exp(take(x + i, n - i) - m), n - i, 0);
    if (e) put(e + i, v, n - i);
    add(sum[0], v);
  }
  return gx::GX_ISA::sum((sum[0][0] + sum[1][0]) + (sum[0][1] + sum[1][1]));
}

// Calls set(i, count, streamed) for the vectors of a row: past the caches where they lie on the grid, if asked for.
template <class Set>
inline void each_vector(const float* y, int64_t n, bool streamed, Set set) {
  int64_t i = 0;
  if (streamed) {
    const int64_t beyond = int64_t(reinterpret_cast<uintptr_t>(y) / sizeof(float) % kLanes);
    const int64_t head = lesser<int64_t>(n, beyond == 0 ? 0 : kLanes - beyond);
    if (head > 0) set(0, head, false);
    for (i = head; i + kLanes <= n; i += kLanes) set(i, kLanes, true);
  }
  for (; i < n; i += kLanes) set(i, n - i, false);
}

constexpr int64_t kWaiting = 4096;  // terms of a row that wait on the stack, so that y is only written

void softmax_row(gx_softmax_function f, const float* x, int64_t n, float* y, bool streamed) {
  bool nan;
  const float m = row_maximum(x, n, &nan);
  if (f == GX_SOFTMAX) {
    float waiting[kWaiting];
    float* const e = streamed && n <= kWaiting ? waiting : y;
    const float scale = float(1 / row_exp(x, m, n, e));  // a NaN or an infinity has made the sum NaN
    each_vector(y, n, e != y, [&](int64_t i, int64_t count, bool past) {
      const vf v = take(e + i, count) * scale;
      past ? stream(y + i, v) : put(y + i, v, count);
    });
  } else {
    const float shift = float(log(splat(row_exp(x, m, n, nullptr)))[0]);
    each_vector(y, n, streamed, [&](int64_t i, int64_t count, bool past) {
      const vf v = (take(x + i, count) - m) - shift;
      past ? stream(y + i, v) : put(y + i, v, count);
    });
  }
}

float logsumexp_row(const float* x, int64_t n) {
  bool nan;
  const float m = row_maximum(x, n, &nan);
  if (nan) return __builtin_nanf("");
  if (m == kInf || m == -kInf) return m;
  return float(m + log(splat(row_exp(x, m, n, nullptr)))[0]);
}

void backward_row(gx_softmax_function f, const float* y, const float* dy, int64_t n, float* dx) {
  vd sum[2] = {};
  for (int64_t i = 0; i < n; i += kLanes) {
    const vf g = take(dy + i, n - i);
    if (f == GX_SOFTMAX) {
      const vf p = take(y + i, n - i);
      sum[0] += lower_half(g) * lower_half(p);
      sum[1] += upper_half(g) * upper_half(p);
    } else {
      add(sum, g);
    }
  }
  const float s = float(gx::GX_ISA::sum(sum[0] + sum[1]));
  for (int64_t i = 0; i < n; i += kLanes) {
    const vf p = take(y + i, n - i), g = take(dy + i, n - i);
    put(dx + i, f == GX_SOFTMAX ? p * (g - s) : g - exp(p) * s, n - i);
  }
}

// --- Columns, `width` vectors of them; only the last may be shorter, by `count` elements in all.

template <int width>
struct Strip {
  int64_t n, stride, count;

  int64_t left(int k) const { return count - k * kLanes; }
  vf at(const float* p, int64_t i, int k) const { return take(p + i * stride + k * kLanes, left(k)); }
  void set(float* p, int64_t i, int k, vf v) const { put(p + i * stride + k * kLanes, v, left(k)); }

  void maximum(const float* x, vf m[width], vi nan[width]) const {
    for (int k = 0; k < width; ++k) m[k] = splat(-kInf), nan[k] = vi{};
    for (int64_t i = 0; i < n; ++i) {
      for (int k = 0; k < width; ++k) {
        const vf v = at(x, i, k);
        m[k] = max(v, m[k]);
        nan[k] |= v != v;
      }
    }
  }
  void exps(const float* x, const vf m[width], vd sums[width][2], float* e) const {
    for (int k = 0; k < width; ++k) sums[k][0] = sums[k][1] = vd{};
    for (int64_t i = 0; i < n; ++i) {
      for (int k = 0; k < width; ++k) {
        const vf v = exp(at(x, i, k) - m[k]);
        if (e) set(e, i, k, v);
        add(sums[k], v);
      }
    }
  }
  static vf narrow(vd low, vd high) {
    const vfh halves[2] = {__builtin_convertvector(low, vfh), __builtin_convertvector(high, vfh)};
    vf v;
    __builtin_memcpy(&v, halves, sizeof v);
    return v;
  }

  void softmax(gx_softmax_function f, const float* x, float* y) const {
    vf m[width], factor[width];
    vi nan[width];
    vd sums[width][2];
    maximum(x, m, nan);
    exps(x, m, sums, f == GX_SOFTMAX ? y : nullptr);
    for (int k = 0; k < width; ++k) {
      factor[k] =
          f == GX_SOFTMAX ? narrow(1.0 / sums[k][0], 1.0 / sums[k][1]) : narrow(log(sums[k][0]), log(sums[k][1]));
    }
    for (int64_t i = 0; i < n; ++i) {
      for (int k = 0; k < width; ++k) {
        set(y, i, k, f == GX_SOFTMAX ? at(y, i, k) * factor[k] : (at(x, i, k) - m[k]) - factor[k]);
      }
    }
  }

  void logsumexp(const float* x, float* y) const {
    vf m[width];
    vi nan[width];
    vd sums[width][2];
    maximum(x, m, nan);
    exps(x, m, sums, nullptr);
    for (int k = 0; k < width; ++k) {
      const vf lse = narrow(lower_half(m[k]) + log(sums[k][0]), upper_half(m[k]) + log(sums[k][1]));
      const vf shown = (m[k] == kInf) | (m[k] == -kInf) ? m[k] : lse;
      put(y + k * kLanes, nan[k] ? splat(__builtin_nanf("")) : shown, left(k));
    }
  }

  void backward(gx_softmax_function f, const float* y, const float* dy, float* dx) const {
    vd sums[width][2] = {};
    for (int64_t i = 0; i < n; ++i) {
      for (int k = 0; k < width; ++k) {
        const vf g = at(dy, i, k), p = f == GX_SOFTMAX ? at(y, i, k) : splat(1.0f);
        sums[k][0] += lower_half(g) * lower_half(p);
        sums[k][1] += upper_half(g) * upper_half(p);
      }
    }
    vf s[width];
    for (int k = 0; k < width; ++k) s[k] = narrow(sums[k][0], sums[k][1]);
    for (int64_t i = 0; i < n; ++i) {
      for (int k = 0; k < width; ++k) {
        const vf p = at(y, i, k), g = at(dy, i, k);
        set(dx, i, k, f == GX_SOFTMAX ? p * (g - s[k]) : g - exp(p) * s[k]);
      }
    }
  }

  void logsumexp_backward(const float* x, const float* y, const float* dy, float* dx) const {
    for (int k = 0; k < width; ++k) {
      const vf lse = take(y + k * kLanes, left(k)), g = take(dy + k * kLanes, left(k));
      for (int64_t i = 0; i < n; ++i) set(dx, i, k, g * exp(at(x, i, k) - lse));
    }
  }
};

// body(strip, first column) for all columns of a block: wide strips first, which use a cache line's neighbours at once.
template <class Body>
inline void strips(const SoftmaxBlock& b, Body body) {
  constexpr int kWide = 4;
  int64_t j = 0;
  for (; j + kWide * kLanes <= b.columns; j += kWide * kLanes) {
    body(Strip<kWide>{b.n, b.stride, kWide * kLanes}, j);
  }
  for (; j < b.columns; j += kLanes) body(Strip<1>{b.n, b.stride, lesser<int64_t>(kLanes, b.columns - j)}, j);
}

}  // namespace

void softmax_vectors(gx_softmax_function f, const SoftmaxBlock& b, const float* x, float* y) {
  if (b.stride != 1) return strips(b, [&](auto strip, int64_t j) { strip.softmax(f, x + j, y + j); });
  for (int64_t r = 0; r < b.rows; ++r) softmax_row(f, x + r * b.n, b.n, y + r * b.n, b.stream);
  if (b.stream) _mm_sfence();  // before anyone is told that y is there
}

void softmax_backward_vectors(gx_softmax_function f, const SoftmaxBlock& b, const float* y, const float* dy,
                              float* dx) {
  if (b.stride != 1) return strips(b, [&](auto strip, int64_t j) { strip.backward(f, y + j, dy + j, dx + j); });
  for (int64_t r = 0; r < b.rows; ++r) backward_row(f, y + r * b.n, dy + r * b.n, b.n, dx + r * b.n);
}

void logsumexp_vectors(const SoftmaxBlock& b, const float* x, float* y) {
  if (b.stride != 1) return strips(b, [&](auto strip, int64_t j) { strip.logsumexp(x + j, y + j); });
  for (int64_t r = 0; r < b.rows; ++r) y[r] = logsumexp_row(x + r * b.n, b.n);
}

void logsumexp_backward_vectors(const SoftmaxBlock& b, const float* x, const float* y, const float* dy, float* dx) {
  if (b.stride != 1) {
    return strips(b, [&](auto strip, int64_t j) { strip.logsumexp_backward(x + j, y + j, dy + j, dx + j); });
  }
  for (int64_t r = 0; r < b.rows; ++r) {
    const float lse = y[r], g = dy[r];
    const float* const row = x + r * b.n;
    float* const to = dx + r * b.n;
    for (int64_t i = 0; i < b.n; i += kLanes) put(to + i, exp(take(row + i, b.n - i) - lse) * g, b.n - i);
  }
}

}  // namespace gx::GX_ISA
