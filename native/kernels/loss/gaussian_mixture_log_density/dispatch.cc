// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/loss/gaussian_mixture_log_density/gaussian_mixture_log_density.h"
#include "kernels/loss/rows.h"
#include "runtime/backend.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                       \
  namespace isa {                                                                                 \
  double op##_##variant(const GaussianMixture<float>&, int64_t, int64_t, int64_t, float*);        \
  void op##_backward_##variant(const GaussianMixture<float>&, int64_t, int64_t, int64_t, float*); \
  }
#include "kernels/loss/gaussian_mixture_log_density/kernels.inc"
#undef GX_KERNEL

namespace {

const GaussianMixtureVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/loss/gaussian_mixture_log_density/kernels.inc"
#undef GX_KERNEL
};

int64_t span_of(int64_t components) { return std::max<int64_t>(64, (int64_t(1) << 12) / components / 16 * 16); }

struct Sizes {
  int64_t units, components;  // elements of x, of a parameter
};
Sizes check_shape(int64_t rows, int64_t units, int64_t components) {
  check::at_least(rows, 0, "rows");
  check::at_least(units, 0, "units");
  check::at_least(components, 1, "components");
  const int64_t size = check::product(rows, units, "x");
  return {size, check::product(size, components, "logits")};
}

}  // namespace

const GaussianMixtureVariant* gaussian_mixture_log_density_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void gaussian_mixture_log_density(const GaussianMixtureVariant& variant, gx_device& device,
                                  const GaussianMixture<float>& a) {
  const int threads = device.threads;  // read once: scratch is theirs
  Workspace workspace(device);
  const int64_t floats = gaussian_mixture_scratch(a.components);
  float* scratch = workspace.get<float>(threads * floats);
  row_sums(device, threads, a.rows, a.units, span_of(a.components), a.out,
           [&](int64_t row, int64_t first, int64_t count, int thread) {
             return variant.forward(a, row, first, count, scratch + thread * floats);
           });
}

void gaussian_mixture_log_density_backward(const GaussianMixtureVariant& variant, gx_device& device,
                                           const GaussianMixture<float>& a) {
  const int threads = device.threads;  // read once: scratch is theirs
  Workspace workspace(device);
  const int64_t floats = gaussian_mixture_scratch(a.components);
  float* scratch = workspace.get<float>(threads * floats);
  each_row_span(threads, a.rows, a.units, span_of(a.components),
                [&](int64_t row, int64_t first, int64_t count, int thread) {
                  variant.backward(a, row, first, count, scratch + thread * floats);
                });
}

}  // namespace gx

gx_status gx_gaussian_mixture_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                          int64_t components, const void* x, const void* logits, const void* mean,
                                          const void* log_sigma, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes = check_shape(rows, units, components);
    check::disjoint(
        {check::array(out, rows, format, "out")},
        {check::array(x, sizes.units, format, "x"), check::array(logits, sizes.components, format, "logits"),
         check::array(mean, sizes.components, format, "mean"),
         check::array(log_sigma, sizes.components, format, "log_sigma")});
    if (ran_on_gpu(&Backend::gx_gaussian_mixture_log_density, device, format, rows, units, components, x, logits, mean,
                   log_sigma, out))
      return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      GaussianMixture<T> a = {};
      a.rows = rows, a.units = units, a.components = components;
      a.x = static_cast<const T*>(x), a.logits = static_cast<const T*>(logits);
      a.mean = static_cast<const T*>(mean), a.log_sigma = static_cast<const T*>(log_sigma);
      a.out = static_cast<T*>(out);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::gaussian_mixture_log_density(a);
      } else {
        gaussian_mixture_log_density(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_gaussian_mixture_log_density_backward(gx_device* device, gx_format format,
                                                   const gx_gaussian_mixture_backward_params* params) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::not_null(params, "params");
    const gx_gaussian_mixture_backward_params& p = *params;
    const Sizes sizes = check_shape(p.rows, p.units, p.components);
    check::disjoint(
        {check::optional_array(p.dx, sizes.units, format, "dx"),
         check::optional_array(p.dlogits, sizes.components, format, "dlogits"),
         check::optional_array(p.dmean, sizes.components, format, "dmean"),
         check::optional_array(p.dlog_sigma, sizes.components, format, "dlog_sigma")},
        {check::array(p.x, sizes.units, format, "x"), check::array(p.logits, sizes.components, format, "logits"),
         check::array(p.mean, sizes.components, format, "mean"),
         check::array(p.log_sigma, sizes.components, format, "log_sigma"), check::array(p.dy, p.rows, format, "dy")});
    if (ran_on_gpu(&Backend::gx_gaussian_mixture_log_density_backward, device, format, params)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      GaussianMixture<T> a = {};
      a.rows = p.rows, a.units = p.units, a.components = p.components, a.pseudo_gradient = p.pseudo_gradient != 0;
      a.x = static_cast<const T*>(p.x), a.logits = static_cast<const T*>(p.logits);
      a.mean = static_cast<const T*>(p.mean), a.log_sigma = static_cast<const T*>(p.log_sigma);
      a.dy = static_cast<const T*>(p.dy);
      a.dx = static_cast<T*>(p.dx), a.dlogits = static_cast<T*>(p.dlogits);
      a.dmean = static_cast<T*>(p.dmean), a.dlog_sigma = static_cast<T*>(p.dlog_sigma);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::gaussian_mixture_log_density_backward(a);
      } else {
        gaussian_mixture_log_density_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
