// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples with channels in the lanes of a vector. Contract: grid_sample.h.

#include "kernels/resample/grid_sample/grid_sample.h"
#include "kernels/resample/lanes.h"
#include "runtime/transpose.h"

namespace gx::GX_ISA {
namespace {

constexpr int32_t kInside[4] = {1, 2, 4, 8};  // upper left, upper right, lower left, lower right

inline int64_t rounded(int64_t n) { return (n + 15) / 16 * 16; }

// Where the points of an example lie.
struct Points {
  float* weight[4];
  float *right, *lower;  // the parts of a pixel beyond the upper left one
  int32_t *pixel, *inside;

  Points(int64_t count, float* scratch) {
    const int64_t n = rounded(count);
    for (int k = 0; k < 4; ++k) weight[k] = scratch + k * n;
    right = scratch + 4 * n;
    lower = scratch + 5 * n;
    pixel = reinterpret_cast<int32_t*>(scratch + 6 * n);
    inside = reinterpret_cast<int32_t*>(scratch + 7 * n);
  }
};

// The pixel at or before a coordinate, and its part beyond; outside, also NaN, is two pixels off.
struct Axis {
  float scale, shift, size;
  Axis(int64_t n, bool align) : scale(float(align ? n - 1 : n) / 2), shift(align ? 0.0f : -0.5f), size(float(n)) {}
  void at(vf g, vi* pixel, vf* part) const {
    vf x = (g + 1.0f) * scale + shift;
    x = max(min(x, splat(size + 1)), splat(-2.0f));  // NaN becomes size + 1
    vi low = __builtin_convertvector(x, vi);
    low += __builtin_convertvector(low, vf) > x;  // convert rounds to 0: one down where that was up
    *pixel = low;
    *part = x - __builtin_convertvector(low, vf);
  }
};

void locate(const gx_grid_sample_params& p, const float* grid, const Points& points) {
  const int64_t count = p.out_size[0] * p.out_size[1];
  const int32_t height = int32_t(p.in_size[0]), width = int32_t(p.in_size[1]);
  const Axis down(height, p.align_corners), across(width, p.align_corners);
  for (int64_t k = 0; k < count; k += kLanes) {
    const int n = int(lesser<int64_t>(kLanes, count - k)), front = lesser(2 * n, kLanes);
    const vf low = load_part(grid + 2 * k, front), high = load_part(grid + 2 * k + kLanes, 2 * n - front);
    vi i, j;
    vf lower, right;
    across.at(halves<0, 0>(low, high), &j, &right);
    down.at(halves<1, 1>(low, high), &i, &lower);
    const vi up = (i >= 0) & (i < height), under = (i + 1 >= 0) & (i + 1 < height);
    const vi left = (j >= 0) & (j < width), beyond = (j + 1 >= 0) & (j + 1 < width);
    const vi in[4] = {up & left, up & beyond, under & left, under & beyond};
    const vf of[4] = {(1 - lower) * (1 - right), (1 - lower) * right, lower * (1 - right), lower * right};
    vi inside = {};
    for (int q = 0; q < 4; ++q) {
      store(points.weight[q] + k, in[q] ? of[q] : vf{});
      inside |= in[q] & kInside[q];
    }
    store(points.right + k, right);
    store(points.lower + k, lower);
    store(points.pixel + k, i * width + j);
    store(points.inside + k, inside);
  }
}

// to[i][lane] = from[lane][i] for the first `channels` lanes, 0 in others; `from` has rows of `count`.
void turn_in(const float* from, int64_t count, int channels, float* to) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int n = int(lesser<int64_t>(kLanes, count - i));
    vf square[kLanes];
#pragma GCC unroll 16
    for (int c = 0; c < kLanes; ++c) square[c] = c < channels ? load_part(from + c * count + i, n) : vf{};
    transpose(square);
#pragma GCC unroll 16
    for (int k = 0; k < kLanes; ++k) {
      if (k < n) store(to + (i + k) * kLanes, square[k]);
    }
  }
}
// And back.
inline void square_out(vf* square, int n, int channels, int64_t count, float* to) {
  transpose(square);
#pragma GCC unroll 16
  for (int c = 0; c < kLanes; ++c) {
    if (c < channels) store_part(to + c * count, square[c], n);
  }
}
void turn_out(const float* from, int64_t count, int channels, float* to) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int n = int(lesser<int64_t>(kLanes, count - i));
    vf square[kLanes];
#pragma GCC unroll 16
    for (int k = 0; k < kLanes; ++k) square[k] = k < n ? loadf(from + (i + k) * kLanes) : vf{};
    square_out(square, n, channels, count, to + i);
  }
}

// The four neighbours in an array of vectors.
struct Neighbours {
  int64_t at[4];
  Neighbours(int64_t pixel, int64_t width)
      : at{pixel * kLanes, (pixel + 1) * kLanes, (pixel + width) * kLanes, (pixel + width + 1) * kLanes} {}
};

