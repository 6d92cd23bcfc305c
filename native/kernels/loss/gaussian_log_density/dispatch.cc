// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/loss/gaussian_log_density/gaussian_log_density.h"
#include "kernels/loss/rows.h"
#include "kernels/loss/variant.h"
#include "runtime/backend.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                          \
  namespace isa {                                                                                    \
  double op##_##variant(const GaussianLogDensity<float>&, int64_t, int64_t, int64_t);                \
  void op##_backward_##variant(const GaussianLogDensity<float>&, int64_t, int64_t, int64_t, int64_t, \
                               const GaussianSums&);                                                 \
  }
#include "kernels/loss/gaussian_log_density/kernels.inc"
#undef GX_KERNEL

namespace {

const GaussianLogDensityVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/loss/gaussian_log_density/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kSumSpan = 1 << 9;          // units of a part whose rows are summed
constexpr int64_t kElementsOfPart = 1 << 14;  // its rows times its units

void check_extent(gx_extent extent, const char* name) { check::in_range(check::number_in(extent), 0, 2, name); }

int64_t size_of(gx_extent extent, int64_t rows, int64_t units) {
  return extent == GX_EACH ? check::product(rows, units, "x") : extent == GX_PER_UNIT ? units : 1;
}

void check_shape(int64_t rows, int64_t units, gx_extent mean_extent, gx_extent logvar_extent) {
  check::at_least(rows, 0, "rows");
  check::at_least(units, 0, "units");
  check_extent(mean_extent, "the extent of mean");
  check_extent(logvar_extent, "the extent of logvar");
}

// The parts' sums of one operand, and their sum over the parts in order.
class SharedGradient {
 public:
  SharedGradient(Workspace& workspace, gx_extent extent, float* gradient, int64_t chunks, int64_t units, int64_t spans)
      : extent_(extent), gradient_(gradient), chunks_(chunks), units_(units), spans_(spans) {
    padded_ = (units + 15) / 16 * 16;
    if (!gradient || extent == GX_EACH) return;
    sums_ = workspace.get<double>(extent == GX_PER_UNIT ? chunks * padded_ : chunks * spans);
  }
  double* part(int64_t chunk, int64_t span, int64_t first) const {
    if (!sums_) return nullptr;
    return sums_ + (extent_ == GX_PER_UNIT ? chunk * padded_ + first : chunk * spans_ + span);
  }
  void finish() const {
    if (!sums_) return;
    if (extent_ == GX_SHARED) {
      double sum = 0;
      for (int64_t i = 0; i < chunks_ * spans_; ++i) sum += sums_[i];
      gradient_[0] = float(sum);
      return;
    }
    for (int64_t i = 0; i < units_; ++i) {
      double sum = 0;
      for (int64_t c = 0; c < chunks_; ++c) sum += sums_[c * padded_ + i];
      gradient_[i] = float(sum);
    }
  }

 private:
  gx_extent extent_;
  float* gradient_;
  int64_t chunks_, units_, spans_, padded_;
  double* sums_ = nullptr;
};

}  // namespace

const GaussianLogDensityVariant* gaussian_log_density_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void gaussian_log_density(const GaussianLogDensityVariant& variant, gx_device& device,
                          const GaussianLogDensity<float>& a) {
  row_sums(device, device.threads, a.rows, a.units, kLossSpan, a.out,
           [&](int64_t row, int64_t first, int64_t count, int) { return variant.forward(a, row, first, count); });
}

void gaussian_log_density_backward(const GaussianLogDensityVariant& variant, gx_device& device,
                                   const GaussianLogDensity<float>& a) {
  const int64_t spans = (a.units + kSumSpan - 1) / kSumSpan;
  const int64_t rows_of_chunk = std::max<int64_t>(1, kElementsOfPart / std::clamp<int64_t>(a.units, 1, kSumSpan));
  const int64_t chunks = (a.rows + rows_of_chunk - 1) / rows_of_chunk;
  Workspace workspace(device);
  const SharedGradient mean(workspace, a.mean_extent, a.dmean, chunks, a.units, spans);
  const SharedGradient logvar(workspace, a.logvar_extent, a.dlogvar, chunks, a.units, spans);
  parallel_for(device.threads, chunks * spans, [&](int64_t item, int) {
    const int64_t chunk = item / spans, span = item % spans, first = span * kSumSpan;
    const int64_t row0 = chunk * rows_of_chunk, row1 = std::min(a.rows, row0 + rows_of_chunk);
    variant.backward(a, row0, row1, first, std::min(kSumSpan, a.units - first),
                     {mean.part(chunk, span, first), logvar.part(chunk, span, first)});
  });
  mean.finish();
  logvar.finish();
}

}  // namespace gx

gx_status gx_gaussian_log_density(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                  gx_extent mean_extent, gx_extent logvar_extent, const void* x, const void* mean,
                                  const void* logvar, void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check_shape(rows, units, mean_extent, logvar_extent);
    check::disjoint({check::array(out, rows, format, "out")},
                    {check::array(x, check::product(rows, units, "x"), format, "x"),
                     check::array(mean, size_of(mean_extent, rows, units), format, "mean"),
                     check::array(logvar, size_of(logvar_extent, rows, units), format, "logvar")});
    if (ran_on_gpu(&Backend::gx_gaussian_log_density, device, format, rows, units, mean_extent, logvar_extent, x, mean,
                   logvar, out))
      return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      GaussianLogDensity<T> a = {};
      a.rows = rows, a.units = units, a.mean_extent = mean_extent, a.logvar_extent = logvar_extent;
      a.x = static_cast<const T*>(x), a.mean = static_cast<const T*>(mean), a.logvar = static_cast<const T*>(logvar);
      a.out = static_cast<T*>(out);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::gaussian_log_density(a);
      } else {
        gaussian_log_density(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_gaussian_log_density_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                           gx_extent mean_extent, gx_extent logvar_extent, const void* x,
                                           const void* mean, const void* logvar, const void* dy, void* dx, void* dmean,
                                           void* dlogvar) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check_shape(rows, units, mean_extent, logvar_extent);
    const int64_t size = check::product(rows, units, "x");
    const int64_t means = size_of(mean_extent, rows, units), logvars = size_of(logvar_extent, rows, units);
    check::disjoint(
        {check::optional_array(dx, size, format, "dx"), check::optional_array(dmean, means, format, "dmean"),
         check::optional_array(dlogvar, logvars, format, "dlogvar")},
        {check::array(x, size, format, "x"), check::array(mean, means, format, "mean"),
         check::array(logvar, logvars, format, "logvar"), check::array(dy, rows, format, "dy")});
    if (ran_on_gpu(&Backend::gx_gaussian_log_density_backward, device, format, rows, units, mean_extent, logvar_extent,
                   x, mean, logvar, dy, dx, dmean, dlogvar))
      return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      GaussianLogDensity<T> a = {};
      a.rows = rows, a.units = units, a.mean_extent = mean_extent, a.logvar_extent = logvar_extent;
      a.x = static_cast<const T*>(x), a.mean = static_cast<const T*>(mean), a.logvar = static_cast<const T*>(logvar);
      a.dy = static_cast<const T*>(dy);
      a.dx = static_cast<T*>(dx), a.dmean = static_cast<T*>(dmean), a.dlogvar = static_cast<T*>(dlogvar);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::gaussian_log_density_backward(a);
      } else {
        gaussian_log_density_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
