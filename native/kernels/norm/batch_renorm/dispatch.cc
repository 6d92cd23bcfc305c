// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/batch_renorm/batch_renorm.h"
#include "kernels/norm/groups.h"
#include "kernels/norm/operand.h"
#include "runtime/backend.h"

namespace gx {
namespace {

// Gives the elements of x.
int64_t check_params(gx_device* device, gx_format format, const gx_batch_renorm_params* p) {
  checked(device);
  check::real(format);
  check::not_null(p, "params");
  check::epsilon(p->epsilon);
  check::in_range(p->momentum, 0, 1, "momentum");
  check::finite(p->r_max, "r_max");
  check::finite(p->d_max, "d_max");
  if (p->r_max < 1) fail(GX_INVALID_ARGUMENT, "r_max must be at least 1, got %g", p->r_max);
  if (p->d_max < 0) fail(GX_INVALID_ARGUMENT, "d_max must be at least 0, got %g", p->d_max);
  const int64_t elements = check::image_elements(p->examples, p->channels, p->spatial);
  if (p->channels > 0 && elements == 0) {
    fail(GX_INVALID_ARGUMENT, "examples x spatial must be at least 1, got %lld x %lld", (long long)p->examples,
         (long long)p->spatial);
  }
  return elements;
}

// NaN stays, as it does not in a clamp of the standard library's choice.
double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

}  // namespace
}  // namespace gx

gx_status gx_batch_renorm(gx_device* device, gx_format format, const gx_batch_renorm_params* p, const void* x,
                          const void* gamma, const void* beta, void* running_mean, void* running_var, void* y,
                          void* statistics) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_params(device, format, p), channels = p->channels;
    check::disjoint({check::array(running_mean, channels, format, "running_mean"),
                     check::array(running_var, channels, format, "running_var"), check::array(y, elements, format, "y"),
                     check::statistics(statistics, 4, channels)},
                    {check::array(x, elements, format, "x"), check::optional_array(gamma, channels, format, "gamma"),
                     check::optional_array(beta, channels, format, "beta")});
    if (channels == 0) return;
    if (ran_on_gpu(&Backend::gx_batch_renorm, device, format, p, x, gamma, beta, running_mean, running_var, y,
                   statistics))
      return;
    if (format == GX_FLOAT64) {
      return reference::batch_renorm(*p, in<double>(x), in<double>(gamma), in<double>(beta), out<double>(running_mean),
                                     out<double>(running_var), out<double>(y), out<double>(statistics));
    }
    double *mean = out<double>(statistics), *rstd = mean + channels, *r = rstd + channels, *d = r + channels;
    float *average = out<float>(running_mean), *variance = out<float>(running_var);
    norm::forward(
        device, norm::batch_groups(p->examples, channels, p->spatial), in<float>(x), out<float>(y),
        [&](int64_t c, const norm::Moments& m) {
          mean[c] = m.mean;
          rstd[c] = rstd_of(m.variance, p->epsilon);
          const double running_rstd = rstd_of(variance[c], p->epsilon);
          r[c] = clip(running_rstd / rstd[c], 1 / p->r_max, p->r_max);
          d[c] = clip((m.mean - average[c]) * running_rstd, -p->d_max, p->d_max);
          average[c] = float(average[c] + p->momentum * (m.mean - average[c]));
          variance[c] = float(variance[c] + p->momentum * (m.variance - variance[c]));
        },
        [&](int64_t c) -> Affine {
          const double g = factor(in<float>(gamma), c);
          return {mean[c], g * r[c] * rstd[c], g * d[c] + offset(in<float>(beta), c), false};
        });
  });
}

gx_status gx_batch_renorm_backward(gx_device* device, gx_format format, const gx_batch_renorm_params* p, const void* x,
                                   const void* gamma, const void* statistics, const void* dy, void* dx, void* dgamma,
                                   void* dbeta) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_params(device, format, p), channels = p->channels;
    check::disjoint(
        {check::optional_array(dx, elements, format, "dx"), check::optional_array(dgamma, channels, format, "dgamma"),
         check::optional_array(dbeta, channels, format, "dbeta")},
        {check::array(x, elements, format, "x"), check::optional_array(gamma, channels, format, "gamma"),
         check::statistics(statistics, 4, channels), check::array(dy, elements, format, "dy")});
    if (channels == 0) return;
    if (ran_on_gpu(&Backend::gx_batch_renorm_backward, device, format, p, x, gamma, statistics, dy, dx, dgamma, dbeta))
      return;
    const double *mean = in<double>(statistics), *rstd = mean + channels, *r = rstd + channels, *d = r + channels;
    if (format == GX_FLOAT64) {
      return reference::batch_renorm_backward(*p, in<double>(x), in<double>(gamma), mean, in<double>(dy),
                                              out<double>(dx), out<double>(dgamma), out<double>(dbeta));
    }
    Workspace workspace(*device);
    double* sums = workspace.get<double>(2 * channels);
    norm::backward(
        device, norm::batch_groups(p->examples, channels, p->spatial), in<float>(x), in<float>(dy), false, sums,
        out<float>(dx), [&](int64_t c) { return mean[c]; }, [](int64_t) { return Affine(); },
        [&](int64_t c) {
          put(out<float>(dbeta), c, sums[2 * c]);
          put(out<float>(dgamma), c, sums[2 * c + 1] * rstd[c] * r[c] + sums[2 * c] * d[c]);
        },
        [&](int64_t c) -> Pullback {
          const Coefficients k(factor(in<float>(gamma), c) * r[c], rstd[c], sums[2 * c], sums[2 * c + 1],
                               p->examples * p->spatial);
          return {mean[c], k.k1, k.k2, k.k3};
        });
  });
}
