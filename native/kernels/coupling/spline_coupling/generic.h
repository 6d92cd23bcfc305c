// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A vector of elements at a time, each lane with a spline of its own. Contract and the forms computed:
// spline_coupling.h. The bin is found by comparing with each knot in turn, which keeps the two knots around the element
// and the numbers of the two slopes there, so that only those two become slopes. Lanes outside of the bound compute
// with a clamped place and are replaced at the end.
//
// Stages over four vectors at a time, which shorten the chain that a processor waits for, are a tenth faster out of a
// cache and a third slower backward out of memory, where they need more of the first cache than it has.

#include <float.h>

#include "kernels/coupling/spline_coupling/lanes.h"

#pragma GCC diagnostic ignored "-Wuninitialized"  // of the "undefined" vectors in GCC 12's AVX-512 headers (bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace gx::GX_ISA {
namespace {

constexpr int kMostBins = int(kMostSplineBins);

// What all elements share. Knot j is base[j] + scale (e_0 + .. + e_j-1) / (e_0 + .. + e_bins-1). The usual number of
// bins is known to the compiler (kBins; 0: any number), which is worth a tenth forward and a sixth backward.
template <int kBins>
struct Shape {
  int64_t any_bins;
  int64_t bins() const { return kBins ? kBins : any_bins; }
  float bound, floor, scale, min_slope, offset;
  float base[kMostBins];

