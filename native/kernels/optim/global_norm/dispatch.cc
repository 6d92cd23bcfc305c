// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/optim/global_norm/global_norm.h"
#include "kernels/optim/step.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)     \
  namespace isa {                               \
  double op##_##variant(const float*, int64_t); \
  }
#include "kernels/optim/global_norm/kernels.inc"
#undef GX_KERNEL

namespace {
const GlobalNormVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/optim/global_norm/kernels.inc"
#undef GX_KERNEL
};

double sum_of_squares(gx_device& device, int64_t segments, const gx_read_segment* segment) {
  Workspace workspace(device);
  const optim::Spans spans(workspace, segments, segment);
  double* sums = workspace.get<double>(spans.items());
  const GlobalNormKernel run = first_usable(kVariants).run;
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    double sum = 0;
    spans.each(item, [&](int64_t s, int64_t first, int64_t count) {
      sum += run(static_cast<const float*>(segment[s].data) + first, count);
    });
    sums[item] = sum;
  });
  double total = 0;
  for (int64_t i = 0; i < spans.items(); ++i) total += sums[i];
  return total;
}
}  // namespace

const GlobalNormVariant* global_norm_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_global_norm(gx_device* device, gx_format format, int64_t segments, const gx_read_segment* segment,
                         double* norm) {
  return gx::guarded([&] {
    using namespace gx;
    optim::check_read(device, format, segments, segment);
    check::not_null(norm, "norm");
    if (ran_on_gpu(&Backend::gx_global_norm, device, format, segments, segment, norm)) return;
    double total = 0;
    if (format == GX_FLOAT32) {
      total = sum_of_squares(*device, segments, segment);
    } else {
      for (int64_t s = 0; s < segments; ++s) {
        total += reference::global_norm(static_cast<const double*>(segment[s].data), segment[s].count);
      }
    }
    *norm = std::sqrt(total);
  });
}
