// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <vector>

#include "kernels/loss/gaussian_log_density/gaussian_log_density.h"

namespace gx::reference {
namespace {

const double kLogTwoPi = std::log(8 * std::atan(1.0));

int64_t index(gx_extent extent, int64_t row, int64_t units, int64_t i) {
  return extent == GX_EACH ? row * units + i : extent == GX_PER_UNIT ? i : 0;
}
int64_t size(gx_extent extent, int64_t rows, int64_t units) {
  return extent == GX_EACH ? rows * units : extent == GX_PER_UNIT ? units : 1;
}

}  // namespace

template <class T>
void gaussian_log_density(const GaussianLogDensity<T>& a) {
  for (int64_t r = 0; r < a.rows; ++r) {
    double sum = 0;
    for (int64_t i = 0; i < a.units; ++i) {
      const double v = a.logvar[index(a.logvar_extent, r, a.units, i)];
      const double difference = double(a.x[r * a.units + i]) - a.mean[index(a.mean_extent, r, a.units, i)];
      sum -= 0.5 * (kLogTwoPi + v + difference * difference * std::exp(-v));
    }
    a.out[r] = T(sum);
  }
}

template <class T>
void gaussian_log_density_backward(const GaussianLogDensity<T>& a) {
  std::vector<double> dmean(size_t(size(a.mean_extent, a.rows, a.units)), 0);
  std::vector<double> dlogvar(size_t(size(a.logvar_extent, a.rows, a.units)), 0);
  for (int64_t r = 0; r < a.rows; ++r) {
    for (int64_t i = 0; i < a.units; ++i) {
      const int64_t m = index(a.mean_extent, r, a.units, i), v = index(a.logvar_extent, r, a.units, i);
      const double difference = double(a.x[r * a.units + i]) - a.mean[m], precision = std::exp(-double(a.logvar[v]));
      const double dy = a.dy[r], slope = dy * difference * precision;
      if (a.dx) a.dx[r * a.units + i] = T(-slope);
      dmean[size_t(m)] += slope;
      dlogvar[size_t(v)] += 0.5 * dy * (difference * difference * precision - 1);
    }
  }
  for (size_t i = 0; a.dmean && i < dmean.size(); ++i) a.dmean[i] = T(dmean[i]);
  for (size_t i = 0; a.dlogvar && i < dlogvar.size(); ++i) a.dlogvar[i] = T(dlogvar[i]);
}

template void gaussian_log_density<float>(const GaussianLogDensity<float>&);
template void gaussian_log_density<double>(const GaussianLogDensity<double>&);
template void gaussian_log_density_backward<float>(const GaussianLogDensity<float>&);
template void gaussian_log_density_backward<double>(const GaussianLogDensity<double>&);

}  // namespace gx::reference
