// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/loss/mmd/mmd.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                        \
  namespace isa {                                                                                  \
  double op##_##variant(const MmdPair&, int64_t, int64_t, double*);                                \
  void op##_backward_##variant(const MmdPair&, double, double, int64_t, int64_t, double*, float*); \
  }
#include "kernels/loss/mmd/kernels.inc"
#undef GX_KERNEL

namespace {

const MmdVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/loss/mmd/kernels.inc"
#undef GX_KERNEL
};

int64_t items(int64_t rows) { return (rows + kMmdRows - 1) / kMmdRows; }
double pairs(int64_t n, bool unbiased) { return double(n) * double(unbiased ? n - 1 : n); }

double* exponents(Workspace& workspace, const Mmd<float>& m) {
  double* e = workspace.get<double>(m.bandwidth_count);
  for (int64_t w = 0; w < m.bandwidth_count; ++w) e[w] = 0.5 / (m.bandwidths[w] * m.bandwidths[w]);
  return e;
}

struct Sizes {
  int64_t x, y;
};
Sizes check_params(const gx_mmd_params* params) {
  check::not_null(params, "params");
  const gx_mmd_params& p = *params;
  const int64_t least = p.unbiased ? 2 : 1;
  check::at_least(p.rows, least, "rows");
  check::at_least(p.n, least, "n");
  check::at_least(p.units, 0, "units");
  check::at_least(p.bandwidth_count, 1, "bandwidth_count");
  check::not_null(p.bandwidths, "bandwidths");
  for (int64_t w = 0; w < p.bandwidth_count; ++w) {
    check::finite(p.bandwidths[w], "a bandwidth");
    if (!(p.bandwidths[w] > 0))
      fail(GX_INVALID_ARGUMENT, "a bandwidth must be greater than 0, got %g", p.bandwidths[w]);
  }
  return {check::product(p.rows, p.units, "x"), check::product(p.n, p.units, "y")};
}

template <class T>
Mmd<T> arguments(const gx_mmd_params& p, const void* x, const void* y) {
  Mmd<T> m = {};
  m.rows = p.rows, m.n = p.n, m.units = p.units, m.bandwidth_count = p.bandwidth_count, m.bandwidths = p.bandwidths;
  m.unbiased = p.unbiased != 0;
  m.x = static_cast<const T*>(x), m.y = static_cast<const T*>(y);
  return m;
}

}  // namespace

const MmdVariant* mmd_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

// Each of the three sums takes the same steps in the same order, so that equal sets cancel to exactly 0.
void mmd(const MmdVariant& variant, gx_device& device, const Mmd<float>& m) {
  const int threads = device.threads;
  Workspace workspace(device);
  const double* e = exponents(workspace, m);
  const MmdPair xx = {m.x, m.x, m.rows, m.rows, m.units, m.bandwidth_count, e};
  const MmdPair yy = {m.y, m.y, m.n, m.n, m.units, m.bandwidth_count, e};
  const MmdPair xy = {m.x, m.y, m.rows, m.n, m.units, m.bandwidth_count, e};
  const int64_t of_x = items(m.rows), of_y = items(m.n), floats = mmd_scratch(m.units);
  double* scratch = workspace.get<double>(threads * floats);
  double* sums = workspace.get<double>(2 * of_x + of_y);  // xx, xy, yy
  parallel_for(threads, 2 * of_x + of_y, [&](int64_t item, int thread) {
    const MmdPair& pair = item < of_x ? xx : item < 2 * of_x ? xy : yy;
    const int64_t row0 = kMmdRows * (item < of_x ? item : item < 2 * of_x ? item - of_x : item - 2 * of_x);
    sums[item] = variant.forward(pair, row0, std::min(pair.na, row0 + kMmdRows), scratch + thread * floats);
  });
  double total[3] = {};
  for (int64_t i = 0; i < 2 * of_x + of_y; ++i) total[i < of_x ? 0 : i < 2 * of_x ? 1 : 2] += sums[i];
  if (m.unbiased) {  // k(a, a) = 1 for each bandwidth
    total[0] -= double(m.rows) * double(m.bandwidth_count);
    total[2] -= double(m.n) * double(m.bandwidth_count);
  }
  const double x_mean = total[0] / pairs(m.rows, m.unbiased), y_mean = total[2] / pairs(m.n, m.unbiased);
  m.out[0] = float(x_mean + y_mean - 2 * (total[1] / (double(m.rows) * double(m.n))));
}

void mmd_backward(const MmdVariant& variant, gx_device& device, const Mmd<float>& m) {
  const int threads = device.threads;
  Workspace workspace(device);
  const double* e = exponents(workspace, m);
  const int64_t floats = mmd_scratch(m.units);
  double* scratch = workspace.get<double>(threads * floats);
  const MmdPair sides[] = {{m.x, m.y, m.rows, m.n, m.units, m.bandwidth_count, e},
                           {m.y, m.x, m.n, m.rows, m.units, m.bandwidth_count, e}};
  float* const gradients[] = {m.dx, m.dy};
  const double dout = m.dout[0];
  for (int side = 0; side < 2; ++side) {
    const MmdPair& pair = sides[side];
    if (!gradients[side]) continue;
    const double own = -2 * dout / pairs(pair.na, m.unbiased), other = 2 * dout / (double(pair.na) * double(pair.nb));
    parallel_for(threads, items(pair.na), [&](int64_t item, int thread) {
      const int64_t row0 = item * kMmdRows;
      variant.backward(pair, own, other, row0, std::min(pair.na, row0 + kMmdRows), scratch + thread * floats,
                       gradients[side]);
    });
  }
}

}  // namespace gx

gx_status gx_mmd(gx_device* device, gx_format format, const gx_mmd_params* params, const void* x, const void* y,
                 void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes = check_params(params);
    check::disjoint({check::array(out, 1, format, "out")},
                    {check::array(x, sizes.x, format, "x"), check::array(y, sizes.y, format, "y")});
    if (ran_on_gpu(&Backend::gx_mmd, device, format, params, x, y, out)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      Mmd<T> m = arguments<T>(*params, x, y);
      m.out = static_cast<T*>(out);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::mmd(m);
      } else {
        mmd(first_usable(kVariants), *device, m);
      }
    });
  });
}

gx_status gx_mmd_backward(gx_device* device, gx_format format, const gx_mmd_params* params, const void* x,
                          const void* y, const void* dout, void* dx, void* dy) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes = check_params(params);
    check::disjoint(
        {check::optional_array(dx, sizes.x, format, "dx"), check::optional_array(dy, sizes.y, format, "dy")},
        {check::array(x, sizes.x, format, "x"), check::array(y, sizes.y, format, "y"),
         check::array(dout, 1, format, "dout")});
    if (ran_on_gpu(&Backend::gx_mmd_backward, device, format, params, x, y, dout, dx, dy)) return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      Mmd<T> m = arguments<T>(*params, x, y);
      m.dout = static_cast<const T*>(dout);
      m.dx = static_cast<T*>(dx), m.dy = static_cast<T*>(dy);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::mmd_backward(m);
      } else {
        mmd_backward(first_usable(kVariants), *device, m);
      }
    });
  });
}
