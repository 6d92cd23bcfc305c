// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whole and partial vectors in one loop, and sums of float terms in double. Included only by files compiled for one
// instruction set.
#ifndef GENERATRIX_KERNELS_LOSS_LANES_H_
#define GENERATRIX_KERNELS_LOSS_LANES_H_

#include "runtime/vec.h"
#include "runtime/vmath.h"

namespace gx::GX_ISA {

inline vf load_some(const float* p, int n) { return n == kLanes ? loadf(p) : load_first(p, n); }
inline void store_some(float* p, vf v, int n) {
  if (n == kLanes) {
    store(p, v);
  } else {
    store_first(p, v, n);
  }
}
inline vf keep_first(vf v, int n) { return n == kLanes ? v : (vi)lane_index() < splat(int32_t(n)) ? v : vf{}; }
inline vf magnitude(vf x) { return (vf)((vu)x & 0x7FFFFFFFu); }

// body(i, lanes) for the vectors of [0, count).
template <class Body>
inline void each_vector(int64_t count, Body&& body) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) body(i, kLanes);
  if (i < count) body(i, int(count - i));
}

// A sum in double of the first lanes of float vectors.
class Total {
 public:
  void add(vf v, int n) {
    v = keep_first(v, n);
    low_ += lower_half(v);
    high_ += upper_half(v);
  }
  double value() const { return sum(low_ + high_); }

 private:
  vd low_ = {}, high_ = {};
};

// e^x for x <= 0; 0 below -87.7.
inline vf exp_of_nonpositive(vf x) { return exp_flushed(clamp(x, -88.0f, 0.0f)); }

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_LOSS_LANES_H_
