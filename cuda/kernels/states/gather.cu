// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// to[r] = from[index[r]]: gx_states_gather (states.h), by the rows of arrays/gather.h. Floor: 4 bytes per word or float
// and side.
//
// nvcc, sm_80 and sm_90a: 30 to 40 registers, no spills.
// Not yet run on a GPU.

#include "kernels/arrays/gather.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {

gx_status gx_states_gather(gx_device* device, const gx_states* from, const int64_t* index, const gx_states* to) {
  return guarded([&] {
    const int64_t row_bytes = 4 * (from->format == GX_BITS ? words(from->units) : from->units);
    gather_rows(device, 1, from->rows, row_bytes, to->rows, from->data, index, to->data);
  });
}

}  // namespace gx::cuda
