// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/norm/groups.h"
#include "kernels/norm/layer_norm/layer_norm.h"
#include "kernels/norm/operand.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                      \
  namespace isa {                                                                                                \
  void op##_forward(int64_t, const float*, double, double, const float*, const float*, float*);                  \
  void op##_backward(int64_t, const float*, double, double, const float*, const float*, float*, float*, float*); \
  void op##_flush(int64_t, float*, double*);                                                                     \
  }
#include "kernels/norm/layer_norm/kernels.inc"
#undef GX_KERNEL

namespace {

const LayerNormKernels kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_forward, isa::op##_backward, isa::op##_flush},
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
  // Their number depends on the sizes alone, and a part is worth its column sums.
  const int64_t part_rows = std::max<int64_t>((rows + kParts - 1) / kParts, 16),
                parts = (rows + part_rows - 1) / part_rows;
  const int64_t padded = (units + 15) / 16 * 16;  // a vector that crosses two lines is stored at half speed
  const bool sums = dgamma || dbeta;
  Workspace workspace(*device);
  double* of_beta = sums ? workspace.get<double>(parts * units) : nullptr;
  double* of_gamma = sums ? workspace.get<double>(parts * units) : nullptr;
  float* blocks = sums ? workspace.get<float>(2 * parts * padded) : nullptr;
  parallel_for(device->threads, parts, [&](int64_t part, int) {
    float *block_dy = nullptr, *block_dy_x = nullptr;
    double *s = nullptr, *q = nullptr;
    if (sums) {
      block_dy = blocks + 2 * part * padded;
      block_dy_x = block_dy + padded;
      std::fill(block_dy, block_dy + 2 * padded, 0.0f);
      s = of_beta + part * units;
      q = of_gamma + part * units;
      std::fill(s, s + units, 0.0);
      std::fill(q, q + units, 0.0);
    }
    const int64_t begin = part * part_rows, end = std::min(rows, begin + part_rows);
    for (int64_t r = begin; r < end; ++r) {
      kernels.backward(units, x + r * units, statistics[r], statistics[rows + r], gamma, dy + r * units,
                       dx ? dx + r * units : nullptr, block_dy, block_dy_x);
      if (sums && ((r + 1 - begin) % kLayerNormBlock == 0 || r + 1 == end)) {
        kernels.flush(units, block_dy, s);
        kernels.flush(units, block_dy_x, q);
      }
    }
  });
  const auto fold = [&](double* sums, float* gradient) {
    if (!gradient) return;
    for (int64_t part = 1; part < parts; ++part) {
      for (int64_t i = 0; i < units; ++i) sums[i] += sums[part * units + i];
    }
    for (int64_t i = 0; i < units; ++i) gradient[i] = parts > 0 ? float(sums[i]) : 0;
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
    if (ran_on_gpu(&Backend::gx_layer_norm, device, format, rows, units, epsilon, x, gamma, beta, y, statistics))
      return;
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
    if (ran_on_gpu(&Backend::gx_layer_norm_backward, device, format, rows, units, x, gamma, statistics, dy, dx, dgamma,
                   dbeta))
      return;
    if (format == GX_FLOAT64) {
      return reference::layer_norm_backward(rows, units, in<double>(x), in<double>(gamma), in<double>(statistics),
                                            in<double>(dy), out<double>(dx), out<double>(dgamma), out<double>(dbeta));
    }
    backward(device, rows, units, in<float>(x), in<float>(gamma), in<double>(statistics), in<float>(dy), out<float>(dx),
             out<float>(dgamma), out<float>(dbeta));
  });
}
