// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass; an operand repeated along the row is read once and spread. Contract: binary.h.

#include "kernels/elementwise/binary/binary.h"
#include "kernels/elementwise/binary/functions.h"

namespace gx::GX_ISA {
namespace {

// Vectors of one operand along a row.
struct Along {
  const float* p;
  Along(const float* row, int64_t first) : p(row + first) {}
  vf at(int64_t i) const { return loadf(p + i); }
  vf rest(int64_t i, int n) const { return load_first(p + i, n); }
};
struct Repeated {
  vf value;
  Repeated(const float* row, int64_t) : value(splat(*row)) {}
  vf at(int64_t) const { return value; }
  vf rest(int64_t, int) const { return value; }
};

template <class F, class A, class B>
void forward_rows(const BinaryRows& r, const float* a, const float* b, float* y) {
  Row<2> row = row_at(r.walk, r.begin);
  for (int64_t k = r.begin; k < r.end; ++k, next(r.walk, row)) {
    const A from_a(a + row.offset[0], r.first);
    const B from_b(b + row.offset[1], r.first);
    float* const to = y + k * r.walk.n + r.first;
    int64_t i = 0;
    for (; i + kLanes <= r.count; i += kLanes) store(to + i, F::forward(from_a.at(i), from_b.at(i)));
    if (i < r.count) {
      const int rest = int(r.count - i);
      store_first(to + i, F::forward(from_a.rest(i, rest), from_b.rest(i, rest)), rest);
    }
  }
}

template <class F, class A, class B>
void backward_rows(const BinaryRows& r, const float* a, const float* b, const float* dy, float* da, float* db) {
  Row<2> row = row_at(r.walk, r.begin);
  for (int64_t k = r.begin; k < r.end; ++k, next(r.walk, row)) {
    const A from_a(a + row.offset[0], r.first);
    const B from_b(b + row.offset[1], r.first);
    const int64_t at = k * r.walk.n + r.first, to = k * r.slopes + r.first;
    vf sa, sb;
    int64_t i = 0;
    for (; i + kLanes <= r.count; i += kLanes) {
      F::slopes(from_a.at(i), from_b.at(i), &sa, &sb);
      const vf g = loadf(dy + at + i);
      if (da) store(da + to + i, g * sa);
      if (db) store(db + to + i, g * sb);
    }
    if (i < r.count) {
      const int rest = int(r.count - i);
      F::slopes(from_a.rest(i, rest), from_b.rest(i, rest), &sa, &sb);
      const vf g = load_first(dy + at + i, rest);
      if (da) store_first(da + to + i, g * sa, rest);
      if (db) store_first(db + to + i, g * sb, rest);
    }
  }
}

template <class Body>
inline void with_function(gx_binary_function f, Body body) {
  switch (f) {
#define GX_FUNCTION(enumerator, functor) \
  case enumerator:                       \
    return body(functor());
    GX_BINARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
  }
}

}  // namespace

// Both operands are never repeated along one row: such an axis has size 1 in y.
void binary_vectors(gx_binary_function f, const BinaryRows& rows, const float* a, const float* b, float* y) {
  with_function(f, [&](auto function) {
    using F = decltype(function);
    if (rows.walk.inner[0] == 0) return forward_rows<F, Repeated, Along>(rows, a, b, y);
    if (rows.walk.inner[1] == 0) return forward_rows<F, Along, Repeated>(rows, a, b, y);
    forward_rows<F, Along, Along>(rows, a, b, y);
  });
}

void binary_backward_vectors(gx_binary_function f, const BinaryRows& rows, const float* a, const float* b,
                             const float* dy, float* da, float* db) {
  with_function(f, [&](auto function) {
    using F = decltype(function);
    if (rows.walk.inner[0] == 0) return backward_rows<F, Repeated, Along>(rows, a, b, dy, da, db);
    if (rows.walk.inner[1] == 0) return backward_rows<F, Along, Repeated>(rows, a, b, dy, da, db);
    backward_rows<F, Along, Along>(rows, a, b, dy, da, db);
  });
}

}  // namespace gx::GX_ISA
