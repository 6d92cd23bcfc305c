// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "generatrix/gibbs.h"
#include "kernels/gibbs/update/update.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa) \
  namespace isa {                           \
  void op##_##variant(const UpdateStrip&);  \
  }
#include "kernels/gibbs/update/kernels.inc"
#undef GX_KERNEL

namespace {

const UpdateVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/gibbs/update/kernels.inc"
#undef GX_KERNEL
};

void check_update(const gx_update_params& a) {
  check::in_range(double(a.visible), 1, 1 << 30, "the visible units");
  check::in_range(double(a.hidden), 1, 1 << 30, "the hidden units");
  struct Array {
    const float* p;
    const char* name;
  };
  for (const Array& x : {Array{a.W, "W"},
                         {a.b, "b"},
                         {a.c, "c"},
                         {a.sW, "sW"},
                         {a.sb, "sb"},
                         {a.sc, "sc"},
                         {a.dW, "dW"},
                         {a.db, "db"},
                         {a.dc, "dc"}}) {
    check::not_null(x.p, x.name);
  }
  for (const auto& [value, name] : {std::pair<float, const char*>{a.rate, "rate"},
                                    {a.momentum, "momentum"},
                                    {a.weight_decay, "weight_decay"},
                                    {a.sparsity_target, "sparsity_target"},
                                    {a.sparsity_cost, "sparsity_cost"},
                                    {a.offset_rate, "offset_rate"}}) {
    check::finite(value, name);
  }
  check::in_range(a.momentum, 0, 1, "momentum");
  check::in_range(a.offset_rate, 0, 1, "offset_rate");
  check::in_range(a.sparsity_cost, 0, 3e38, "sparsity_cost");
  if (a.sparsity_cost > 0) {
    check::in_range(a.sparsity_target, 0, 1, "sparsity_target");
    check::not_null(a.mean_h, "mean_h, which sparsity_cost > 0 needs,");
  }
  if (a.mu && a.offset_rate > 0) check::not_null(a.mean_v, "mean_v, which a moving mu needs,");
  if (a.lambda && a.offset_rate > 0) check::not_null(a.mean_h, "mean_h, which a moving lambda needs,");
  const int64_t size = check::product(a.visible, a.hidden, "W");
  check::disjoint(
      {check::floats(a.W, size, "W"), check::floats(a.sW, size, "sW"), check::floats(a.b, a.visible, "b"),
       check::floats(a.sb, a.visible, "sb"), check::floats(a.c, a.hidden, "c"), check::floats(a.sc, a.hidden, "sc"),
       check::floats(a.mu, a.visible, "mu"), check::floats(a.lambda, a.hidden, "lambda")},
      {check::floats(a.dW, size, "dW"), check::floats(a.db, a.visible, "db"), check::floats(a.dc, a.hidden, "dc"),
       check::floats(a.mean_v, a.visible, "mean_v"), check::floats(a.mean_h, a.hidden, "mean_h")});
}

// Moves offsets towards the means; the changes are kept, because the biases follow them. Null where nothing moves.
float* move_offsets(Workspace& workspace, float* offset, const float* mean, int64_t units, float rate) {
  if (!offset || rate == 0) return nullptr;
  float* change = workspace.get<float>(units);
  for (int64_t u = 0; u < units; ++u) {
    const float moved = offset[u] + rate * (mean[u] - offset[u]);
    change[u] = moved - offset[u];
    offset[u] = moved;
  }
  return change;
}

void update(gx_device& device, const gx_update_params& a) {
  const int threads = device.threads;
  Workspace workspace(device);
  const float* dmu = move_offsets(workspace, a.mu, a.mean_v, a.visible, a.offset_rate);
  const float* dlambda = move_offsets(workspace, a.lambda, a.mean_h, a.hidden, a.offset_rate);

  // Strips of at least 16 columns, a cache line, and about one per thread: long runs along the rows. Fixed by the
  // shape, not by the threads, as b_shift adds up strip by strip.
  constexpr int64_t kStrip = 256;
  const int64_t strips = (a.hidden + kStrip - 1) / kStrip;
  float* b_shift = dlambda ? workspace.get<float>(strips * a.visible) : nullptr;
  float* c_shift = dmu ? workspace.get<float>(a.hidden) : nullptr;
  const UpdateKernel run = first_usable(kVariants).run;
  parallel_for(threads, strips, [&](int64_t s, int) {
    run({a.visible, a.hidden, s * kStrip, std::min(a.hidden, (s + 1) * kStrip), a.W, a.sW, a.dW, a.rate, a.momentum,
         a.weight_decay, dmu, dlambda, b_shift ? b_shift + s * a.visible : nullptr, c_shift});
  });

  for (int64_t i = 0; i < a.visible; ++i) {
    a.sb[i] = a.momentum * a.sb[i] + a.rate * a.db[i];
    double b = double(a.b[i]) + a.sb[i];
    for (int64_t s = 0; b_shift && s < strips; ++s) b += b_shift[s * a.visible + i];
    a.b[i] = float(b);
  }
  for (int64_t j = 0; j < a.hidden; ++j) {
    float dc = a.dc[j];
    if (a.sparsity_cost > 0) dc += a.sparsity_cost * (a.sparsity_target - a.mean_h[j]);
    a.sc[j] = a.momentum * a.sc[j] + a.rate * dc;
    a.c[j] = float(double(a.c[j]) + a.sc[j] + (c_shift ? c_shift[j] : 0));
  }
}

}  // namespace

const UpdateVariant* update_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_rbm_update(gx_device* device, const gx_update_params* params) {
  return gx::guarded([&] {
    gx::checked(device);
    gx::check::not_null(params, "params");
    gx::check_update(*params);
    if (gx::ran_on_gpu(&gx::Backend::gx_rbm_update, device, params)) return;
    gx::update(*device, *params);
  });
}
