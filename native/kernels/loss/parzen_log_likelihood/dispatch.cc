// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "kernels/loss/parzen_log_likelihood/parzen_log_likelihood.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                      \
  namespace isa {                                                                \
  void op##_##variant(const Parzen<float>&, int64_t, int64_t, double*, double*); \
  }
#include "kernels/loss/parzen_log_likelihood/kernels.inc"
#undef GX_KERNEL

namespace {
const ParzenVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant},
#include "kernels/loss/parzen_log_likelihood/kernels.inc"
#undef GX_KERNEL
};
}  // namespace

const ParzenVariant* parzen_log_likelihood_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void parzen_log_likelihood(const ParzenVariant& variant, gx_device& device, const Parzen<float>& a) {
  const double log_two_pi = std::log(8 * std::atan(1.0));
  const double normaliser = std::log(double(a.n)) + double(a.units) * (std::log(a.sigma) + 0.5 * log_two_pi);
  const int threads = device.threads;
  Workspace workspace(device);
  double* scratch = workspace.get<double>(threads * kParzenScratch);
  parallel_for(threads, (a.rows + kParzenRows - 1) / kParzenRows, [&](int64_t item, int thread) {
    const int64_t row0 = item * kParzenRows, row1 = std::min(a.rows, row0 + kParzenRows);
    double lse[kParzenRows];
    variant.run(a, row0, row1, scratch + thread * kParzenScratch, lse);
    for (int64_t r = row0; r < row1; ++r) a.out[r] = float(lse[r - row0] - normaliser);
  });
}

}  // namespace gx

gx_status gx_parzen_log_likelihood(gx_device* device, gx_format format, double sigma, int64_t rows, int64_t n,
                                   int64_t units, const void* x, const void* samples, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::at_least(rows, 0, "rows");
    check::at_least(n, 1, "n");
    check::at_least(units, 0, "units");
    check::finite(sigma, "sigma");
    if (!(sigma > 0)) fail(GX_INVALID_ARGUMENT, "sigma must be greater than 0, got %g", sigma);
    check::disjoint({check::array(out, rows, format, "out")},
                    {check::array(x, check::product(rows, units, "x"), format, "x"),
                     check::array(samples, check::product(n, units, "samples"), format, "samples")});
    if (ran_on_gpu(&Backend::gx_parzen_log_likelihood, device, format, sigma, rows, n, units, x, samples, out)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      const Parzen<T> a = {
          sigma, rows, n, units, static_cast<const T*>(x), static_cast<const T*>(samples), static_cast<T*>(out)};
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::parzen_log_likelihood(a);
      } else {
        parzen_log_likelihood(first_usable(kVariants), *device, a);
      }
    });
  });
}
