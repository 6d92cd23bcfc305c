// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/batch_norm/batch_norm.h"
#include "kernels/norm/groups.h"
#include "kernels/norm/operand.h"
#include "runtime/backend.h"

namespace gx {
namespace {

struct Operands {
  check::Range x, gamma, beta;
};

// What all four calls have in common; gives the elements of x.
Operands check_common(gx_device* device, gx_format format, const gx_batch_norm_params* p, const void* x,
                      const void* gamma, const void* beta) {
  checked(device);
  check::real(format);
  check::not_null(p, "params");
  check::epsilon(p->epsilon);
  check::activation(p->activation);
  const int64_t elements = check::image_elements(p->examples, p->channels, p->spatial);
  return {check::array(x, elements, format, "x"), check::optional_array(gamma, p->channels, format, "gamma"),
          check::optional_array(beta, p->channels, format, "beta")};
}

// There is a mean to take.
void check_values(const gx_batch_norm_params& p, int64_t least) {
  if (p.channels > 0 && p.examples * p.spatial < least) {
    fail(GX_INVALID_ARGUMENT, "examples x spatial must be at least %lld, got %lld x %lld", (long long)least,
         (long long)p.examples, (long long)p.spatial);
  }
}

int64_t elements(const gx_batch_norm_params& p) { return p.examples * p.channels * p.spatial; }

norm::Groups groups(const gx_batch_norm_params& p) { return norm::batch_groups(p.examples, p.channels, p.spatial); }

// The affine map of channel c, the same in both directions, so that a relu's gate is where its output is.
Affine affine_of(const gx_batch_norm_params& p, double mean, double rstd, const float* gamma, const float* beta,
                 int64_t c) {
  return {mean, factor(gamma, c) * rstd, offset(beta, c), p.activation == GX_NORM_RELU};
}

void train(gx_device* device, const gx_batch_norm_params& p, const float* x, const float* gamma, const float* beta,
           float* running_mean, float* running_var, float* y, double* statistics) {
  double *mean = statistics, *rstd = statistics + p.channels;
  const double count = double(p.examples * p.spatial);
  norm::forward(
      device, groups(p), x, y,
      [&](int64_t c, const norm::Moments& m) {
        mean[c] = m.mean;
        rstd[c] = rstd_of(m.variance, p.epsilon);
        if (!running_mean) return;
        running_mean[c] = float(running_mean[c] + p.momentum * (m.mean - running_mean[c]));
        running_var[c] = float(running_var[c] + p.momentum * (count / (count - 1) * m.variance - running_var[c]));
      },
      [&](int64_t c) { return affine_of(p, mean[c], rstd[c], gamma, beta, c); });
}

// mean_of(c), rstd_of(c); constant: the statistics do not depend on x.
template <class MeanOf, class RstdOf>
void pull_back(gx_device* device, const gx_batch_norm_params& p, bool constant, const float* x, const float* gamma,
               const float* beta, const float* dy, float* dx, float* dgamma, float* dbeta, MeanOf&& mean_of,
               RstdOf&& rstd_of) {
  Workspace workspace(*device);
  double* sums = workspace.get<double>(2 * p.channels);
  const int64_t count = p.examples * p.spatial;
  norm::backward(
      device, groups(p), x, dy, p.activation == GX_NORM_RELU, sums, dx, mean_of,
      [&](int64_t c) { return affine_of(p, mean_of(c), rstd_of(c), gamma, beta, c); },
      [&](int64_t c) {
        put(dbeta, c, sums[2 * c]);
        put(dgamma, c, sums[2 * c + 1] * rstd_of(c));
      },
      [&](int64_t c) -> Pullback {
        if (constant) return {mean_of(c), factor(gamma, c) * rstd_of(c), 0, 0};
        const Coefficients k(factor(gamma, c), rstd_of(c), sums[2 * c], sums[2 * c + 1], count);
        return {mean_of(c), k.k1, k.k2, k.k3};
      });
}

}  // namespace
}  // namespace gx

gx_status gx_batch_norm(gx_device* device, gx_format format, const gx_batch_norm_params* p, const void* x,
                        const void* gamma, const void* beta, void* running_mean, void* running_var, void* y,
                        void* statistics) {
  return gx::guarded([&] {
    using namespace gx;
    const Operands operands = check_common(device, format, p, x, gamma, beta);
    check::in_range(p->momentum, 0, 1, "momentum");
    if (!running_mean != !running_var) {
      fail(GX_INVALID_ARGUMENT, "running_mean and running_var must both be given or both be null, got %p and %p",
           running_mean, running_var);
    }
    check_values(*p, running_var ? 2 : 1);
    check::disjoint({check::optional_array(running_mean, p->channels, format, "running_mean"),
                     check::optional_array(running_var, p->channels, format, "running_var"),
                     check::array(y, elements(*p), format, "y"), check::statistics(statistics, 2, p->channels)},
                    {operands.x, operands.gamma, operands.beta});
    if (p->channels == 0) return;
    if (ran_on_gpu(&Backend::gx_batch_norm, device, format, p, x, gamma, beta, running_mean, running_var, y,
                   statistics))
      return;
    if (format == GX_FLOAT64) {
      return reference::batch_norm(*p, in<double>(x), in<double>(gamma), in<double>(beta), out<double>(running_mean),
                                   out<double>(running_var), out<double>(y), out<double>(statistics));
    }
    train(device, *p, in<float>(x), in<float>(gamma), in<float>(beta), out<float>(running_mean),
          out<float>(running_var), out<float>(y), out<double>(statistics));
  });
}

