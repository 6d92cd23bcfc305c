// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <atomic>

#include "kernels/optim/all_finite/all_finite.h"
#include "kernels/optim/step.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)      \
  namespace isa {                                \
  int64_t op##_##variant(const float*, int64_t); \
  }
#include "kernels/optim/all_finite/kernels.inc"
#undef GX_KERNEL

namespace {
const AllFiniteVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/optim/all_finite/kernels.inc"
#undef GX_KERNEL
};

struct Found {
  int64_t segment, index;
};

// The first find within one work item.
Found look(const optim::Spans& spans, int64_t item, const gx_read_segment* segment, AllFiniteKernel run) {
  Found found = {-1, -1};
  spans.each(item, [&](int64_t s, int64_t first, int64_t count) {
    if (found.segment >= 0) return;
    const int64_t at = run(static_cast<const float*>(segment[s].data) + first, count);
    if (at >= 0) found = {s, first + at};
  });
  return found;
}

// Threads agree on the first item with a find; items behind it are passed over. Where in it is looked up at the end.
Found first_not_finite(gx_device& device, int64_t segments, const gx_read_segment* segment) {
  Workspace workspace(device);
  const optim::Spans spans(workspace, segments, segment);
  const AllFiniteKernel run = first_usable(kVariants).run;
  std::atomic<int64_t> first{spans.items()};
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    if (item >= first || look(spans, item, segment, run).segment < 0) return;
    int64_t least = first;
    while (item < least && !first.compare_exchange_weak(least, item)) {
    }
  });
  return first < spans.items() ? look(spans, first, segment, run) : Found{-1, -1};
}

Found first_not_finite_double(int64_t segments, const gx_read_segment* segment) {
  for (int64_t s = 0; s < segments; ++s) {
    const int64_t at = reference::all_finite(static_cast<const double*>(segment[s].data), segment[s].count);
    if (at >= 0) return {s, at};
  }
  return {-1, -1};
}
}  // namespace

const AllFiniteVariant* all_finite_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_all_finite(gx_device* device, gx_format format, int64_t segments, const gx_read_segment* segment,
                        int64_t* found) {
  return gx::guarded([&] {
    using namespace gx;
    optim::check_read(device, format, segments, segment);
    check::not_null(found, "found");
    if (ran_on_gpu(&Backend::gx_all_finite, device, format, segments, segment, found)) return;
    const Found first = format == GX_FLOAT64 ? first_not_finite_double(segments, segment)
                                             : first_not_finite(*device, segments, segment);
    found[0] = first.segment;
    found[1] = first.index;
  });
}
