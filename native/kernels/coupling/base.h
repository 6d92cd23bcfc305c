// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Base log-densities over vectors: their sum, in double, and their slope. Included only by files compiled for one
// instruction set; the scalar forms for references are in base_in_double.h.
#ifndef GENERATRIX_KERNELS_COUPLING_BASE_H_
#define GENERATRIX_KERNELS_COUPLING_BASE_H_

#include "generatrix/coupling.h"
#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {

// Each base is a sum: add(y, n) adds log p of the first n lanes (kLanes: all), value() is the sum so far. NaN stays.
struct NoBase {
  static constexpr bool kThere = false;
  void add(vf, int) {}
  double value() const { return 0; }
  static vf slope(vf) { return vf{}; }  // d log p / dy
};

// Squares are summed in double: those of large floats are no floats.
class GaussianBase {
 public:
  static constexpr bool kThere = true;
  void add(vf y, int n) {
    y = keep_first(y, n);
    const vd low = lower_half(y), high = upper_half(y);
    low_ += low * low;
    high_ += high * high;
    count_ += n;
  }
  double value() const { return -0.5 * (sum(low_ + high_) + double(count_) * 0x1.d67f1c864beb5p+0 /* log 2 pi */); }
  static vf slope(vf y) { return -y; }

 private:
  vd low_ = {}, high_ = {};
  int64_t count_ = 0;
};

class LogisticBase {
 public:
  static constexpr bool kThere = true;
  void add(vf y, int n) {
    const vf size = magnitude(y);
    total_.add(-size - 2.0f * softplus(-size), n);
  }
  double value() const { return total_.value(); }
  static vf slope(vf y) { return -tanh(0.5f * y); }

 private:
  Total total_;
};

// body(base), with a sum of the given kind.
template <class Body>
inline void with_base(gx_base base, Body&& body) {
  switch (base) {
    case GX_BASE_NONE:
      return body(NoBase());
    case GX_BASE_GAUSSIAN:
      return body(GaussianBase());
    case GX_BASE_LOGISTIC:
      return body(LogisticBase());
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_COUPLING_BASE_H_
