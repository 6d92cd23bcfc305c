// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = x e^l + t on the elements that are changed, its inverse, and the gradients. Equations and layout: coupling.h.
#ifndef GENERATRIX_KERNELS_COUPLING_AFFINE_COUPLING_AFFINE_COUPLING_H_
#define GENERATRIX_KERNELS_COUPLING_AFFINE_COUPLING_AFFINE_COUPLING_H_

#include "generatrix/coupling.h"
#include "kernels/coupling/pattern.h"
#include "runtime/isa.h"

namespace gx {

template <class T>
struct AffineCoupling {
  Pattern pattern;
  gx_coupling_scale scale;
  gx_base base;
  bool inverse;
  double clamp;
  int64_t stride;            // of s, t, ds, dt from one example to the next
  const T *x, *s, *t;        // s: null without a scale
  const T* amplitude;        // [channels], or null: the clamp
  const double* log_det_in;  // or null
  T* y;
  double* log_det_out;
};

template <class T>
struct AffineCouplingBackward : AffineCoupling<T> {
  const T* dy;
  const double* dlog_det;        // or null
  T *dx, *ds, *dt, *damplitude;  // null: not wanted
};

// The greatest |l| with which both e^l and e^-l are normal numbers: of float 126 log 2, of double 1022 log 2, rounded
// down. Beyond it the factor counts as NaN.
template <class T>
constexpr double kMostLogScale = sizeof(T) == 4 ? 0x1.5d589ep+6 : 0x1.6232bdd7abcd2p+9;

// What a variant is told beside the operands.
struct AffineCouplingPlan {
  // Amplitudes are those of channels, constant over whole vectors if a channel has a multiple of 32 pixels; otherwise
  // this is one for each element of an example. Null: not needed.
  const float* amplitude_of_element;
  bool stream;  // y, or dx, ds and dt, go past the caches: they are large and all their vectors lie on the grid
};

// A part of a call: elements [first, first + count) of examples [row0, row1). first is a multiple of 32.
struct AffineCouplingPart {
  int64_t row0, row1, first, count;
};

struct AffineCouplingVariant {
  KernelLine line;
  // y of the part; sums[row * sums_stride] = the part's share of what is added to the log-determinant of `row`.
  void (*forward)(const AffineCoupling<float>&, const AffineCouplingPlan&, const AffineCouplingPart&, double* sums,
                  int64_t sums_stride);
  // The gradients of the part. sums (null: not wanted) are overwritten with those of the amplitude: a double for each
  // channel from that of the first element on; with amplitude_of_element one for each element, and up to 15 more.
  void (*backward)(const AffineCouplingBackward<float>&, const AffineCouplingPlan&, const AffineCouplingPart&,
                   double* sums);
};
const AffineCouplingVariant* affine_coupling_variants(int* count);

void affine_coupling(const AffineCouplingVariant&, gx_device&, const AffineCoupling<float>&);
void affine_coupling_backward(const AffineCouplingVariant&, gx_device&, const AffineCouplingBackward<float>&);

namespace reference {
template <class T>
void affine_coupling(const AffineCoupling<T>&);
template <class T>
void affine_coupling_backward(const AffineCouplingBackward<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_AFFINE_COUPLING_AFFINE_COUPLING_H_