  explicit Shape(const SplineCoupling<float>& a)
      : any_bins(a.bins),
        bound(float(a.bound)),
        floor(float(a.bound * a.min_width)),
        scale(float(2 * a.bound * (1 - double(a.bins) * a.min_width))),
        min_slope(float(a.min_slope)),
        offset(float(a.offset)) {
    for (int64_t j = 0; j < bins(); ++j) base[j] = float(-a.bound + 2 * a.bound * a.min_width * double(j));
  }
};

// e[j] = e^(q_j - max q); gives their sum. A NaN makes the sum NaN.
inline vf exponentials(const Numbers& q, int64_t from, int64_t bins, vf* e) {
  vf most = e[0] = q[from];
  for (int64_t j = 1; j < bins; ++j) most = max(e[j] = q[from + j], most);
  vf sum = {};
  for (int64_t j = 0; j < bins; ++j) sum += e[j] = exp_flushed(max(splat(-88.0f), e[j] - most));
  return sum;
}

// The bin of each lane's element, and the place in it.
struct Piece {
  vi bin;
  vf left, right, bottom, top, width, height, over_width, over_height;
  vf delta, over_delta;
  vf q0, q1;            // numbers of the slopes at its ends, offset added; not used at the outer knots
  vf s0, s1;            // slopes there, over delta
  vf t, u, e, f;        // place in the bin, 1 - place, level, 1 - level
  vf slope_form, root;  // N and 1 / D
  vf slope;             // dy/dx
};

// Widths in w, heights in h, as exponentials with their sums.
template <bool kInverse, class S>
inline Piece find(const S& shape, const Numbers& q, const vf* w, vf w_sum, const vf* h, vf h_sum, vf operand) {
  const int64_t bins = shape.bins();
  // One division for the two.
  const vf both = shape.scale / (w_sum * h_sum), w_scale = both * h_sum, h_scale = both * w_sum;
  const vf bound = splat(shape.bound);
  Piece p;
  vf x_sum = w[0], y_sum = h[0];
  vf x = shape.base[1] + w_scale * x_sum, y = shape.base[1] + h_scale * y_sum;  // knot j
  p.left = p.bottom = -bound, p.right = x, p.top = y;
  p.q0 = vf{}, p.q1 = q[2 * bins];
  p.bin = vi{};
  for (int64_t j = 1; j < bins; ++j) {
    const bool last = j + 1 == bins;
    x_sum += w[j], y_sum += h[j];
    const vf next_x = last ? bound : shape.base[last ? 0 : j + 1] + w_scale * x_sum;
    const vf next_y = last ? bound : shape.base[last ? 0 : j + 1] + h_scale * y_sum;
    const vi beyond = (kInverse ? y : x) <= operand;
    p.bin -= beyond;
    p.left = beyond ? x : p.left, p.bottom = beyond ? y : p.bottom;
    p.right = beyond ? next_x : p.right, p.top = beyond ? next_y : p.top;
    p.q0 = beyond ? q[2 * bins + j - 1] : p.q0;
    if (!last) p.q1 = beyond ? q[2 * bins + j] : p.q1;
    x = next_x, y = next_y;
  }
  // Knots are rounded; where that is much beside the least size, a bin keeps half of it.
  p.width = max(splat(shape.floor), p.right - p.left), p.height = max(splat(shape.floor), p.top - p.bottom);
  const vf over_area = 1.0f / (p.width * p.height);
  p.over_width = p.height * over_area, p.over_height = p.width * over_area;
  p.delta = p.height * p.over_width, p.over_delta = p.width * p.over_height;
  p.q0 += shape.offset, p.q1 += shape.offset;
  const vf d0 = shape.min_slope + softplus(p.q0), d1 = shape.min_slope + softplus(p.q1);
  p.s0 = (p.bin == 0 ? splat(1.0f) : d0) * p.over_delta;
  p.s1 = (p.bin == int32_t(bins - 1) ? splat(1.0f) : d1) * p.over_delta;
  if (kInverse) {
    p.e = clamp((operand - p.bottom) * p.over_height, 0.0f, 1.0f), p.f = 1.0f - p.e;
    const vf r = p.s0 * p.f - p.s1 * p.e, size = magnitude(r);
    const vf s = size > 1e9f ? size : sqrt(r * r + 4.0f * p.e * p.f);  // r^2 could overflow, where it is all
    const vi rising = r >= 0.0f;
    const vf near = 2.0f * (rising ? p.e : p.f), far = size + s, sum = 1.0f / (near + far);
    const vf a = near * sum, b = far * sum;
    p.t = rising ? a : b, p.u = rising ? b : a;
  } else {
    p.t = clamp((operand - p.left) * p.over_width, 0.0f, 1.0f), p.u = 1.0f - p.t;
  }
  const vf tu = p.t * p.u, tt = p.t * p.t, uu = p.u * p.u;
  p.slope_form = p.s1 * tt + 2.0f * tu + p.s0 * uu;
  p.root = 1.0f / (tt + uu + (p.s0 + p.s1) * tu);
  if (!kInverse) p.e = p.t * (p.t + p.s0 * p.u) * p.root;
  p.slope = p.delta * (p.slope_form * p.root) * p.root;
  return p;
}

// A slope and its reciprocal are normal floats; NaN is not.
inline vi normal(vf slope) { return (slope >= FLT_MIN) & (slope <= 1 / FLT_MIN); }

// NaN is inside, and stays.
template <class S>
inline vi outside(const S& shape, vf operand) {
  return magnitude(operand) > shape.bound;
}

template <bool kInverse, int kBins>
void forward(const SplineCoupling<float>& a, const SplinePart& part, double* log_det, float* terms) {
  const Shape<kBins> shape(a);
  const vf nan = splat(__builtin_nanf(""));
  float scratch[kMostNumbers * kLanes];
  vf w[kMostBins], h[kMostBins];
  each_lanes(a, part, [&](const Lanes& lanes, int64_t i) {
    const vf operand = gather(lanes, a.x, lanes.element);
    const Numbers q = bring(a, lanes, scratch);
    const vf w_sum = exponentials(q, 0, shape.bins(), w), h_sum = exponentials(q, shape.bins(), shape.bins(), h);
    const Piece p = find<kInverse>(shape, q, w, w_sum, h, h_sum, clamp(operand, -shape.bound, shape.bound));
    vf image = kInverse ? min(p.right, p.left + p.width * p.t) : min(p.top, p.bottom + p.height * p.e);
    vf term = log(p.slope);
    const vi right = normal(p.slope), beyond = outside(shape, operand);
    image = beyond ? operand : right ? image : nan;
    term = beyond ? vf{} : right ? (kInverse ? -term : term) : nan;
    scatter(lanes, image, a.y, lanes.element);
    store_some(terms + i, term, lanes.n);
  });
  // An example of few elements is not worth a vector.
  for (int64_t row = part.row0; row < part.row1; ++row, terms += part.count) {
    double few = 0;
    for (int64_t i = 0; part.count <= kLanes && i < part.count; ++i) few += double(terms[i]);
    log_det[row - part.row0] = few;
    if (part.count <= kLanes) continue;
    Total total;
    each_vector(part.count, [&](int64_t i, int n) { total.add(load_some(terms + i, n), n); });
    log_det[row - part.row0] = total.value();
  }
}

// The gradient of a softmax's numbers, given those of its knots before the bin and of the bin's size.
template <class S>
inline void of_softmax(const vf* e, vf sum, const S& shape, const Piece& p, vf by_knot, vf by_size, vi beyond,
                       const Gradients& to, int64_t first) {
  const vf share = 1.0f / sum;
  vf mean = {};
  for (int64_t j = 0; j < shape.bins(); ++j) {
    const vi k = vi{} + int32_t(j);
    mean += e[j] * (k < p.bin ? by_knot : k == p.bin ? by_size : vf{});
  }
  mean *= share;
  const vf scale = shape.scale * share;
  for (int64_t j = 0; j < shape.bins(); ++j) {
    const vi k = vi{} + int32_t(j);
    const vf gradient = scale * e[j] * ((k < p.bin ? by_knot : k == p.bin ? by_size : vf{}) - mean);
    to.set(first + j, beyond ? vf{} : gradient);
  }
}

inline vf log_det_gradient(const SplineCoupling<float>& a, const Lanes& lanes) {
  if (!a.dlog_det) return vf{};
  if (lanes.one_example) return splat(float(a.dlog_det[lanes.of[0]]));
  float c[kLanes] = {};
  for (int l = 0; l < lanes.n; ++l) c[l] = float(a.dlog_det[lanes.of[l]]);
  return loadf(c);
}

template <bool kInverse, int kBins>
void backward(const SplineCoupling<float>& a, const SplinePart& part) {
  const Shape<kBins> shape(a);
  float scratch[kMostNumbers * kLanes], gradients[kMostNumbers * kLanes];
  vf w[kMostBins], h[kMostBins];
  each_lanes(a, part, [&](const Lanes& lanes, int64_t) {
    const vf operand = gather(lanes, a.x, lanes.element), dy = gather(lanes, a.dy, lanes.element);
    const Numbers q = bring(a, lanes, scratch);
    const vf w_sum = exponentials(q, 0, shape.bins(), w), h_sum = exponentials(q, shape.bins(), shape.bins(), h);
    const Piece p = find<kInverse>(shape, q, w, w_sum, h, h_sum, clamp(operand, -shape.bound, shape.bound));
    const vi beyond = outside(shape, operand);
    const vf tu = p.t * p.u, over_form = 1.0f / p.slope_form;
    // g and c: the gradients of y and of log dy/dx as functions of x and theta.
    const vf log_slope_by_t =
        2.0f * ((p.s1 * p.t + (p.u - p.t) - p.s0 * p.u) * over_form - (p.s0 + p.s1 - 2.0f) * (p.u - p.t) * p.root);
    vf g = dy, c = log_det_gradient(a, lanes), dx;
    if (kInverse) {  // of the function found as a root, and of minus its logarithm
      dx = (g - c * log_slope_by_t * p.over_width) / p.slope;
      g = -dx, c = -c;
    } else {
      dx = g * p.slope + c * log_slope_by_t * p.over_width;
    }
    if (a.dx) scatter(lanes, beyond ? dy : dx, a.dx, lanes.element);
    if (!a.dtheta) return;
    const vf g_size = g * p.height * p.root;
    const vf by_t = g_size * p.root * p.slope_form + c * log_slope_by_t, both = 2.0f * tu * p.root;
    const vf by_s0 = g_size * p.root * tu * p.u * (p.u + p.s1 * p.t) + c * (p.u * p.u * over_form - both);
    const vf by_s1 = c * (p.t * p.t * over_form - both) - g_size * tu * p.t * (p.t + p.s0 * p.u) * p.root;
    const vf by_log_delta = c - by_s0 * p.s0 - by_s1 * p.s1;
    const Gradients to = place(a, lanes, gradients);
    of_softmax(w, w_sum, shape, p, -by_t * p.over_width, -(by_log_delta + by_t * p.t) * p.over_width, beyond, to, 0);
    of_softmax(h, h_sum, shape, p, g, g * p.e + by_log_delta * p.over_height, beyond, to, shape.bins());
    const vf by_q0 = by_s0 * p.over_delta * sigmoid(p.q0), by_q1 = by_s1 * p.over_delta * sigmoid(p.q1);
    for (int64_t j = 0; j + 1 < shape.bins(); ++j) {  // number j is the slope after bin j
      const vi k = vi{} + int32_t(j);
      const vf gradient = k == p.bin ? by_q1 : k + 1 == p.bin ? by_q0 : vf{};
      to.set(2 * shape.bins() + j, beyond ? vf{} : gradient);
    }
    take_back(a, lanes, to);
  });
}

}  // namespace

constexpr int kUsualBins = 8;

void spline_coupling_elements(const SplineCoupling<float>& a, const SplinePart& part, double* log_det, float* terms) {
  if (a.bins == kUsualBins) {
    a.inverse ? forward<true, kUsualBins>(a, part, log_det, terms)
              : forward<false, kUsualBins>(a, part, log_det, terms);
  } else {
    a.inverse ? forward<true, 0>(a, part, log_det, terms) : forward<false, 0>(a, part, log_det, terms);
  }
}

void spline_coupling_backward_elements(const SplineCoupling<float>& a, const SplinePart& part) {
  if (a.bins == kUsualBins) {
    a.inverse ? backward<true, kUsualBins>(a, part) : backward<false, kUsualBins>(a, part);
  } else {
    a.inverse ? backward<true, 0>(a, part) : backward<false, 0>(a, part);
  }
}

}  // namespace gx::GX_ISA
