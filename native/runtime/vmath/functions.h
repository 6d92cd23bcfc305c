// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions of the C ABI's vmath.h over arrays, one table per instruction set.
#ifndef GENERATRIX_RUNTIME_VMATH_FUNCTIONS_H_
#define GENERATRIX_RUNTIME_VMATH_FUNCTIONS_H_

#include <stdint.h>

namespace gx {

// y[i] = f(x[i]) for i < n; y may be x.
using ArrayFunction = void (*)(const float* x, float* y, int64_t n);

struct ArrayFunctions {
  ArrayFunction exp, log, sigmoid, softplus;
};

namespace baseline {
extern const ArrayFunctions array_functions;
}
namespace x86_v3 {
extern const ArrayFunctions array_functions;
}
namespace x86_v4 {
extern const ArrayFunctions array_functions;
}

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_VMATH_FUNCTIONS_H_
