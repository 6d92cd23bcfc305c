// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which elements the lanes of a vector hold, and how their numbers come into lanes and back. Included only by files
// compiled for one instruction set.
#ifndef GENERATRIX_KERNELS_COUPLING_SPLINE_COUPLING_LANES_H_
#define GENERATRIX_KERNELS_COUPLING_SPLINE_COUPLING_LANES_H_

#include "kernels/coupling/spline_coupling/spline_coupling.h"
#include "kernels/loss/lanes.h"
#include "runtime/transpose.h"

namespace gx::GX_ISA {
namespace {

constexpr int kMostNumbers = 3 * int(kMostSplineBins) - 1;

// How an operand with a number for each element lies under the lanes.
enum Lie {
  kTogether,  // in a row
  kNear,      // in order, within two vectors
  kApart
};

// The first n lanes hold elements. `of` is the example of each, element and parameter the places of its x and of its
// first parameter; where they lie together, and the examples of one row, only those of lane 0 are set.
struct Lanes {
  int n;
  bool one_example;
  Lie lie;  // of x; also of theta, by unit
  int64_t of[kLanes], element[kLanes], parameter[kLanes];
};

// body(lanes, index of the first in the part) for all elements of the part.
template <class Body>
inline void each_lanes(const SplineCoupling<float>& a, const SplinePart& part, Body&& body) {
  Lanes lanes;
  const auto set = [&](int l, int64_t row, int64_t k) {
    const int64_t unit = a.list ? a.list[k] : k;
    lanes.of[l] = row;
    lanes.element[l] = row * a.pattern.size + (a.list ? unit : a.pattern.begin + k);
    lanes.parameter[l] = row * a.parameter_stride + unit * a.unit_stride;
  };
  const int64_t end = part.first + part.count;
  if (part.row1 - part.row0 > 1 && (a.number_stride == 1 || part.count < kLanes)) {  // vectors reach over examples
    const int64_t total = (part.row1 - part.row0) * part.count;
    int64_t row = part.row0, k = part.first;
    lanes.lie = kApart, lanes.one_example = false;
    for (int64_t i = 0; i < total; i += kLanes) {
      lanes.n = int(lesser<int64_t>(kLanes, total - i));
      for (int l = 0; l < lanes.n; ++l) {
        set(l, row, k);
        if (++k == end) k = part.first, ++row;
      }
      body(lanes, i);
    }
    return;
  }
  lanes.one_example = true;
  for (int64_t row = part.row0; row < part.row1; ++row) {
    for (int64_t k = part.first; k < end; k += kLanes) {
      lanes.n = int(lesser<int64_t>(kLanes, end - k));
      const int64_t reach = a.list ? a.list[k + lanes.n - 1] - a.list[k] + 1 : lanes.n;
      lanes.lie = reach == lanes.n ? kTogether : reach <= 2 * kLanes ? kNear : kApart;
      if (lanes.lie == kTogether && a.unit_stride == 1) {
        set(0, row, k);
      } else {
        for (int l = 0; l < lanes.n; ++l) set(l, row, k + l);
      }
      body(lanes, (row - part.row0) * part.count + (k - part.first));
    }
  }
}

// Elements that are near: a window of two vectors from the first of them on.
struct Window {
  int reach;
  vi from;      // lane -> place in the window
  vi lanes[2];  // place in the window -> lane, or kLanes if it has none

