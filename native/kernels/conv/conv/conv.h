// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = f(conv(x, W) + b), plain or transposed: generatrix/conv.h. A variant says which convolutions it suits, makes its
// own form of the weights, and works from that.
#ifndef GENERATRIX_KERNELS_CONV_CONV_CONV_H_
#define GENERATRIX_KERNELS_CONV_CONV_CONV_H_

#include "kernels/conv/shape.h"
#include "kernels/linear/product/team.h"
#include "runtime/isa.h"

namespace gx {

struct ConvVariant {
  KernelLine line;
  bool (*suits)(const ConvShape&);
  // Floats of the packed weights, 0 if run reads W itself. Like what pack writes, this depends on the weights' shape,
  // the mask, groups, stride, dilation and `transposed` alone, not on batch and in_size.
  int64_t (*packed_floats)(const ConvShape&);
  void (*pack)(const ConvShape&, const float* W, float* packed, Team&);
  // W is null where there is a packed form.
  void (*run)(const ConvShape&, const float* x, const float* W, const float* packed, const float* b, float* y, Team&);
};
const ConvVariant* conv_variants(int* count);

namespace reference {
template <class T>
void conv(const ConvShape& s, const T* x, const T* W, const T* b, T* y);
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_CONV_CONV_CONV_H_
