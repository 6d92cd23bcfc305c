// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the entries for whole examples (channel_affine, dequantise, base_log_density) check alike.
#ifndef GENERATRIX_KERNELS_COUPLING_OPERANDS_H_
#define GENERATRIX_KERNELS_COUPLING_OPERANDS_H_

#include "generatrix/coupling.h"
#include "runtime/check.h"

namespace gx::check {

inline void base(const gx_base& value) { in_range(number_in(value), 0, 2, "the base"); }

inline Range log_det(const double* p, int64_t examples, const char* name) {
  return array(p, examples, GX_FLOAT64, name);
}
inline Range optional_log_det(const double* p, int64_t examples, const char* name) {
  return optional_array(p, examples, GX_FLOAT64, name);
}

// A forward call's: y may be x, and the log-determinants given may be those made; nothing else overlaps.
inline void mapped(const Range& y, const Range& x, const Range& out, const Range& in,
                   std::initializer_list<Range> parameters = {}) {
  same_or_disjoint(y, x);
  same_or_disjoint(out, in);
  disjoint(out, x);
  disjoint({y}, {out, in});
  for (const Range& parameter : parameters) disjoint(y, parameter), disjoint(out, parameter);
}

}  // namespace gx::check

#endif  // GENERATRIX_KERNELS_COUPLING_OPERANDS_H_
