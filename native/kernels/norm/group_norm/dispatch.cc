// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/group_norm/group_norm.h"
#include "kernels/norm/groups.h"
#include "kernels/norm/operand.h"
#include "runtime/backend.h"

namespace gx {
namespace {

// Gives the elements of x.
int64_t check_params(gx_device* device, gx_format format, const gx_group_norm_params* p) {
  checked(device);
  check::real(format);
  check::not_null(p, "params");
  check::epsilon(p->epsilon);
  check::activation(p->activation);
  check::at_least(p->groups, 1, "groups");
  check::at_least(p->channels, 1, "channels");
  check::at_least(p->spatial, 1, "spatial");
  if (p->channels % p->groups != 0) {
    fail(GX_INVALID_ARGUMENT, "channels must be a multiple of groups, got %lld and %lld", (long long)p->channels,
         (long long)p->groups);
  }
  return check::image_elements(p->examples, p->channels, p->spatial);
}

// The statistics of slice j = (example, channel).
struct Statistics {
  double mean_of(int64_t j) const { return mean[j / per_group]; }
  double rstd_of(int64_t j) const { return rstd[j / per_group]; }
  const double *mean, *rstd;
  int64_t per_group;
};

}  // namespace
}  // namespace gx

gx_status gx_group_norm(gx_device* device, gx_format format, const gx_group_norm_params* p, const void* x,
                        const void* gamma, const void* beta, void* y, void* statistics) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_params(device, format, p), sets = p->examples * p->groups;
    check::disjoint({check::array(y, elements, format, "y"), check::statistics(statistics, 2, sets)},
                    {check::array(x, elements, format, "x"), check::optional_array(gamma, p->channels, format, "gamma"),
                     check::optional_array(beta, p->channels, format, "beta")});
    if (elements == 0) return;
    if (ran_on_gpu(&Backend::gx_group_norm, device, format, p, x, gamma, beta, y, statistics)) return;
    if (format == GX_FLOAT64) {
      return reference::group_norm(*p, in<double>(x), in<double>(gamma), in<double>(beta), out<double>(y),
                                   out<double>(statistics));
    }
    double *mean = out<double>(statistics), *rstd = mean + sets;
    const Statistics at{mean, rstd, p->channels / p->groups};
    norm::forward(
        device, norm::example_groups(p->examples, p->channels, p->spatial, p->groups), in<float>(x), out<float>(y),
        [&](int64_t set, const norm::Moments& m) {
          mean[set] = m.mean;
          rstd[set] = rstd_of(m.variance, p->epsilon);
        },
        [&](int64_t j) -> Affine {
          const int64_t c = j % p->channels;
          return {at.mean_of(j), factor(in<float>(gamma), c) * at.rstd_of(j), offset(in<float>(beta), c),
                  p->activation == GX_NORM_RELU};
        });
  });
}

gx_status gx_group_norm_backward(gx_device* device, gx_format format, const gx_group_norm_params* p, const void* x,
                                 const void* gamma, const void* beta, const void* statistics, const void* dy, void* dx,
                                 void* dgamma, void* dbeta) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_params(device, format, p), sets = p->examples * p->groups;
    check::disjoint({check::optional_array(dx, elements, format, "dx"),
                     check::optional_array(dgamma, p->channels, format, "dgamma"),
                     check::optional_array(dbeta, p->channels, format, "dbeta")},
                    {check::array(x, elements, format, "x"), check::optional_array(gamma, p->channels, format, "gamma"),
                     check::optional_array(beta, p->channels, format, "beta"), check::statistics(statistics, 2, sets),
                     check::array(dy, elements, format, "dy")});
    if (ran_on_gpu(&Backend::gx_group_norm_backward, device, format, p, x, gamma, beta, statistics, dy, dx, dgamma,
                   dbeta))
      return;
    if (format == GX_FLOAT64 || elements == 0) {  // of nothing, gradients are 0
      return with_real(format, [&](auto t) {
        using T = decltype(t);
        reference::group_norm_backward(*p, in<T>(x), in<T>(gamma), in<T>(beta), in<double>(statistics), in<T>(dy),
                                       out<T>(dx), out<T>(dgamma), out<T>(dbeta));
      });
    }
    const int64_t per_group = p->channels / p->groups, slices = p->examples * p->channels;
    const Statistics at{in<double>(statistics), in<double>(statistics) + sets, per_group};
    Workspace workspace(*device);
    double* sums = workspace.get<double>(2 * slices);  // of a slice: dy and dy (x - mean)
    double* totals = workspace.get<double>(2 * sets);  // of a set, times gamma
    const float* gammas = in<float>(gamma);
    norm::backward(
        device, norm::example_groups(p->examples, p->channels, p->spatial, p->groups), in<float>(x), in<float>(dy),
        p->activation == GX_NORM_RELU, sums, out<float>(dx), [&](int64_t j) { return at.mean_of(j); },
        [&](int64_t j) -> Affine {
          const int64_t c = j % p->channels;
          return {at.mean_of(j), factor(gammas, c) * at.rstd_of(j), offset(in<float>(beta), c), true};
        },
        [&](int64_t set) {
          totals[2 * set] = totals[2 * set + 1] = 0;
          for (int64_t j = set * per_group; j < (set + 1) * per_group; ++j) {
            totals[2 * set] += factor(gammas, j % p->channels) * sums[2 * j];
            totals[2 * set + 1] += factor(gammas, j % p->channels) * sums[2 * j + 1];
          }
        },
        [&](int64_t j) -> Pullback {
          const int64_t set = j / per_group;
          const Coefficients k(1, at.rstd_of(j), totals[2 * set], totals[2 * set + 1], per_group * p->spatial);
          return {at.mean_of(j), k.k1 * factor(gammas, j % p->channels), k.k2, k.k3};
        });
    for (int64_t c = 0; c < p->channels; ++c) {
      double of_beta = 0, of_gamma = 0;
      for (int64_t j = c; j < slices; j += p->channels) {
        of_beta += sums[2 * j];
        of_gamma += sums[2 * j + 1] * at.rstd_of(j);
      }
      put(out<float>(dgamma), c, of_gamma);
      put(out<float>(dbeta), c, of_beta);
    }
  });
}
