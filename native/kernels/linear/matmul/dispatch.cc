// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/linear/matmul/matmul.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                \
  namespace isa {                                                                          \
  void op##_##variant(const gx_matmul_params&, const float*, const float*, float*, Team&); \
  }
#include "kernels/linear/matmul/kernels.inc"
#undef GX_KERNEL

namespace {

const MatmulVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/linear/matmul/kernels.inc"
#undef GX_KERNEL
};

// Elements an operand spans. `shared`: a step of 0 is the same matrix for all.
int64_t extent(int64_t batch, int64_t step, int64_t rows, int64_t columns, bool shared, const char* name,
               const char* step_name) {
  const int64_t size = check::product(rows, columns, name);
  if (batch <= 1) return batch * size;
  if (!(shared && step == 0)) check::at_least(step, size, step_name);
  const int64_t before = check::product(batch - 1, step, name);
  if (before > INT64_MAX - size) check::product(batch, step, name);
  return before + size;
}

}  // namespace

const MatmulVariant* matmul_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_matmul(gx_device* device, gx_format format, const gx_matmul_params* params, const void* a, const void* b,
                    void* c) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    gx_matmul_params p = *params;
    for (const auto& [size, name] :
         {std::pair<int64_t, const char*>{p.batch, "batch"}, {p.m, "m"}, {p.n, "n"}, {p.k, "k"}}) {
      check::at_least(size, 0, name);
    }
    check::disjoint({check::array(c, extent(p.batch, p.c_step, p.m, p.n, false, "C", "c_step"), format, "C")},
                    {check::array(a, extent(p.batch, p.a_step, p.m, p.k, true, "A", "a_step"), format, "A"),
                     check::array(b, extent(p.batch, p.b_step, p.k, p.n, true, "B", "b_step"), format, "B")});
    if (p.batch == 0 || p.m == 0 || p.n == 0) return;
    if (p.batch == 1) p.a_step = p.b_step = p.c_step = 0;
    if (ran_on_gpu(&Backend::gx_matmul, device, format, &p, a, b, c)) return;
    if (format == GX_FLOAT64) {
      return reference::matmul(p, static_cast<const double*>(a), static_cast<const double*>(b),
                               static_cast<double*>(c));
    }
    const float nothing = 0;  // where k is 0 and an operand may be null
    if (p.k == 0) a = b = &nothing, p.a_step = p.b_step = 0;
    Workspace workspace(*device);
    Team team(*device, workspace);
    first_usable(kVariants).run(p, static_cast<const float*>(a), static_cast<const float*>(b), static_cast<float*>(c),
                                team);
  });
}
