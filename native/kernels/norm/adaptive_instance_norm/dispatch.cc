// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/adaptive_instance_norm/adaptive_instance_norm.h"
#include "kernels/norm/groups.h"
#include "kernels/norm/operand.h"
#include "runtime/backend.h"

namespace gx {
namespace {

struct Sizes {
  int64_t sets, content, style;
};

Sizes check_params(gx_device* device, gx_format format, const gx_adaptive_instance_norm_params* p) {
  checked(device);
  check::real(format);
  check::not_null(p, "params");
  check::epsilon(p->epsilon);
  check::at_least(p->spatial, 1, "spatial");
  check::at_least(p->style_spatial, 1, "style_spatial");
  const int64_t content = check::image_elements(p->examples, p->channels, p->spatial);
  return {p->examples * p->channels, content, check::product(p->examples * p->channels, p->style_spatial, "style")};
}

norm::Groups groups(int64_t sets, int64_t spatial) { return norm::example_groups(1, sets, spatial, sets); }

}  // namespace
}  // namespace gx

gx_status gx_adaptive_instance_norm(gx_device* device, gx_format format, const gx_adaptive_instance_norm_params* p,
                                    const void* content, const void* style, void* y, void* statistics) {
  return gx::guarded([&] {
    using namespace gx;
    const Sizes size = check_params(device, format, p);
    check::disjoint(
        {check::array(y, size.content, format, "y"), check::statistics(statistics, 4, size.sets)},
        {check::array(content, size.content, format, "content"), check::array(style, size.style, format, "style")});
    if (size.sets == 0) return;
    if (ran_on_gpu(&Backend::gx_adaptive_instance_norm, device, format, p, content, style, y, statistics)) return;
    if (format == GX_FLOAT64) {
      return reference::adaptive_instance_norm(*p, in<double>(content), in<double>(style), out<double>(y),
                                               out<double>(statistics));
    }
    double *mean = out<double>(statistics), *rstd = mean + size.sets, *mu = rstd + size.sets, *sigma = mu + size.sets;
    norm::forward(
        device, groups(size.sets, p->style_spatial), in<float>(style), nullptr,
        [&](int64_t j, const norm::Moments& m) {
          mu[j] = m.mean;
          sigma[j] = std::sqrt(m.variance + p->epsilon);
        },
        [](int64_t) { return Affine(); });
    norm::forward(
        device, groups(size.sets, p->spatial), in<float>(content), out<float>(y),
        [&](int64_t j, const norm::Moments& m) {
          mean[j] = m.mean;
          rstd[j] = rstd_of(m.variance, p->epsilon);
        },
        [&](int64_t j) -> Affine {
          return {mean[j], sigma[j] * rstd[j], mu[j], false};
        });
  });
}

gx_status gx_adaptive_instance_norm_backward(gx_device* device, gx_format format,
                                             const gx_adaptive_instance_norm_params* p, const void* content,
                                             const void* style, const void* statistics, const void* dy, void* dcontent,
                                             void* dstyle) {
  return gx::guarded([&] {
    using namespace gx;
    const Sizes size = check_params(device, format, p);
    check::disjoint(
        {check::optional_array(dcontent, size.content, format, "dcontent"),
         check::optional_array(dstyle, size.style, format, "dstyle")},
        {check::array(content, size.content, format, "content"), check::array(style, size.style, format, "style"),
         check::statistics(statistics, 4, size.sets), check::array(dy, size.content, format, "dy")});
    if (size.sets == 0) return;
    if (ran_on_gpu(&Backend::gx_adaptive_instance_norm_backward, device, format, p, content, style, statistics, dy,
                   dcontent, dstyle))
      return;
    const double *mean = in<double>(statistics), *rstd = mean + size.sets, *mu = rstd + size.sets,
                 *sigma = mu + size.sets;
    if (format == GX_FLOAT64) {
      return reference::adaptive_instance_norm_backward(*p, in<double>(content), in<double>(style), mean,
                                                        in<double>(dy), out<double>(dcontent), out<double>(dstyle));
    }
    Workspace workspace(*device);
    double* sums = workspace.get<double>(2 * size.sets);
    norm::backward(
        device, groups(size.sets, p->spatial), in<float>(content), in<float>(dy), false, sums, out<float>(dcontent),
        [&](int64_t j) { return mean[j]; }, [](int64_t) { return Affine(); }, [](int64_t) {},
        [&](int64_t j) -> Pullback {
          const Coefficients k(sigma[j], rstd[j], sums[2 * j], sums[2 * j + 1], p->spatial);
          return {mean[j], k.k1, k.k2, k.k3};
        });
    if (!dstyle) return;
    const double count = double(p->style_spatial);
    norm::evaluate(device, groups(size.sets, p->style_spatial), in<float>(style), out<float>(dstyle),
                   [&](int64_t j) -> Affine {
                     const double of_sigma = sums[2 * j + 1] * rstd[j];
                     return {mu[j], of_sigma / (sigma[j] * count), sums[2 * j] / count, false};
                   });
  });
}
