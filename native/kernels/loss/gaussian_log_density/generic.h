// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Contract: gaussian_log_density.h.

#include "kernels/loss/gaussian_log_density/gaussian_log_density.h"
#include "kernels/loss/lanes.h"

namespace gx::GX_ISA {
namespace {

inline vf operand(gx_extent extent, const float* p, int64_t row, int64_t units, int64_t i, int n) {
  if (extent == GX_SHARED) return splat(p[0]);
  return load_some(p + (extent == GX_EACH ? row * units : 0) + i, n);
}

// Where a gradient goes: into its array, or onto the sums of its units or of the whole part.
class Gradient {
 public:
  Gradient(gx_extent extent, float* each, double* sums, int64_t count) : extent_(extent), each_(each), sums_(sums) {
    for (int64_t i = 0; sums && extent == GX_PER_UNIT && i < count; ++i) sums[i] = 0;
  }
  // v belongs to element `at` of the array and to unit i of the part.
  void add(vf v, int64_t at, int64_t i, int n) {
    if (extent_ == GX_EACH) {
      if (each_) store_some(each_ + at, v, n);
    } else if (!sums_) {
      return;
    } else if (extent_ == GX_PER_UNIT) {
      v = keep_first(v, n);
      store(sums_ + i, loadd(sums_ + i) + lower_half(v));
      store(sums_ + i + kLanesD, loadd(sums_ + i + kLanesD) + upper_half(v));
    } else {
      total_.add(v, n);
    }
  }
  void finish() {
    if (extent_ == GX_SHARED && sums_) *sums_ = total_.value();
  }

 private:
  gx_extent extent_;
  float* each_;
  double* sums_;
  Total total_;
};

}  // namespace

double gaussian_log_density_vectors(const GaussianLogDensity<float>& a, int64_t row, int64_t first, int64_t count) {
  constexpr float kLogTwoPi = 0x1.d67f1cp+0f;
  Total total;
  each_vector(count, [&](int64_t i, int n) {
    const vf v = operand(a.logvar_extent, a.logvar, row, a.units, first + i, n);
    const vf difference =
        load_some(a.x + row * a.units + first + i, n) - operand(a.mean_extent, a.mean, row, a.units, first + i, n);
    total.add(-0.5f * ((kLogTwoPi + v) + difference * difference * exp(-v)), n);
  });
  return total.value();
}

void gaussian_log_density_backward_vectors(const GaussianLogDensity<float>& a, int64_t row0, int64_t row1,
                                           int64_t first, int64_t count, const GaussianSums& sums) {
  const int64_t padded = (count + kLanes - 1) / kLanes * kLanes;
  Gradient dmean(a.mean_extent, a.dmean, sums.mean, padded), dlogvar(a.logvar_extent, a.dlogvar, sums.logvar, padded);
  for (int64_t row = row0; row < row1; ++row) {
    const vf dy = splat(a.dy[row]);
    each_vector(count, [&](int64_t i, int n) {
      const int64_t at = row * a.units + first + i;
      const vf difference = load_some(a.x + at, n) - operand(a.mean_extent, a.mean, row, a.units, first + i, n);
      const vf scaled = difference * exp(-operand(a.logvar_extent, a.logvar, row, a.units, first + i, n));
      if (a.dx) store_some(a.dx + at, -dy * scaled, n);
      dmean.add(dy * scaled, at, i, n);
      dlogvar.add(0.5f * dy * (difference * scaled - 1.0f), at, i, n);
    });
  }
  dmean.finish();
  dlogvar.finish();
}

}  // namespace gx::GX_ISA
