// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/norm/groups.h"
#include "kernels/norm/operand.h"
#include "kernels/norm/weight_norm/weight_norm.h"
#include "runtime/backend.h"

namespace gx {
namespace {

int64_t check_sizes(gx_device* device, gx_format format, int64_t rows, int64_t units) {
  checked(device);
  check::real(format);
  check::at_least(rows, 0, "rows");
  check::at_least(units, 1, "units");
  return check::product(rows, units, "v");
}

norm::Groups groups(int64_t rows, int64_t units) { return norm::example_groups(1, rows, units, rows); }

}  // namespace
}  // namespace gx

gx_status gx_weight_norm(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* v, const void* g,
                         void* w, void* norms) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_sizes(device, format, rows, units);
    check::disjoint({check::array(w, elements, format, "w"), check::array(norms, rows, GX_FLOAT64, "norms")},
                    {check::array(v, elements, format, "v"), check::array(g, rows, format, "g")});
    if (rows == 0) return;
    if (ran_on_gpu(&Backend::gx_weight_norm, device, format, rows, units, v, g, w, norms)) return;
    double* norm_of = out<double>(norms);
    if (format == GX_FLOAT64) {
      return reference::weight_norm(rows, units, in<double>(v), in<double>(g), out<double>(w), norm_of);
    }
    const SliceKernels& kernels = slice_kernels();
    const norm::Groups rows_of = groups(rows, units);
    norm::each_group(device, rows_of, [&](int64_t r) {
      double sums[2];
      kernels.moments(rows_of.slice, in<float>(v) + r * units, 0, sums);
      norm_of[r] = std::sqrt(sums[1]);
      kernels.affine(rows_of.slice, in<float>(v) + r * units, Affine(0, in<float>(g)[r] / norm_of[r], 0, false),
                     out<float>(w) + r * units, false);
    });
  });
}

gx_status gx_weight_norm_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* v,
                                  const void* g, const void* norms, const void* dw, void* dv, void* dg) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t elements = check_sizes(device, format, rows, units);
    check::disjoint({check::optional_array(dv, elements, format, "dv"), check::optional_array(dg, rows, format, "dg")},
                    {check::array(v, elements, format, "v"), check::array(g, rows, format, "g"),
                     check::array(norms, rows, GX_FLOAT64, "norms"), check::array(dw, elements, format, "dw")});
    if (rows == 0) return;
    if (ran_on_gpu(&Backend::gx_weight_norm_backward, device, format, rows, units, v, g, norms, dw, dv, dg)) return;
    const double* norm_of = in<double>(norms);
    if (format == GX_FLOAT64) {
      return reference::weight_norm_backward(rows, units, in<double>(v), in<double>(g), norm_of, in<double>(dw),
                                             out<double>(dv), out<double>(dg));
    }
    Workspace workspace(*device);
    double* sums = workspace.get<double>(2 * rows);
    norm::backward(
        device, groups(rows, units), in<float>(v), in<float>(dw), false, sums, out<float>(dv),
        [](int64_t) { return 0.0; }, [](int64_t) { return Affine(); },
        [&](int64_t r) { put(out<float>(dg), r, sums[2 * r + 1] / norm_of[r]); },
        [&](int64_t r) -> Pullback {
          const double scale = in<float>(g)[r] / norm_of[r];
          return {0, scale, -scale * sums[2 * r + 1] / (norm_of[r] * norm_of[r]), 0};
        });
  });
}