gx_status gx_batch_norm_backward(gx_device* device, gx_format format, const gx_batch_norm_params* p, const void* x,
                                 const void* gamma, const void* beta, const void* statistics, const void* dy, void* dx,
                                 void* dgamma, void* dbeta) {
  return gx::guarded([&] {
    using namespace gx;
    const Operands operands = check_common(device, format, p, x, gamma, beta);
    check_values(*p, 1);
    check::disjoint({check::optional_array(dx, elements(*p), format, "dx"),
                     check::optional_array(dgamma, p->channels, format, "dgamma"),
                     check::optional_array(dbeta, p->channels, format, "dbeta")},
                    {operands.x, operands.gamma, operands.beta, check::statistics(statistics, 2, p->channels),
                     check::array(dy, elements(*p), format, "dy")});
    if (p->channels == 0) return;
    if (ran_on_gpu(&Backend::gx_batch_norm_backward, device, format, p, x, gamma, beta, statistics, dy, dx, dgamma,
                   dbeta))
      return;
    const double *mean = in<double>(statistics), *rstd = mean + p->channels;
    if (format == GX_FLOAT64) {
      return reference::batch_norm_backward(*p, in<double>(x), in<double>(gamma), in<double>(beta), mean,
                                            in<double>(dy), out<double>(dx), out<double>(dgamma), out<double>(dbeta));
    }
    pull_back(
        device, *p, false, in<float>(x), in<float>(gamma), in<float>(beta), in<float>(dy), out<float>(dx),
        out<float>(dgamma), out<float>(dbeta), [=](int64_t c) { return mean[c]; }, [=](int64_t c) { return rstd[c]; });
  });
}

gx_status gx_batch_norm_evaluate(gx_device* device, gx_format format, const gx_batch_norm_params* p, const void* x,
                                 const void* gamma, const void* beta, const void* running_mean, const void* running_var,
                                 void* y) {
  return gx::guarded([&] {
    using namespace gx;
    const Operands operands = check_common(device, format, p, x, gamma, beta);
    check::disjoint(
        {check::array(y, elements(*p), format, "y")},
        {operands.x, operands.gamma, operands.beta, check::array(running_mean, p->channels, format, "running_mean"),
         check::array(running_var, p->channels, format, "running_var")});
    if (elements(*p) == 0) return;
    if (ran_on_gpu(&Backend::gx_batch_norm_evaluate, device, format, p, x, gamma, beta, running_mean, running_var, y))
      return;
    if (format == GX_FLOAT64) {
      return reference::batch_norm_evaluate(*p, in<double>(x), in<double>(gamma), in<double>(beta),
                                            in<double>(running_mean), in<double>(running_var), out<double>(y));
    }
    const float *mean = in<float>(running_mean), *var = in<float>(running_var);
    norm::evaluate(device, groups(*p), in<float>(x), out<float>(y), [&](int64_t c) {
      return affine_of(*p, mean[c], rstd_of(var[c], p->epsilon), in<float>(gamma), in<float>(beta), c);
    });
  });
}

gx_status gx_batch_norm_evaluate_backward(gx_device* device, gx_format format, const gx_batch_norm_params* p,
                                          const void* x, const void* gamma, const void* beta, const void* running_mean,
                                          const void* running_var, const void* dy, void* dx, void* dgamma,
                                          void* dbeta) {
  return gx::guarded([&] {
    using namespace gx;
    const Operands operands = check_common(device, format, p, x, gamma, beta);
    check::disjoint(
        {check::optional_array(dx, elements(*p), format, "dx"),
         check::optional_array(dgamma, p->channels, format, "dgamma"),
         check::optional_array(dbeta, p->channels, format, "dbeta")},
        {operands.x, operands.gamma, operands.beta, check::array(running_mean, p->channels, format, "running_mean"),
         check::array(running_var, p->channels, format, "running_var"), check::array(dy, elements(*p), format, "dy")});
    if (ran_on_gpu(&Backend::gx_batch_norm_evaluate_backward, device, format, p, x, gamma, beta, running_mean,
                   running_var, dy, dx, dgamma, dbeta))
      return;
    if (format == GX_FLOAT64 || elements(*p) == 0) {  // of nothing, gradients are 0
      return with_real(format, [&](auto t) {
        using T = decltype(t);
        reference::batch_norm_evaluate_backward(*p, in<T>(x), in<T>(gamma), in<T>(beta), in<T>(running_mean),
                                                in<T>(running_var), in<T>(dy), out<T>(dx), out<T>(dgamma),
                                                out<T>(dbeta));
      });
    }
    const float *mean = in<float>(running_mean), *var = in<float>(running_var);
    pull_back(
        device, *p, true, in<float>(x), in<float>(gamma), in<float>(beta), in<float>(dy), out<float>(dx),
        out<float>(dgamma), out<float>(dbeta), [=](int64_t c) { return double(mean[c]); },
        [=](int64_t c) { return rstd_of(var[c], p->epsilon); });
  });
}
