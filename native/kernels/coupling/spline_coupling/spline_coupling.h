// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Changed elements go through rational-quadratic splines. Equation, layout and gradients: coupling.h.
//
// In the bin of an element, of width w and height h between slopes d0 and d1, with delta = h / w, s0 = d0 / delta,
// s1 = d1 / delta, the place t = (x - left) / w, u = 1 - t, the level e = (y - bottom) / h and f = 1 - e, the equations
// of the paper are sums of terms that are never negative:
//
//   D = t^2 + u^2 + (s0 + s1) t u     N = s1 t^2 + 2 t u + s0 u^2
//   e = t (t + s0 u) / D              dy/dx = delta N / D^2
//
// and so is the root of the inverse: with R = s0 f - s1 e and S = sqrt(R^2 + 4 e f),
//
//   t = 2 e / (2 e + R + S),  u = (R + S) / (2 e + R + S)   or the same with the ends exchanged:
//   u = 2 f / (2 f - R + S),  t = (S - R) / (2 f - R + S);  the first if R >= 0, else the second: nothing cancels.
#ifndef GENERATRIX_KERNELS_COUPLING_SPLINE_COUPLING_H_
#define GENERATRIX_KERNELS_COUPLING_SPLINE_COUPLING_H_

#include "generatrix/coupling.h"
#include "kernels/coupling/pattern.h"
#include "runtime/isa.h"

namespace gx {

class Workspace;

constexpr int64_t kMostSplineBins = 64;

template <class T>
struct SplineCoupling {
  Pattern pattern;
  // Elements of an example that are changed, in order: `changed` of them, begin, begin + 1, .. if list is NULL. Their
  // parameters are those of unit list[k], or k if list is NULL.
  int64_t changed;
  const int64_t* list;

  int64_t bins;
  double bound, min_width, min_slope;
  double offset;  // of slopes: min_slope + softplus(offset) = 1
  int64_t parameter_stride, number_stride, unit_stride;
  bool inverse;
  bool large;  // theta is more than caches near a core hold

  const T *x, *theta;
  const double* log_det_in;
  T* y;
  double* log_det_out;

  const T* dy;
  const double* dlog_det;
  T *dx, *dtheta;
};

// From checked params; the arrays are not set. What it needs of memory is in the workspace.
template <class T>
SplineCoupling<T> spline_coupling_arguments(const gx_spline_coupling_params&, const gx_states* kept, Workspace&);

// The changed elements [first, first + count) of each of the examples [row0, row1); if these are several, all of their
// changed elements. What is kept is not touched.
struct SplinePart {
  int64_t row0, row1, first, count;
};

struct SplineCouplingVariant {
  KernelLine line;
  // log_det[(row - row0)] = the sum of the part's elements. terms: scratch, a float for each of the part's elements.
  void (*forward)(const SplineCoupling<float>& args, const SplinePart& part, double* log_det, float* terms);
  void (*backward)(const SplineCoupling<float>& args, const SplinePart& part);
};
const SplineCouplingVariant* spline_coupling_variants(int* count);

void spline_coupling(const SplineCouplingVariant&, gx_device&, const SplineCoupling<float>&);
void spline_coupling_backward(const SplineCouplingVariant&, gx_device&, const SplineCoupling<float>&);

namespace reference {
template <class T>
void spline_coupling(const SplineCoupling<T>&);
template <class T>
void spline_coupling_backward(const SplineCoupling<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_SPLINE_COUPLING_H_
