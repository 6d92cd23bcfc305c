// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A thread takes a channel: the reference batch as one slice, each other example as one.

#include "kernels/norm/groups.h"
#include "kernels/norm/operand.h"
#include "kernels/norm/reference_batch_norm/reference_batch_norm.h"
#include "runtime/backend.h"

namespace gx {
namespace {

// Gives the elements of x.
int64_t check_params(gx_device* device, gx_format format, const gx_reference_batch_norm_params* p) {
  checked(device);
  check::real(format);
  check::not_null(p, "params");
  check::epsilon(p->epsilon);
  check::at_least(p->references, 1, "references");
  check::at_least(p->examples, p->references, "examples");
  check::at_least(p->spatial, 1, "spatial");
  return check::image_elements(p->examples, p->channels, p->spatial);
}

// A channel's parts.
struct Parts {
  Parts(const gx_reference_batch_norm_params& p, int64_t c)
      : reference{p.references, p.spatial, p.channels * p.spatial}, live{1, p.spatial, p.spatial}, p_(p), c_(c) {}
  int64_t live_examples() const { return p_.examples - p_.references; }
  int64_t at(int64_t live_example) const { return ((p_.references + live_example) * p_.channels + c_) * p_.spatial; }
  int64_t at() const { return c_ * p_.spatial; }
  // Of the statistics: set 0 is the reference batch.
  int64_t set(int64_t s) const { return s * p_.channels + c_; }

  Slice reference, live;

 private:
  const gx_reference_batch_norm_params& p_;
  int64_t c_;
};

int64_t sets(const gx_reference_batch_norm_params& p) { return 1 + p.examples - p.references; }

void forward(gx_device* device, const gx_reference_batch_norm_params& p, const float* x, const float* gamma,
             const float* beta, float* y, double* mean, double* rstd) {
  const SliceKernels& kernels = slice_kernels();
  const double w = 1 / double(p.references + 1);
  parallel_for(device->threads, p.channels, [&](int64_t c, int) {
    const Parts parts(p, c);
    const auto moments = [&](const Slice& slice, int64_t at) {
      double sums[2];
      kernels.moments(slice, x + at, x[at], sums);
      return norm::Moments(sums, x[at], slice.segments * slice.length);
    };
    const auto normalise = [&](int64_t set, const Slice& slice, int64_t at, double of_mean, double variance) {
      mean[parts.set(set)] = of_mean;
      rstd[parts.set(set)] = rstd_of(variance, p.epsilon);
      const Affine f(of_mean, factor(gamma, c) * rstd[parts.set(set)], offset(beta, c), false);
      kernels.affine(slice, x + at, f, y + at, false);
    };
    const norm::Moments reference = moments(parts.reference, parts.at());
    normalise(0, parts.reference, parts.at(), reference.mean, reference.variance);
    for (int64_t n = 0; n < parts.live_examples(); ++n) {
      const norm::Moments own = moments(parts.live, parts.at(n));
      const double apart = own.mean - reference.mean;
      normalise(1 + n, parts.live, parts.at(n), reference.mean + w * apart,
                w * own.variance + (1 - w) * reference.variance + w * (1 - w) * apart * apart);
    }
  });
}

void backward(gx_device* device, const gx_reference_batch_norm_params& p, const float* x, const float* gamma,
              const double* mean, const double* rstd, const float* dy, float* dx, float* dgamma, float* dbeta) {
  const SliceKernels& kernels = slice_kernels();
  const double w = 1 / double(p.references + 1);
  parallel_for(device->threads, p.channels, [&](int64_t c, int) {
    const Parts parts(p, c);
    const double g = factor(gamma, c);
    double of_beta = 0, of_gamma = 0, sums[2];
    const auto sums_of = [&](int64_t set, const Slice& slice, int64_t at) {
      kernels.gradient_sums(slice, x + at, dy + at, mean[parts.set(set)], nullptr, sums);
      of_beta += sums[0];
      of_gamma += sums[1] * rstd[parts.set(set)];
      return Coefficients(g, rstd[parts.set(set)], sums[0], sums[1], slice.segments * slice.length);
    };
    const auto pull = [&](int64_t set, const Slice& slice, int64_t at, double k1, double k2, double k3) {
      if (!dx) return;
      kernels.pullback(slice, x + at, dy + at, nullptr, Pullback(mean[parts.set(set)], k1, k2, k3), dx + at, false);
    };
    // k2 and k3 are what one element of a set owes to its variance and mean: times the elements of an example and its
    // weight, the example's; the rest goes to the reference batch.
    double of_reference = 0, of_reference_x = 0;
    const double reference_mean = mean[parts.set(0)];
    for (int64_t n = 0; n < parts.live_examples(); ++n) {
      const Coefficients k = sums_of(1 + n, parts.live, parts.at(n));
      pull(1 + n, parts.live, parts.at(n), k.k1, w * k.k2, w * k.k3);
      const double rest = (1 - w) * double(p.spatial);
      of_reference_x += rest * k.k2;
      of_reference += rest * (k.k3 + k.k2 * (reference_mean - mean[parts.set(1 + n)]));
    }
    const Coefficients k = sums_of(0, parts.reference, parts.at());
    const double count = double(p.references * p.spatial);
    pull(0, parts.reference, parts.at(), k.k1, k.k2 + of_reference_x / count, k.k3 + of_reference / count);
    put(dgamma, c, of_gamma);
    put(dbeta, c, of_beta);
  });
}

}  // namespace
}  // namespace gx

