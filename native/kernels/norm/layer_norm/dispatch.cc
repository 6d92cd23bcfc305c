// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/norm/groups.h"
#include "kernels/norm/layer_norm/layer_norm.h"
#include "kernels/norm/operand.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                            \
  namespace isa {                                                                                                      \
  void op##_forward(int64_t, const float*, double, double, const float*, const float*, float*);                        \
  void op##_backward(int64_t, int64_t, const float*, const double*, const double*, const float*, const float*, float*, \
                     double*, double*);                                                                                \
  }
#include "kernels/norm/layer_norm/kernels.inc"
#undef GX_KERNEL

namespace {

const LayerNormKernels kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_forward, isa::op##_backward},
#include "kernels/norm/layer_norm/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kParts = 32;  // of the rows, each with its own column sums: enough for many threads

int64_t check_sizes(gx_device* device, gx_format format, int64_t rows, int64_t units) {
  checked(device);
  check::real(format);
  check::at_least(rows, 0, "rows");
  check::at_least(units, 1, "units");
  return check::product(rows, units, "x");
}

void forward(gx_device* device, int64_t rows, int64_t units, double epsilon, const float* x, const float* gamma,
             const float* beta, float* y, double* statistics) {
  const SliceKernels& slices = slice_kernels();
  const LayerNormKernels& kernels = first_usable(kVariants);
  const norm::Groups groups = norm::example_groups(1, rows, units, rows);
  norm::each_group(device, groups, [&](int64_t r) {
    const float* row = x + r * units;
    double sums[2];
    slices.moments(groups.slice, row, row[0], sums);
    const norm::Moments m(sums, row[0], units);
    statistics[r] = m.mean;
    statistics[rows + r] = rstd_of(m.variance, epsilon);
    kernels.forward(units, row, statistics[r], statistics[rows + r], gamma, beta, y + r * units);
  });
}

void backward(gx_device* device, int64_t rows, int64_t units, const float* x, const float* gamma,
              const double* statistics, const float* dy, float* dx, float* dgamma, float* dbeta) {
  const LayerNormKernels& kernels = first_usable(kVariants);
  // Parts of whole blocks. Their number depends on the sizes alone, and a part is worth its column sums.
  const int64_t blocks = (rows + kLayerNormBlock - 1) / kLayerNormBlock;
  const int64_t per_part = std::max<int64_t>(blocks / kParts + (blocks % kParts != 0), 4),
                part_rows = per_part * kLayerNormBlock;
  const int64_t parts = (blocks + per_part - 1) / per_part;
  Workspace workspace(*device);
  double* of_beta = dbeta ? workspace.get<double>(parts * units) : nullptr;
  double* of_gamma = dgamma ? workspace.get<double>(parts * units) : nullptr;
  parallel_for(device->threads, parts, [&](int64_t part, int) {
    double *s = of_beta ? of_beta + part * units : nullptr, *q = of_gamma ? of_gamma + part * units : nullptr;
    if (s) std::fill(s, s + units, 0.0);
    if (q) std::fill(q, q + units, 0.0);
    const int64_t end = std::min(rows, (part + 1) * part_rows);
    for (int64_t r = part * part_rows; r < end; r += kLayerNormBlock) {
      kernels.backward(std::min(kLayerNormBlock, end - r), units, x + r * units, statistics + r, statistics + rows + r,
                       gamma, dy + r * units, dx ? dx + r * units : nullptr, s, q);
    }
  });
  const auto fold = [&](const double* sums, float* gradient) {
    for (int64_t i = 0; gradient && i < units; ++i) {
      double total = 0;
      for (int64_t part = 0; part < parts; ++part) total += sums[part * units + i];
      gradient[i] = float(total);
    }
  };
  fold(of_beta, dbeta);
  fold(of_gamma, dgamma);
}

}  // namespace

const LayerNormKernels* layer_norm_kernels(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_layer_norm(gx_device* device, gx_format format, int64_t rows, int64_t units, double epsilon, const void* x,
                        const void* gamma, const void* beta, void* y, void* statistics) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_sizes(device, format, rows, units);
    check::epsilon(epsilon);
    check::disjoint({check::array(y, elements, format, "y"), check::statistics(statistics, 2, rows)},
                    {check::array(x, elements, format, "x"), check::optional_array(gamma, units, format, "gamma"),
                     check::optional_array(beta, units, format, "beta")});
    if (rows == 0) return;
    if (format == GX_FLOAT64) {
      return reference::layer_norm(rows, units, epsilon, in<double>(x), in<double>(gamma), in<double>(beta),
                                   out<double>(y), out<double>(statistics));
    }
    forward(device, rows, units, epsilon, in<float>(x), in<float>(gamma), in<float>(beta), out<float>(y),
            out<double>(statistics));
  });
}

gx_status gx_layer_norm_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x,
                                 const void* gamma, const void* statistics, const void* dy, void* dx, void* dgamma,
                                 void* dbeta) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_sizes(device, format, rows, units);
    check::disjoint(
        {check::optional_array(dx, elements, format, "dx"), check::optional_array(dgamma, units, format, "dgamma"),
         check::optional_array(dbeta, units, format, "dbeta")},
        {check::array(x, elements, format, "x"), check::optional_array(gamma, units, format, "gamma"),
         check::statistics(statistics, 2, rows), check::array(dy, elements, format, "dy")});
    if (format == GX_FLOAT64) {
      return reference::layer_norm_backward(rows, units, in<double>(x), in<double>(gamma), in<double>(statistics),
                                            in<double>(dy), out<double>(dx), out<double>(dgamma), out<double>(dbeta));
    }
    backward(device, rows, units, in<float>(x), in<float>(gamma), in<double>(statistics), in<float>(dy), out<float>(dx),
             out<float>(dgamma), out<float>(dbeta));
  });
}
