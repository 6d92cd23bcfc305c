// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/slices/slices.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                   \
  namespace isa {                                                                                             \
  void op##_moments(const Slice&, const float*, double, double*);                                             \
  void op##_affine(const Slice&, const float*, const Affine&, float*, bool);                                  \
  void op##_gradient_sums(const Slice&, const float*, const float*, double, const Affine*, double*);          \
  void op##_pullback(const Slice&, const float*, const float*, const Affine*, const Pullback&, float*, bool); \
  }
#include "kernels/norm/slices/kernels.inc"
#undef GX_KERNEL

namespace {
const SliceKernels kVariants[] = {
#define GX_KERNEL(family, op, variant, isa)  \
  {{#family "." #op, #variant, isa_of::isa}, \
   isa::op##_moments,                        \
   isa::op##_affine,                         \
   isa::op##_gradient_sums,                  \
   isa::op##_pullback},
#include "kernels/norm/slices/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const SliceKernels* slice_kernels(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

const SliceKernels& slice_kernels() { return first_usable(kVariants); }

}  // namespace gx
