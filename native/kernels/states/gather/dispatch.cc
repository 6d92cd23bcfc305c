// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows of states, as the arrays family gathers rows of anything.

#include "generatrix/states.h"
#include "kernels/arrays/gather/rows.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

gx_status gx_states_gather(gx_device* device, const gx_states* from, const int64_t* index, const gx_states* to) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(from, "from");
    check::at_least(from->units, 0, "the units of from");
    check::states(from, from->units, "from");
    check::states(to, from->units, "to");
    if (to->format != from->format) {
      fail(GX_INVALID_ARGUMENT, "the format of to must be %d (that of from), got %d", int(from->format),
           int(to->format));
    }
    if (to->rows == 0) return;
    check_index(index, to->rows, from->rows, "the rows of from");
    const check::Range out = check::range(*to, "to");
    check::disjoint(out, check::range(*from, "from"));
    check::disjoint(out, {index, to->rows * int64_t(sizeof *index), "index"});
    if (ran_on_gpu(&Backend::gx_states_gather, device, from, index, to)) return;
    const int64_t row_bytes = (from->format == GX_BITS ? words(from->units) : from->units) * 4;
    gather_rows(device->threads, 1, from->rows, row_bytes, to->rows, from->data, index, to->data);
  });
}