  Window(const int64_t* at, int n) : reach(int(at[n - 1] - at[0]) + 1) {
    int32_t places[kLanes] = {}, back[2 * kLanes];
    for (int32_t& l : back) l = kLanes;
    for (int l = 0; l < n; ++l) {
      places[l] = int32_t(at[l] - at[0]);
      back[places[l]] = l;
    }
    from = gx::GX_ISA::load<vi>(places);
    lanes[0] = gx::GX_ISA::load<vi>(back), lanes[1] = gx::GX_ISA::load<vi>(back + kLanes);
  }
  int low() const { return lesser(reach, kLanes); }
  int high() const { return reach - low(); }
  vf load(const float* p) const {
    const vf b = high() > 0 ? load_some(p + kLanes, high()) : vf{};
    return __builtin_shuffle(load_some(p, low()), b, from);
  }
  // With zeros between the elements.
  void store(float* p, vf v) const {
    store_some(p, __builtin_shuffle(v, vf{}, lanes[0]), low());
    if (high() > 0) store_some(p + kLanes, __builtin_shuffle(v, vf{}, lanes[1]), high());
  }
};

// The numbers of one operand under the lanes, at[l] being the place of lane l; lanes from n on are 0.
inline vf gather(const Lanes& lanes, const float* p, const int64_t* at) {
  if (lanes.lie == kTogether) return load_some(p + at[0], lanes.n);
  float from[kLanes] = {};
  for (int l = 0; l < lanes.n; ++l) from[l] = p[at[l]];
  return loadf(from);
}
inline void scatter(const Lanes& lanes, vf v, float* p, const int64_t* at) {
  if (lanes.lie == kTogether) return store_some(p + at[0], v, lanes.n);
  float to[kLanes];
  store(to, v);
  for (int l = 0; l < lanes.n; ++l) p[at[l]] = to[l];
}

// Vectors `stride` floats apart, one for each number of the lanes' parameters.
struct Numbers {
  const float* at;
  int64_t stride;
  vf operator[](int64_t j) const { return loadf(at + j * stride); }
};

// Asks for the numbers of the vectors to come, of an array as theta: strided streams, or rows with ends, are more than
// processors follow by themselves. That doubles the speed of arrays that no cache holds, and costs others a tenth.
template <int kWrite>
inline void ask_for_next(const SplineCoupling<float>& a, const Lanes& lanes, const float* array) {
  if (!a.large || lanes.lie == kApart) return;
  const int64_t numbers = 3 * a.bins - 1;
  if (a.unit_stride == 1) {
    const float* const next = array + lanes.parameter[0] + (lanes.lie == kNear ? 4 : 2) * kLanes;
    for (int64_t j = 0; j < numbers; ++j) __builtin_prefetch(next + j * a.number_stride, kWrite);
    for (int64_t j = 0; lanes.lie == kNear && j < numbers; ++j) {
      __builtin_prefetch(next + j * a.number_stride + kLanes, kWrite);
    }
  } else if (a.number_stride == 1) {
    const int64_t ahead = 2 * (lanes.parameter[lanes.n - 1] - lanes.parameter[0]);
    for (int l = 0; l < lanes.n; ++l) {
      for (int64_t j = 0; j < numbers; j += 16) __builtin_prefetch(array + lanes.parameter[l] + ahead + j, kWrite);
    }
  }
}

// theta's numbers of the lanes' elements: where they are, or brought into scratch.
inline Numbers bring(const SplineCoupling<float>& a, const Lanes& lanes, float* scratch) {
  const int64_t numbers = 3 * a.bins - 1, n = lanes.n;
  const float* const theta = a.theta + lanes.parameter[0];
  ask_for_next<0>(a, lanes, a.theta);
  if (lanes.lie == kTogether && a.unit_stride == 1) {
    if (n == kLanes) return {theta, a.number_stride};
    for (int64_t j = 0; j < numbers; ++j) store(scratch + j * kLanes, load_first(theta + j * a.number_stride, int(n)));
  } else if (a.number_stride == 1) {
    for (int64_t j = 0; j < numbers; j += kLanes) {
      const int count = int(lesser<int64_t>(kLanes, numbers - j));
      vf rows[kLanes];
#pragma GCC unroll 16
      for (int l = 0; l < kLanes; ++l) rows[l] = l < n ? load_some(a.theta + lanes.parameter[l] + j, count) : vf{};
      transpose(rows);
#pragma GCC unroll 16
      for (int l = 0; l < kLanes; ++l) {
        if (l < count) store(scratch + (j + l) * kLanes, rows[l]);
      }
    }
  } else if (lanes.lie == kNear && a.unit_stride == 1) {
    const Window window(lanes.parameter, lanes.n);
    for (int64_t j = 0; j < numbers; ++j) store(scratch + j * kLanes, window.load(theta + j * a.number_stride));
  } else {
    for (int64_t j = 0; j < numbers; ++j) store(scratch + j * kLanes, vf{});
    for (int64_t l = 0; l < n; ++l) {
      const float* const of_lane = a.theta + lanes.parameter[l];
      for (int64_t j = 0; j < numbers; ++j) scratch[j * kLanes + l] = of_lane[j * a.number_stride];
    }
  }
  return {scratch, kLanes};
}

// Where gradients of theta's numbers go: to their place at once, or to scratch, from which take_back brings them there.
struct Gradients {
  float* at;
  int64_t stride;
  void set(int64_t j, vf v) const { store(at + j * stride, v); }
};
inline Gradients place(const SplineCoupling<float>& a, const Lanes& lanes, float* scratch) {
  const bool there = lanes.lie == kTogether && a.unit_stride == 1 && lanes.n == kLanes;
  ask_for_next<1>(a, lanes, a.dtheta);
  if (there) return {a.dtheta + lanes.parameter[0], a.number_stride};
  return {scratch, kLanes};
}
inline void take_back(const SplineCoupling<float>& a, const Lanes& lanes, const Gradients& from) {
  const int64_t numbers = 3 * a.bins - 1, n = lanes.n;
  if (lanes.lie == kTogether && a.unit_stride == 1) {
    if (n == kLanes) return;
    float* const to = a.dtheta + lanes.parameter[0];
    for (int64_t j = 0; j < numbers; ++j) store_first(to + j * a.number_stride, loadf(from.at + j * kLanes), int(n));
  } else if (a.number_stride == 1) {
    for (int64_t j = 0; j < numbers; j += kLanes) {
      const int count = int(lesser<int64_t>(kLanes, numbers - j));
      vf rows[kLanes];
#pragma GCC unroll 16
      for (int l = 0; l < kLanes; ++l) rows[l] = l < count ? loadf(from.at + (j + l) * kLanes) : vf{};
      transpose(rows);
#pragma GCC unroll 16
      for (int l = 0; l < kLanes; ++l) {
        if (l < n) store_some(a.dtheta + lanes.parameter[l] + j, rows[l], count);
      }
    }
  } else if (lanes.lie == kNear && a.unit_stride == 1) {
    const Window window(lanes.parameter, lanes.n);
    float* const to = a.dtheta + lanes.parameter[0];
    for (int64_t j = 0; j < numbers; ++j) window.store(to + j * a.number_stride, loadf(from.at + j * kLanes));
  } else {
    for (int64_t l = 0; l < n; ++l) {
      float* const of_lane = a.dtheta + lanes.parameter[l];
      for (int64_t j = 0; j < numbers; ++j) of_lane[j * a.number_stride] = from.at[j * kLanes + l];
    }
  }
}

}  // namespace
}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_COUPLING_SPLINE_COUPLING_LANES_H_
