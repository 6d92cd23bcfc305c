// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The four passes of which every normalisation by a mean and a variance is made, over a slice: the elements that share
// one pair of factors (a channel of a batch, a channel of one example, a row). All sums are double, in an order that
// the slice's shape alone decides.
#ifndef GENERATRIX_KERNELS_NORM_SLICES_SLICES_H_
#define GENERATRIX_KERNELS_NORM_SLICES_SLICES_H_

#include <cstdint>

#include "runtime/isa.h"

namespace gx {

// The elements  segment * stride + i  of an array, segment < segments, i < length. Strides count elements.
struct Slice {
  int64_t segments;
  int64_t length;
  int64_t stride;
};

// y = (x - mean) a + b, and max(y, 0) with relu. Made from doubles: b takes what the rounding of the mean leaves, so
// that a mean far from 0 costs no accuracy.
struct Affine {
  Affine() = default;
  Affine(double exact_mean, double scale, double offset, bool rectified)
      : mean(float(exact_mean)), a(float(scale)), b(float(offset - (exact_mean - mean) * scale)), relu(rectified) {}
  float mean, a, b;
  bool relu;
};

// dx = k1 dy + k2 (x - mean) + k3.
struct Pullback {
  Pullback() = default;
  Pullback(double exact_mean, double of_dy, double of_x, double constant)
      : mean(float(exact_mean)), k1(float(of_dy)), k2(float(of_x)), k3(float(constant - (exact_mean - mean) * of_x)) {}
  float mean, k1, k2, k3;
};

struct SliceKernels {
  KernelLine line;
  // sums = { sum (x - shift), sum (x - shift)^2 }. With a member of the slice as the shift, the variance loses at most
  // a factor of the number of elements to cancellation, whatever the mean.
  void (*moments)(const Slice& slice, const float* x, double shift, double sums[2]);
  // stream: past the caches; needs y and the stride on the 64-byte grid and lengths that are multiples of 16.
  void (*affine)(const Slice& slice, const float* x, const Affine& f, float* y, bool stream);
  // sums = { sum dy, sum dy (x - mean) }. gate: the dy of elements that the relu of `gate` has cut count as 0; or NULL.
  void (*gradient_sums)(const Slice& slice, const float* x, const float* dy, double mean, const Affine* gate,
                        double sums[2]);
  void (*pullback)(const Slice& slice, const float* x, const float* dy, const Affine* gate, const Pullback& f,
                   float* dx, bool stream);
};
const SliceKernels* slice_kernels(int* count);
// The best one this process may run.
const SliceKernels& slice_kernels();

namespace reference {
void slice_moments(const Slice& slice, const float* x, double shift, double sums[2]);
void slice_affine(const Slice& slice, const float* x, const Affine& f, float* y);
void slice_gradient_sums(const Slice& slice, const float* x, const float* dy, double mean, const Affine* gate,
                         double sums[2]);
void slice_pullback(const Slice& slice, const float* x, const float* dy, const Affine* gate, const Pullback& f,
                    float* dx);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_NORM_SLICES_SLICES_H_
