// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Between floats and packed bits, a part of one row at a time; see states.h.
#ifndef GENERATRIX_KERNELS_STATES_CONVERT_CONVERT_H_
#define GENERATRIX_KERNELS_STATES_CONVERT_CONVERT_H_

#include "runtime/isa.h"

namespace gx {

// bits[i] = values[i] >= threshold for i < count (NaN is 0); padding bits of the last word are 0.
using PackKernel = void (*)(const float* values, int64_t count, float threshold, uint32_t* bits);
// values[i] = 0 or 1.
using UnpackKernel = void (*)(const uint32_t* bits, int64_t count, float* values);

struct ConvertVariant {
  KernelLine line;
  PackKernel pack;
  UnpackKernel unpack;
};
const ConvertVariant* convert_variants(int* count);

namespace reference {
void pack(const float* values, int64_t count, float threshold, uint32_t* bits);
void unpack(const uint32_t* bits, int64_t count, float* values);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_STATES_CONVERT_CONVERT_H_