// dx of the points of a square, dy in its rows.
inline void spread(const Points& points, int64_t o, int n, int64_t width, const vf* dy, float* dx) {
  for (int k = 0; k < n; ++k) {
    const Neighbours near(points.pixel[o + k], width);
    for (int q = 0; q < 4; ++q) {
      const float w = points.weight[q][o + k];
      if (w != 0) store(dx + near.at[q], loadf(dx + near.at[q]) + w * dy[k]);
    }
  }
}

// The sums over channels of dy times the slopes of x, added to dgrid.
inline void slopes(const Points& points, int64_t o, int n, int64_t width, const vf* dy, const float* x, float scale_x,
                   float scale_y, float* dgrid) {
  vf by_x[kLanes] = {}, by_y[kLanes] = {};
  for (int k = 0; k < n; ++k) {
    const Neighbours near(points.pixel[o + k], width);
    const int32_t inside = points.inside[o + k];
    if (inside == 0) continue;
    vf v[4];
    for (int q = 0; q < 4; ++q) v[q] = inside & kInside[q] ? loadf(x + near.at[q]) : vf{};
    const float right = points.right[o + k], lower = points.lower[o + k];
    by_x[k] = dy[k] * ((v[1] - v[0]) * (1 - lower) + (v[3] - v[2]) * lower);
    by_y[k] = dy[k] * ((v[2] - v[0]) * (1 - right) + (v[3] - v[1]) * right);
  }
  transpose(by_x);
  transpose(by_y);
  vf x_sum = by_x[0], y_sum = by_y[0];
  for (int c = 1; c < kLanes; ++c) x_sum += by_x[c], y_sum += by_y[c];
  for (int k = 0; k < n; ++k) {
    dgrid[2 * (o + k)] += scale_x * x_sum[k];
    dgrid[2 * (o + k) + 1] += scale_y * y_sum[k];
  }
}

}  // namespace

void grid_sample_channels_forward(const gx_grid_sample_params& p, int64_t first, int64_t end, const float* x,
                                  const float* grid, float* y, float* scratch) {
  const int64_t in = p.in_size[0] * p.in_size[1], out = p.out_size[0] * p.out_size[1], width = p.in_size[1];
  const Points points(out, scratch);
  float* const turned = scratch + 8 * rounded(out);
  locate(p, grid, points);
  for (int64_t c = first; c < end; c += kLanes) {
    const int channels = int(lesser<int64_t>(kLanes, end - c));
    turn_in(x + c * in, in, channels, turned);
    for (int64_t o = 0; o < out; o += kLanes) {
      const int n = int(lesser<int64_t>(kLanes, out - o));
      vf square[kLanes] = {};
      for (int k = 0; k < n; ++k) {
        const Neighbours near(points.pixel[o + k], width);
        vf sum = {};
        for (int q = 0; q < 4; ++q) {
          const float w = points.weight[q][o + k];
          if (w != 0) sum += w * loadf(turned + near.at[q]);
        }
        square[k] = sum;
      }
      square_out(square, n, channels, out, y + c * out + o);
    }
  }
}

void grid_sample_channels_backward(const gx_grid_sample_params& p, int64_t first, int64_t end, const float* x,
                                   const float* grid, const float* dy, float* dx, float* dgrid, float* scratch) {
  const int64_t in = p.in_size[0] * p.in_size[1], out = p.out_size[0] * p.out_size[1], width = p.in_size[1];
  const Points points(out, scratch);
  float* const turned = scratch + 8 * rounded(out);
  float* const sums = turned + in * kLanes;
  locate(p, grid, points);
  const Axis down(p.in_size[0], p.align_corners), across(width, p.align_corners);
  for (int64_t o = 0; dgrid && o < 2 * out; ++o) dgrid[o] = 0;
  for (int64_t c = first; c < end; c += kLanes) {
    const int channels = int(lesser<int64_t>(kLanes, end - c));
    if (dgrid) turn_in(x + c * in, in, channels, turned);
    for (int64_t i = 0; dx && i < in; ++i) store(sums + i * kLanes, vf{});
    for (int64_t o = 0; o < out; o += kLanes) {
      const int n = int(lesser<int64_t>(kLanes, out - o));
      vf square[kLanes];
#pragma GCC unroll 16
      for (int k = 0; k < kLanes; ++k) square[k] = k < channels ? load_part(dy + (c + k) * out + o, n) : vf{};
      transpose(square);
      if (dx) spread(points, o, n, width, square, sums);
      if (dgrid) slopes(points, o, n, width, square, turned, across.scale, down.scale, dgrid);
    }
    if (dx) turn_out(sums, in, channels, dx + c * in);
  }
}

}  // namespace gx::GX_ISA
