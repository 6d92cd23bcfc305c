// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/columns/columns.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                           \
  namespace isa {                                                                                                     \
  void op##_moments(const Columns&, const float*, const float*, double*, double*);                                    \
  void op##_affine(const Columns&, const float*, const ColumnAffine&, float*);                                        \
  void op##_gradient_sums(const Columns&, const float*, const float*, const float*, const ColumnAffine*, double*,     \
                          double*);                                                                                   \
  void op##_pullback(const Columns&, const float*, const float*, const ColumnAffine*, const ColumnPullback&, float*); \
  }
#include "kernels/norm/columns/kernels.inc"
#undef GX_KERNEL

namespace {
const ColumnKernels kVariants[] = {
#define GX_KERNEL(family, op, variant, isa)  \
  {{#family "." #op, #variant, isa_of::isa}, \
   isa::op##_moments,                        \
   isa::op##_affine,                         \
   isa::op##_gradient_sums,                  \
   isa::op##_pullback},
#include "kernels/norm/columns/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const ColumnKernels* column_kernels(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

const ColumnKernels& column_kernels() { return first_usable(kVariants); }

}  // namespace gx
