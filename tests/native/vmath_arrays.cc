// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "vmath_arrays.h"

#include "runtime/vmath.h"

namespace gx::GX_ISA {
namespace {

template <vf (*f)(vf)>
void floats(const float* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) store(y + i, f(loadf(x + i)));
}
template <vd (*f)(vd)>
void doubles(const double* x, double* y, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanesD) store(y + i, f(loadd(x + i)));
}

}  // namespace
}  // namespace gx::GX_ISA

namespace gx::test {

#define GX_CONCATENATE(a, b) a##b
#define GX_VMATH(isa) GX_CONCATENATE(vmath_, isa)
const VmathArrays GX_VMATH(GX_ISA) = {
    GX_ISA::floats<GX_ISA::exp>,      GX_ISA::floats<GX_ISA::log>,   GX_ISA::floats<GX_ISA::sigmoid>,
    GX_ISA::floats<GX_ISA::softplus>, GX_ISA::floats<GX_ISA::log1p>, GX_ISA::floats<GX_ISA::expm1>,
    GX_ISA::floats<GX_ISA::tanh>,     GX_ISA::floats<GX_ISA::erf>,   GX_ISA::doubles<GX_ISA::exp>,
    GX_ISA::doubles<GX_ISA::log>,
};

}  // namespace gx::test