gx_status gx_reference_batch_norm(gx_device* device, gx_format format, const gx_reference_batch_norm_params* p,
                                  const void* x, const void* gamma, const void* beta, void* y, void* statistics) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_params(device, format, p);
    check::disjoint({check::array(y, elements, format, "y"),
                     check::statistics(statistics, 2, check::product(sets(*p), p->channels, "statistics"))},
                    {check::array(x, elements, format, "x"), check::optional_array(gamma, p->channels, format, "gamma"),
                     check::optional_array(beta, p->channels, format, "beta")});
    if (elements == 0) return;
    if (ran_on_gpu(&Backend::gx_reference_batch_norm, device, format, p, x, gamma, beta, y, statistics)) return;
    double *mean = out<double>(statistics), *rstd = mean + sets(*p) * p->channels;
    if (format == GX_FLOAT64) {
      return reference::reference_batch_norm(*p, in<double>(x), in<double>(gamma), in<double>(beta), out<double>(y),
                                             mean);
    }
    forward(device, *p, in<float>(x), in<float>(gamma), in<float>(beta), out<float>(y), mean, rstd);
  });
}

gx_status gx_reference_batch_norm_backward(gx_device* device, gx_format format, const gx_reference_batch_norm_params* p,
                                           const void* x, const void* gamma, const void* statistics, const void* dy,
                                           void* dx, void* dgamma, void* dbeta) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_params(device, format, p);
    check::disjoint({check::optional_array(dx, elements, format, "dx"),
                     check::optional_array(dgamma, p->channels, format, "dgamma"),
                     check::optional_array(dbeta, p->channels, format, "dbeta")},
                    {check::array(x, elements, format, "x"), check::optional_array(gamma, p->channels, format, "gamma"),
                     check::statistics(statistics, 2, check::product(sets(*p), p->channels, "statistics")),
                     check::array(dy, elements, format, "dy")});
    if (elements == 0) return;
    if (ran_on_gpu(&Backend::gx_reference_batch_norm_backward, device, format, p, x, gamma, statistics, dy, dx, dgamma,
                   dbeta))
      return;
    const double *mean = in<double>(statistics), *rstd = mean + sets(*p) * p->channels;
    if (format == GX_FLOAT64) {
      return reference::reference_batch_norm_backward(*p, in<double>(x), in<double>(gamma), mean, in<double>(dy),
                                                      out<double>(dx), out<double>(dgamma), out<double>(dbeta));
    }
    backward(device, *p, in<float>(x), in<float>(gamma), mean, rstd, in<float>(dy), out<float>(dx), out<float>(dgamma),
             out<float>(dbeta));
  });
}
