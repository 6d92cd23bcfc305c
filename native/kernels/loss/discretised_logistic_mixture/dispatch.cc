// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/loss/discretised_logistic_mixture/discretised_logistic_mixture.h"
#include "kernels/loss/rows.h"
#include "runtime/backend.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                       \
  namespace isa {                                                                                 \
  double op##_##variant(const LogisticMixture<float>&, int64_t, int64_t, int64_t, float*);        \
  void op##_backward_##variant(const LogisticMixture<float>&, int64_t, int64_t, int64_t, float*); \
  }
#include "kernels/loss/discretised_logistic_mixture/kernels.inc"
#undef GX_KERNEL

namespace {

const LogisticMixtureVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/loss/discretised_logistic_mixture/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSpan = 128;  // pixels of a work item, each of them some ten components

struct Sizes {
  int64_t x, parameters;
};
Sizes check_mixture(const gx_logistic_mixture* mixture) {
  check::not_null(mixture, "mixture");
  const gx_logistic_mixture& m = *mixture;
  check::at_least(m.rows, 0, "rows");
  check::at_least(m.pixels, 0, "pixels");
  check::at_least(m.components, 1, "components");
  check::at_least(m.levels, 2, "levels");
  if (m.channels != 1 && m.channels != 3) {
    fail(GX_INVALID_ARGUMENT, "channels must be 1 or 3, got %lld", (long long)m.channels);
  }
  check::in_range(m.min_log_scale, -30, 30, "min_log_scale");
  const int64_t planes = check::product(m.components, m.channels == 1 ? 3 : 10, "parameters");
  return {check::product(check::product(m.rows, m.channels, "x"), m.pixels, "x"),
          check::product(check::product(m.rows, planes, "parameters"), m.pixels, "parameters")};
}

template <class T>
LogisticMixture<T> arguments(const gx_logistic_mixture& m, const void* x, const void* parameters) {
  LogisticMixture<T> a = {};
  a.rows = m.rows, a.channels = m.channels, a.pixels = m.pixels, a.components = m.components, a.levels = m.levels;
  a.min_log_scale = m.min_log_scale;
  a.x = static_cast<const T*>(x), a.parameters = static_cast<const T*>(parameters);
  return a;
}

}  // namespace

const LogisticMixtureVariant* discretised_logistic_mixture_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void discretised_logistic_mixture(const LogisticMixtureVariant& variant, gx_device& device,
                                  const LogisticMixture<float>& a) {
  const int threads = device.threads;  // read once: scratch is theirs
  Workspace workspace(device);
  const int64_t floats = logistic_scratch(a.channels, a.components);
  float* scratch = workspace.get<float>(threads * floats);
  row_sums(device, threads, a.rows, a.pixels, kSpan, a.out, [&](int64_t row, int64_t first, int64_t count, int thread) {
    return variant.forward(a, row, first, count, scratch + thread * floats);
  });
}

void discretised_logistic_mixture_backward(const LogisticMixtureVariant& variant, gx_device& device,
                                           const LogisticMixture<float>& a) {
  const int threads = device.threads;  // read once: scratch is theirs
  Workspace workspace(device);
  const int64_t floats = logistic_scratch(a.channels, a.components);
  float* scratch = workspace.get<float>(threads * floats);
  each_row_span(threads, a.rows, a.pixels, kSpan, [&](int64_t row, int64_t first, int64_t count, int thread) {
    variant.backward(a, row, first, count, scratch + thread * floats);
  });
}

}  // namespace gx

gx_status gx_discretised_logistic_mixture(gx_device* device, gx_format format, const gx_logistic_mixture* mixture,
                                          const void* x, const void* parameters, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes = check_mixture(mixture);
    check::disjoint(
        {check::array(out, mixture->rows, format, "out")},
        {check::array(x, sizes.x, format, "x"), check::array(parameters, sizes.parameters, format, "parameters")});
    if (ran_on_gpu(&Backend::gx_discretised_logistic_mixture, device, format, mixture, x, parameters, out)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      LogisticMixture<T> a = arguments<T>(*mixture, x, parameters);
      a.out = static_cast<T*>(out);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::discretised_logistic_mixture(a);
      } else {
        discretised_logistic_mixture(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_discretised_logistic_mixture_backward(gx_device* device, gx_format format,
                                                   const gx_logistic_mixture* mixture, const void* x,
                                                   const void* parameters, const void* dy, void* dparameters) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes = check_mixture(mixture);
    check::disjoint(
        {check::array(dparameters, sizes.parameters, format, "dparameters")},
        {check::array(x, sizes.x, format, "x"), check::array(parameters, sizes.parameters, format, "parameters"),
         check::array(dy, mixture->rows, format, "dy")});
    if (ran_on_gpu(&Backend::gx_discretised_logistic_mixture_backward, device, format, mixture, x, parameters, dy,
                   dparameters))
      return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      LogisticMixture<T> a = arguments<T>(*mixture, x, parameters);
      a.dy = static_cast<const T*>(dy);
      a.dparameters = static_cast<T*>(dparameters);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::discretised_logistic_mixture_backward(a);
      } else {
        discretised_logistic_mixture_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
