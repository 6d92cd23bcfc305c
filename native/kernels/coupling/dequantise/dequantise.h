// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Intensities to what a flow models, with noise, logit and log-determinant in one pass, and back: coupling.h.
#ifndef GENERATRIX_KERNELS_COUPLING_DEQUANTISE_DEQUANTISE_H_
#define GENERATRIX_KERNELS_COUPLING_DEQUANTISE_DEQUANTISE_H_

#include "generatrix/coupling.h"
#include "runtime/isa.h"
#include "runtime/philox.h"

namespace gx {

// What all elements share.
struct Dequantiser {
  int64_t levels;
  bool logit;
  double low, high;
  bool inverse;
  PhiloxStream stream;  // of the noise, if levels > 0
};

template <class T>
struct Dequantise {
  int64_t rows, units;
  Dequantiser map;
  const T* x;
  const double* log_det_in;
  T* y;
  double* log_det_out;
  const T* dy;
  const double* dlog_det;
  T* dx;
};

struct DequantiseVariant {
  KernelLine line;
  // Units [first, first + count) of a row, first a multiple of 64; x and y are those of the first. Gives the sum of the
  // logarithms of slopes, NaN if one of y is NaN.
  double (*forward)(const Dequantiser& map, uint32_t row, int64_t first, int64_t count, const float* x, float* y);
  void (*backward)(const Dequantiser& map, double dlog_det, int64_t count, const float* x, const float* dy, float* dx);
};
const DequantiseVariant* dequantise_variants(int* count);

void dequantise(const DequantiseVariant&, gx_device&, const Dequantise<float>&);
void dequantise_backward(const DequantiseVariant&, gx_device&, const Dequantise<float>&);

namespace reference {
template <class T>
void dequantise(const Dequantise<T>&);
template <class T>
void dequantise_backward(const Dequantise<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_DEQUANTISE_DEQUANTISE_H_
