// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sparse maps of rows and columns. Along the columns outputs of one phase of the rhythm are the lanes of a vector:
// their inputs lie `step` apart and their weights are the same. Contract: separable.h.

#include "kernels/resample/lanes.h"
#include "kernels/resample/separable/separable.h"

namespace gx::GX_ISA {
namespace {

inline void each(const AxisTaps& m, const float* x, float* y, int64_t first, int64_t end) {
  for (int64_t o = first; o < end; ++o) {
    float sum = 0;
    for (int64_t k = m.begin[o]; k < m.begin[o + 1]; ++k) sum += m.weight[k] * x[m.index[k]];
    y[o] = sum;
  }
}

template <int step>
inline vf load_step(const float* p, int64_t other, int n) {
  return step == 1 ? load_part(p, n) : step == 2 ? load_evens(p, n) : load_every(p, other, n);
}

// The outputs of a phase for n repeats from `at` on; step 0: any.
template <int step>
inline vf phase(const AxisTaps& m, int64_t o, const float* x, int64_t at, int n) {
  const float* const from = x + at * m.step;
  const int64_t end = m.begin[o + 1];
  int64_t k = m.begin[o];
  if (k == end) return vf{};
  vf sum = m.weight[k] * load_step<step>(from + m.index[k], m.step, n);
  for (++k; k < end; ++k) sum += m.weight[k] * load_step<step>(from + m.index[k], m.step, n);
  return sum;
}

template <int period, int step>
void rhythm(const AxisTaps& m, const float* x, float* y) {
  for (int64_t at = 0; at < m.repeats; at += kLanes) {
    const int n = int(lesser<int64_t>(kLanes, m.repeats - at));
    float* const to = y + m.first + at * m.period;
    if constexpr (period == 1) {
      store_part(to, phase<step>(m, m.first, x, at, n), n);
    } else if constexpr (period == 2) {
      store_zipped(to, phase<step>(m, m.first, x, at, n), phase<step>(m, m.first + 1, x, at, n), n);
    } else {
      for (int64_t p = 0; p < m.period; ++p) {
        float some[kLanes];
        store(some, phase<step>(m, m.first + p, x, at, n));
        for (int l = 0; l < n; ++l) to[l * m.period + p] = some[l];
      }
    }
  }
}

// Interpolation: a vector's inputs lie in two vectors of x, unless the picture shrinks much.
inline void pairs(const AxisTaps& m, const float* x, float* y) {
  for (int64_t o = 0; o < m.out; o += kLanes) {
    const int n = int(lesser<int64_t>(kLanes, m.out - o));
    const int64_t base = m.low[o], count = lesser<int64_t>(m.low[o + n - 1] + 2, m.in) - base;
    if (count > 2 * kLanes) {
      each(m, x, y, o, o + n);
      continue;
    }
    const vf a = load_part(x + base, int(lesser<int64_t>(count, kLanes)));
    const vf b = load_part(x + base + kLanes, int(count - kLanes));
    const vi at = load<vi>(m.low + o) - int32_t(base);
    const vf above = loadf(m.above + o), high = __builtin_shuffle(a, b, at + 1);
    const vf part = above != 0.0f ? above * high : vf{};  // what has no weight may be anything
    store_part(y + o, loadf(m.below + o) * __builtin_shuffle(a, b, at) + part, n);
  }
}

// y = H x of one row.
inline void across(const AxisTaps& m, const float* x, float* y) {
  if (m.low && kLanes > 4) return pairs(m, x, y);
  if (m.period * m.repeats < 3) return each(m, x, y, 0, m.out);
  each(m, x, y, 0, m.first);
  if (m.period == 1) {
    m.step == 1 ? rhythm<1, 1>(m, x, y) : m.step == 2 ? rhythm<1, 2>(m, x, y) : rhythm<1, 0>(m, x, y);
  } else if (m.period == 2) {
    m.step == 1 ? rhythm<2, 1>(m, x, y) : rhythm<2, 0>(m, x, y);
  } else {
    m.step == 1 ? rhythm<0, 1>(m, x, y) : rhythm<0, 0>(m, x, y);
  }
  each(m, x, y, m.first + m.period * m.repeats, m.out);
}

template <class Value>
inline void each_vector(float* y, int64_t width, bool streamed, Value value) {
  int64_t j = 0;
  if (streamed) {
    for (; j + kLanes <= width; j += kLanes) stream(y + j, value(j, kLanes));
  } else {
    for (; j + kLanes <= width; j += kLanes) store(y + j, value(j, kLanes));
  }
  if (j < width) store_first(y + j, value(j, int(width - j)), int(width - j));
}

// y = the sum of weight[k] line[k].
inline void down(const float* weight, const float* const* line, int64_t taps, int64_t width, float* y, bool streamed) {
  if (taps == 1) {
    const float w = weight[0], *const a = line[0];
    each_vector(y, width, streamed, [=](int64_t j, int n) { return w * load_part(a + j, n); });
  } else if (taps == 2) {
    const float w = weight[0], v = weight[1], *const a = line[0], *const b = line[1];
    each_vector(y, width, streamed,
                [=](int64_t j, int n) { return w * load_part(a + j, n) + v * load_part(b + j, n); });
  } else {
    each_vector(y, width, streamed, [=](int64_t j, int n) {
      vf sum = weight[0] * load_part(line[0] + j, n);
      for (int64_t k = 1; k < taps; ++k) sum += weight[k] * load_part(line[k] + j, n);
      return sum;
    });
  }
}

inline void copy(const float* x, int64_t width, float* y, bool streamed) {
  each_vector(y, width, streamed, [=](int64_t j, int n) { return load_part(x + j, n); });
}

class Plane {
 public:
  Plane(const Separable& s, int64_t plane, const float* x, char* scratch)
      : s_(s), x_(x + plane * s.summed * s.rows.in * s.columns.in), kept_(s.columns_first() ? s.rows.span : 0) {
    row_ = reinterpret_cast<float*>(scratch);
    made_ = row_ + s.in_stride();
    is_ = reinterpret_cast<int64_t*>(made_ + kept_ * s.out_stride());
    line_ = reinterpret_cast<const float**>(is_ + kept_);
    for (int64_t i = 0; i < kept_; ++i) is_[i] = -1;
  }

