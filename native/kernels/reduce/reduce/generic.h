// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Along rows: two pairs of double accumulators, so that additions do not wait for each other. Across rows: a block of
// columns, four rows at a time, so that an accumulator is loaded and stored once per four. Contract: reduce.h.

#include "kernels/reduce/reduce/reduce.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {
namespace {

struct Sum {
  static constexpr bool kTwo = false;
  static vd identity() { return vd{}; }
  static vd fold(vd acc, vd a, vd) { return acc + a; }
  static vd join(vd p, vd q) { return p + q; }
};
struct Squares : Sum {
  static vd fold(vd acc, vd a, vd) { return acc + a * a; }
};
struct Sizes : Sum {
  static vd fold(vd acc, vd a, vd) { return acc + (a < 0.0 ? -a : a); }
};
struct Dot : Sum {
  static constexpr bool kTwo = true;
  static vd fold(vd acc, vd a, vd b) { return acc + a * b; }
};
struct Max {
  static constexpr bool kTwo = false;
  static vd identity() { return splat(-__builtin_inf()); }
  static vd fold(vd acc, vd a, vd) { return (a > acc) | (a != a) ? a : acc; }  // a NaN stays
  static vd join(vd p, vd q) { return fold(p, q, q); }
};
struct Min : Max {
  static vd identity() { return splat(__builtin_inf()); }
  static vd fold(vd acc, vd a, vd) { return (a < acc) | (a != a) ? a : acc; }
  static vd join(vd p, vd q) { return fold(p, q, q); }
};

// Folds one vector of floats into a pair of accumulators.
template <class F>
inline void take(vd acc[2], vf a, vf b) {
  acc[0] = F::fold(acc[0], lower_half(a), lower_half(b));
  acc[1] = F::fold(acc[1], upper_half(a), upper_half(b));
}

template <class F>
inline double along_rows(const FoldRows& r, int64_t offset) {
  vd acc[2][2] = {{F::identity(), F::identity()}, {F::identity(), F::identity()}};
  Row<1> row = row_at(r.reduced, r.begin);
  for (int64_t i = r.begin; i < r.end; ++i, next(r.reduced, row)) {
    const float* const a = r.a + offset + row.offset[0];
    const float* const b = F::kTwo ? r.b + offset + row.offset[0] : a;
    int64_t j = 0;
    for (; j + 2 * kLanes <= r.n; j += 2 * kLanes) {
      take<F>(acc[0], loadf(a + j), loadf(b + j));
      take<F>(acc[1], loadf(a + j + kLanes), loadf(b + j + kLanes));
    }
    for (; j + kLanes <= r.n; j += kLanes) take<F>(acc[0], loadf(a + j), loadf(b + j));
    if (j < r.n) {  // the lanes beyond the end must not count
      const int rest = int(r.n - j);
      vd last[2] = {acc[1][0], acc[1][1]};
      take<F>(last, load_first(a + j, rest), load_first(b + j, rest));
      for (int k = 0; k < kLanesD && k < rest; ++k) acc[1][0][k] = last[0][k];
      for (int k = kLanesD; k < rest; ++k) acc[1][1][k - kLanesD] = last[1][k - kLanesD];
    }
  }
  const vd all = F::join(F::join(acc[0][0], acc[1][0]), F::join(acc[0][1], acc[1][1]));
  vd one = splat(all[0]);
  for (int k = 1; k < kLanesD; ++k) one = F::join(one, splat(all[k]));
  return one[0];
}

template <class F>
void along(const FoldRows& r) {
  Row<1> output = row_at(*r.kept, r.first);
  for (int64_t k = 0; k < r.outputs; ++k, next(*r.kept, output)) r.acc[k] = along_rows<F>(r, output.offset[0]);
}

// Elements j .. of `count` rows into an accumulator, whole vectors.
template <class F, int count>
inline void columns(double* acc, const float* const* a, const float* const* b, int64_t j) {
  vd pair[2] = {loadd(acc + j), loadd(acc + j + kLanesD)};
  for (int i = 0; i < count; ++i) take<F>(pair, loadf(a[i] + j), loadf(b[i] + j));
  store(acc + j, pair[0]);
  store(acc + j + kLanesD, pair[1]);
}
template <class F, int count>
inline void rows(const FoldRows& r, const float* const* a, const float* const* b) {
  int64_t j = 0;
  for (; j + kLanes <= r.n; j += kLanes) columns<F, count>(r.acc, a, b, j);
  if (j < r.n) {
    const int rest = int(r.n - j);
    double acc[kLanes] = {};
    for (int k = 0; k < rest; ++k) acc[k] = r.acc[j + k];
    vd pair[2] = {loadd(acc), loadd(acc + kLanesD)};
    for (int i = 0; i < count; ++i) take<F>(pair, load_first(a[i] + j, rest), load_first(b[i] + j, rest));
    store(acc, pair[0]);
    store(acc + kLanesD, pair[1]);
    for (int k = 0; k < rest; ++k) r.acc[j + k] = acc[k];
  }
}

template <class F>
void across(const FoldRows& r) {
  const vd identity = F::identity();
  for (int64_t j = 0; j < r.n; ++j) r.acc[j] = identity[0];
  Row<1> row = row_at(r.reduced, r.begin);
  const float *a[4], *b[4];
  int64_t i = r.begin;
  for (; i < r.end; i += 4) {
    const int count = int(lesser<int64_t>(4, r.end - i));
    for (int k = 0; k < count; ++k, next(r.reduced, row)) {
      a[k] = r.a + row.offset[0];
      b[k] = F::kTwo ? r.b + row.offset[0] : a[k];
    }
    if (count == 4) {
      rows<F, 4>(r, a, b);
    } else {
      for (int k = 0; k < count; ++k) rows<F, 1>(r, a + k, b + k);
    }
  }
}

template <class Body>
inline void with_fold(Fold fold, Body body) {
  switch (fold) {
    case Fold::kSum:
      return body(Sum());
    case Fold::kSquares:
      return body(Squares());
    case Fold::kSizes:
      return body(Sizes());
    case Fold::kDot:
      return body(Dot());
    case Fold::kMax:
      return body(Max());
    case Fold::kMin:
      return body(Min());
  }
}

}  // namespace

void reduce_along_vectors(const FoldRows& rows) {
  with_fold(rows.fold, [&](auto f) { along<decltype(f)>(rows); });
}
void reduce_across_vectors(const FoldRows& rows) {
  with_fold(rows.fold, [&](auto f) { across<decltype(f)>(rows); });
}

}  // namespace gx::GX_ISA
