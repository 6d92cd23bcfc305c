// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What every draw of the family checks.
#ifndef GENERATRIX_KERNELS_RANDOM_CHECK_H_
#define GENERATRIX_KERNELS_RANDOM_CHECK_H_

#include <cstdint>

#include "generatrix/random.h"

namespace gx::check {

// A draw of one step into out[rows][units]: the counter's limits, the size, the pointer. False if there is nothing to
// draw.
bool draw(const gx_rng& rng, int64_t rows, int64_t units, gx_format format, const void* out);

// The layout's limit on units (random.h), checked where the rows are a view of states.
void drawable(int64_t units);

}  // namespace gx::check

#endif  // GENERATRIX_KERNELS_RANDOM_CHECK_H_
