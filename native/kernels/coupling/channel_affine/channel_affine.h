// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = x e^l_c + b_c or its inverse, over [examples][channels][spatial], with its log-determinant, the base density and
// the gradients: coupling.h.
#ifndef GENERATRIX_KERNELS_COUPLING_CHANNEL_AFFINE_CHANNEL_AFFINE_H_
#define GENERATRIX_KERNELS_COUPLING_CHANNEL_AFFINE_CHANNEL_AFFINE_H_

#include "generatrix/coupling.h"
#include "runtime/isa.h"

namespace gx {

template <class T>
struct ChannelAffine {
  int64_t examples, channels, spatial;
  bool inverse;
  gx_base base;
  const T *x, *log_scale, *shift;
  const double* log_det_in;
  T* y;
  double* log_det_out;
  const T* dy;
  const double* dlog_det;
  T *dx, *dlog_scale, *dshift;
};

// Some elements of an example. With factors a = e^l and b, an element is y = x a + b, or with a = e^-l the inverse
// y = (x - b) a.
struct ChannelRun {
  bool inverse;
  gx_base base;
  bool past;  // y past the caches: y on the 64-byte grid, runs of one factor in multiples of 16
  int64_t count;
  int64_t spatial;  // elements of a channel; 0: every element has its own factors
  int64_t into;     // its channel's elements before the first one
};

struct ChannelAffineVariant {
  KernelLine line;
  // a = e^l (inverse: e^-l), NaN where it or its reciprocal is no normal float, up to a multiple of 16. Gives the sum
  // of l, inverse: -l.
  double (*factors)(const float* log_scale, int64_t channels, bool inverse, float* a);
  // a and b are those of the first element on. Gives the sum of the base's log-densities, 0 without one; NaN if one
  // of y is NaN.
  double (*forward)(const ChannelRun& run, const float* x, const float* a, const float* b, float* y);
  // Of elements with one factor: dx if it is not null, and into sums: sum g, sum g x, or sum g (x - b) for the inverse.
  void (*backward_one)(const ChannelRun& run, const float* x, const float* dy, float a, float b, double dlog_det,
                       float* dx, double sums[2]);
  // Of the same elements of several examples, `stride` apart, each with its factors: the sums by element into s and q,
  // up to a multiple of 16 more.
  void (*backward_each)(const ChannelRun& run, int64_t rows, int64_t stride, const float* x, const float* dy,
                        const float* a, const float* b, const double* dlog_det, float* dx, double* s, double* q);
};
const ChannelAffineVariant* channel_affine_variants(int* count);

void channel_affine(const ChannelAffineVariant&, gx_device&, const ChannelAffine<float>&);
void channel_affine_backward(const ChannelAffineVariant&, gx_device&, const ChannelAffine<float>&);

namespace reference {
template <class T>
void channel_affine(const ChannelAffine<T>&);
template <class T>
void channel_affine_backward(const ChannelAffine<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_CHANNEL_AFFINE_CHANNEL_AFFINE_H_
