// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <vector>

#include "kernels/resample/grid_sample/grid_sample.h"

namespace gx::reference {
namespace {

struct Place {
  int64_t pixel;              // -1: outside
  double weight, by_x, by_y;  // and the weight's slopes along the grid's coordinates
};

// The four neighbours of a point.
void places(const gx_grid_sample_params& p, double gx, double gy, Place* four) {
  const double height = double(p.in_size[0]), width = double(p.in_size[1]);
  const double per_x = (p.align_corners ? width - 1 : width) / 2, per_y = (p.align_corners ? height - 1 : height) / 2;
  const double x = p.align_corners ? (gx + 1) * per_x : (gx + 1) * per_x - 0.5;
  const double y = p.align_corners ? (gy + 1) * per_y : (gy + 1) * per_y - 0.5;
  const double left = std::floor(x), top = std::floor(y), right_part = x - left, lower_part = y - top;
  for (int k = 0; k < 4; ++k) {
    const int down = k / 2, right = k % 2;
    const double i = top + down, j = left + right;
    const double of_x = right ? right_part : 1 - right_part, of_y = down ? lower_part : 1 - lower_part;
    four[k] = {-1, of_x * of_y, (right ? per_x : -per_x) * of_y, (down ? per_y : -per_y) * of_x};
    if (i >= 0 && i < height && j >= 0 && j < width) four[k].pixel = int64_t(i) * p.in_size[1] + int64_t(j);
  }
}

}  // namespace

template <class T>
void grid_sample(const gx_grid_sample_params& p, const T* x, const T* grid, T* y) {
  const int64_t in = p.in_size[0] * p.in_size[1], out = p.out_size[0] * p.out_size[1];
  for (int64_t n = 0; n < p.batch; ++n) {
    for (int64_t o = 0; o < out; ++o) {
      Place four[4];
      places(p, double(grid[2 * (n * out + o)]), double(grid[2 * (n * out + o) + 1]), four);
      for (int64_t c = 0; c < p.channels; ++c) {
        double sum = 0;
        for (const Place& place : four) {
          if (place.pixel < 0 || place.weight == 0) continue;
          sum += place.weight * double(x[(n * p.channels + c) * in + place.pixel]);
        }
        y[(n * p.channels + c) * out + o] = T(sum);
      }
    }
  }
}

template <class T>
void grid_sample_backward(const gx_grid_sample_params& p, const T* x, const T* grid, const T* dy, T* dx, T* dgrid) {
  const int64_t in = p.in_size[0] * p.in_size[1], out = p.out_size[0] * p.out_size[1];
  std::vector<double> sums(size_t(p.batch * p.channels * in), 0.0);
  for (int64_t n = 0; n < p.batch; ++n) {
    for (int64_t o = 0; o < out; ++o) {
      Place four[4];
      places(p, double(grid[2 * (n * out + o)]), double(grid[2 * (n * out + o) + 1]), four);
      double by_x = 0, by_y = 0;
      for (int64_t c = 0; c < p.channels; ++c) {
        const double d = double(dy[(n * p.channels + c) * out + o]);
        for (const Place& place : four) {
          if (place.pixel < 0) continue;
          const int64_t at = (n * p.channels + c) * in + place.pixel;
          if (place.weight != 0) sums[size_t(at)] += place.weight * d;
          by_x += d * place.by_x * double(x[at]);
          by_y += d * place.by_y * double(x[at]);
        }
      }
      if (dgrid) dgrid[2 * (n * out + o)] = T(by_x), dgrid[2 * (n * out + o) + 1] = T(by_y);
    }
  }
  for (size_t i = 0; dx && i < sums.size(); ++i) dx[i] = T(sums[i]);
}

template void grid_sample<float>(const gx_grid_sample_params&, const float*, const float*, float*);
template void grid_sample<double>(const gx_grid_sample_params&, const double*, const double*, double*);
template void grid_sample_backward<float>(const gx_grid_sample_params&, const float*, const float*, const float*,
                                          float*, float*);
template void grid_sample_backward<double>(const gx_grid_sample_params&, const double*, const double*, const double*,
                                           double*, double*);

}  // namespace gx::reference