  void output(int64_t o, float* y, bool streamed) {
    const AxisTaps& rows = s_.rows;
    const int64_t begin = rows.begin[o], taps = rows.begin[o + 1] - begin;
    const float* const weight = rows.weight + begin;
    if (taps == 0) {
      each_vector(y, s_.columns.out, streamed, [](int64_t, int) { return vf{}; });
    } else if (taps == 1 && weight[0] == 1) {
      across(s_.columns, input(rows.index[begin]), y);
    } else if (s_.columns_first()) {
      for (int64_t k = 0; k < taps; ++k) line_[k] = made(rows.index[begin + k]);
      down(weight, line_, taps, s_.columns.out, y, streamed);
    } else {
      for (int64_t k = 0; k < taps; ++k) line_[k] = x_ + rows.index[begin + k] * s_.columns.in;
      down(weight, line_, taps, s_.columns.in, row_, false);
      across(s_.columns, row_, y);
    }
  }

 private:
  // Row i of x, or the sum of those of several planes.
  const float* input(int64_t i) {
    const float* const x = x_ + i * s_.columns.in;
    if (s_.summed == 1) return x;
    const int64_t planes = s_.summed, plane = s_.rows.in * s_.columns.in;
    each_vector(row_, s_.columns.in, false, [=](int64_t j, int n) {
      vf sum = load_part(x + j, n);
      for (int64_t p = 1; p < planes; ++p) sum += load_part(x + p * plane + j, n);
      return sum;
    });
    return row_;
  }

  const float* made(int64_t i) {
    const int64_t slot = i % kept_;
    float* const row = made_ + slot * s_.out_stride();
    if (is_[slot] != i) {
      is_[slot] = i;
      across(s_.columns, input(i), row);
    }
    return row;
  }

  const Separable& s_;
  const float* x_;
  int64_t kept_;
  float *row_, *made_;
  int64_t* is_;
  const float** line_;
};

// Outputs that are one and the same row of x.
inline bool repeated(const AxisTaps& rows, int64_t o) {
  const int64_t a = rows.begin[o - 1], b = rows.begin[o], c = rows.begin[o + 1];
  return b - a == 1 && c - b == 1 && rows.index[a] == rows.index[b] && rows.weight[a] == rows.weight[b];
}

}  // namespace

void separable_rhythm(const Separable& s, int64_t plane, int64_t first, int64_t end, const float* x, float* y,
                      char* scratch) {
  Plane input(s, plane, x, scratch);
  const int64_t width = s.columns.out, size = s.rows.out * width;
  float* const out = y + plane * s.copies * size;
  for (int64_t o = first; o < end; ++o) {
    float* const row = out + o * width;
    if (o > first && repeated(s.rows, o)) {
      copy(row - width, width, row, false);
    } else {
      input.output(o, row, s.streamed && s.copies == 1);
    }
    for (int64_t c = 1; c < s.copies; ++c) copy(row, width, row + c * size, s.streamed);
  }
  if (s.streamed) _mm_sfence();
}

}  // namespace gx::GX_ISA
