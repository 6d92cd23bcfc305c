// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y[p] = V x[p] H' for each plane, V a sparse map along the rows and H one along the columns. Up-sampling, sums of
// windows, padding and all their adjoints are this.
//
// The longer of a row's two sides is met last: where rows grow, each row of x passes through H once and is kept as long
// as V may ask for it; where they shrink, V makes a row of x's width, which H then takes together.
#ifndef GENERATRIX_KERNELS_RESAMPLE_SEPARABLE_SEPARABLE_H_
#define GENERATRIX_KERNELS_RESAMPLE_SEPARABLE_SEPARABLE_H_

#include "kernels/resample/axis_map.h"
#include "runtime/isa.h"

struct gx_device;

namespace gx {

struct Separable {
  AxisTaps rows, columns;
  int64_t planes;
  int64_t summed;  // plane p of x is the sum of this many consecutive ones
  int64_t copies;  // plane p of y is written to this many consecutive ones; this or `summed` is 1
  bool streamed;   // y is so large that it is written past the caches where its rows lie on the grid

  bool columns_first() const { return columns.out >= columns.in || summed > 1; }
  int64_t in_stride() const { return (columns.in + 15) / 16 * 16; }  // of rows in scratch, in floats
  int64_t out_stride() const { return (columns.out + 15) / 16 * 16; }
};

// Rows [first, end) of plane p of y. scratch: separable_scratch(s) bytes on a grid of 64.
using SeparableKernel = void (*)(const Separable& s, int64_t plane, int64_t first, int64_t end, const float* x,
                                 float* y, char* scratch);
int64_t separable_scratch(const Separable& s);

struct SeparableVariant {
  KernelLine line;
  SeparableKernel run;
};
const SeparableVariant* separable_variants(int* count);

// All of y, by the variant of this machine.
void run_separable(gx_device& device, const Separable& s, const float* x, float* y);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RESAMPLE_SEPARABLE_SEPARABLE_H_
