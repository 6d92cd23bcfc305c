// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The checks that couplings share, and the making of their patterns.
#ifndef GENERATRIX_KERNELS_COUPLING_CHECK_H_
#define GENERATRIX_KERNELS_COUPLING_CHECK_H_

#include "generatrix/coupling.h"
#include "kernels/coupling/pattern.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {

// Checks the coupling, and `kept` with it. The bits are not made yet: `changed` is NULL.
Pattern check_coupling(const gx_coupling& coupling, const gx_states* kept);

// The same with its bits, in the workspace.
Pattern with_bits(Pattern pattern, const gx_coupling& coupling, const gx_states* kept, Workspace& workspace);

void check_base(gx_base base);

namespace check {

// x, of all the examples.
Range examples(const Pattern& pattern, const void* x, gx_format format, const char* name);
// A double for each example; NULL stands for one that is not there.
Range log_det(const Pattern& pattern, const double* p, const char* name);
// A parameter of `numbers` numbers for each example, `stride` apart: its extent from the first to the last number.
Range parameter(const Pattern& pattern, const void* p, int64_t numbers, int64_t stride, gx_format format,
                const char* name);
// Two parameters of the same stride that are written: they share no number, though one may lie in the other's gaps.
void interleaved(const Range& a, const Range& b, int64_t numbers, int64_t stride, gx_format format);

}  // namespace check
}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_CHECK_H_
