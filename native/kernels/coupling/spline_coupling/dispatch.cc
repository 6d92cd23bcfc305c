// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/coupling/check.h"
#include "kernels/coupling/spline_coupling/spline_coupling.h"
#include "runtime/backend.h"
#include "runtime/row_spans.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                      \
  namespace isa {                                                                                \
  void op##_##variant(const SplineCoupling<float>&, const SplinePart&, double* log_det, float*); \
  void op##_backward_##variant(const SplineCoupling<float>&, const SplinePart&);                 \
  }
#include "kernels/coupling/spline_coupling/kernels.inc"
#undef GX_KERNEL

namespace {

const SplineCouplingVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/coupling/spline_coupling/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kLarge = 1 << 20;  // bytes of theta
constexpr int64_t kSpan = 512;       // changed elements of a work item, each of them some thirty exponentials

// The places of theta's numbers: three axes that nest, so that no two numbers share one. Gives how many an example
// reaches over.
int64_t check_strides(const gx_spline_coupling_params& p, const Pattern& pattern) {
  struct Axis {
    int64_t size, stride;
  };
  Axis axes[] = {
      {pattern.examples, p.parameter_stride}, {3 * p.bins - 1, p.number_stride}, {pattern.numbers(), p.unit_stride}};
  check::at_least(p.parameter_stride, 1, "parameter_stride");
  check::at_least(p.number_stride, 1, "number_stride");
  check::at_least(p.unit_stride, 1, "unit_stride");
  if (pattern.numbers() == 0) return 0;
  const auto reach = [](int64_t before, const Axis& axis) {
    int64_t all;
    if (__builtin_add_overflow(before, check::product(axis.size - 1, axis.stride, "theta"), &all)) {
      fail(GX_INVALID_ARGUMENT, "the size of theta must fit in 63 bits, got %lld + %lld x %lld", (long long)before,
           (long long)(axis.size - 1), (long long)axis.stride);
    }
    return all;
  };
  const int64_t of_example = reach(reach(1, axes[1]), axes[2]);
  std::sort(axes, axes + 3, [](const Axis& a, const Axis& b) {
    return std::make_pair(a.stride, a.size) < std::make_pair(b.stride, b.size);
  });
  int64_t inner = 1;
  for (const Axis& axis : axes) {
    if (axis.size <= 1) continue;
    if (axis.stride < inner) {
      fail(GX_INVALID_ARGUMENT,
           "no two numbers of theta may share a place: expected a stride of at least %lld for %lld steps, got %lld",
           (long long)inner, (long long)axis.size, (long long)axis.stride);
    }
    inner = reach(inner, axis);
  }
  return of_example;
}

struct Checked {
  Pattern pattern;
  check::Range theta, x, kept;
};
Checked check_spline(const gx_spline_coupling_params* params, const gx_states* kept, gx_format format, const void* x,
                     const void* theta) {
  check::not_null(params, "params");
  const gx_spline_coupling_params& p = *params;
  Checked c = {};
  c.pattern = check_coupling(p.coupling, kept);
  check::in_range(double(p.bins), 2, double(kMostSplineBins), "bins");
  check::in_range(p.bound, 1e-6, 1e6, "bound");
  check::in_range(p.min_width, 1e-6, 1, "min_width");
  if (!(double(p.bins) * p.min_width < 1)) {
    fail(GX_INVALID_ARGUMENT, "bins times min_width must be below 1, got %lld x %g", (long long)p.bins, p.min_width);
  }
  check::in_range(p.min_slope, 1e-6, 1, "min_slope");
  if (p.min_slope == 1) fail(GX_INVALID_ARGUMENT, "min_slope must be below 1, got 1");
  const int64_t numbers = check_strides(p, c.pattern);
  c.theta = check::parameter(c.pattern, theta, numbers, p.parameter_stride, format, "theta");
  c.x = check::examples(c.pattern, x, format, "x");
  if (kept) c.kept = check::range(*kept, "kept");
  return c;
}

// The elements of an example, kept ones too, that a part of its changed elements stands for.
struct Owned {
  int64_t begin, end;
};
Owned owned(const SplineCoupling<float>& a, int64_t first, int64_t count) {
  const auto element = [&](int64_t k) { return a.list ? a.list[k] : a.pattern.begin + k; };
  return {first == 0 ? 0 : element(first), first + count == a.changed ? a.pattern.size : element(first + count)};
}

void copy(const SplineCoupling<float>& a, const SplinePart& part, const float* from, float* to) {
  if (!to || from == to) return;
  const Owned range = owned(a, part.first, part.count);
  if (range.begin == 0 && range.end == a.pattern.size) {
    std::copy(from + part.row0 * a.pattern.size, from + part.row1 * a.pattern.size, to + part.row0 * a.pattern.size);
    return;
  }
  for (int64_t row = part.row0; row < part.row1; ++row) {
    const int64_t at = row * a.pattern.size;
    std::copy(from + at + range.begin, from + at + range.end, to + at + range.begin);
  }
}

// Zeros the gradients of parameters of elements that may be kept.
void clear_parameters(const SplineCoupling<float>& a, const SplinePart& part) {
  if (!a.dtheta || a.pattern.whole) return;
  const Owned range = owned(a, part.first, part.count);
  for (int64_t row = part.row0; row < part.row1; ++row) {
    float* const of_example = a.dtheta + row * a.parameter_stride;
    if (a.unit_stride < a.number_stride) {
      for (int64_t j = 0; j < 3 * a.bins - 1; ++j) {
        float* const of_number = of_example + j * a.number_stride;
        if (a.unit_stride == 1) {
          std::fill(of_number + range.begin, of_number + range.end, 0.0f);
          continue;
        }
        for (int64_t i = range.begin; i < range.end; ++i) of_number[i * a.unit_stride] = 0;
      }
    } else {
      for (int64_t i = range.begin; i < range.end; ++i) {
        for (int64_t j = 0; j < 3 * a.bins - 1; ++j) of_example[j * a.number_stride + i * a.unit_stride] = 0;
      }
    }
  }
}

// body(part, thread) for all the parts; one per example if nothing is changed.
template <class Body>
void each_part(const SplineCoupling<float>& a, int threads, Body&& body) {
  const RowSpans spans(a.pattern.examples, std::max<int64_t>(1, a.changed), kSpan);
  parallel_for(threads, spans.items(), [&](int64_t item, int thread) {
    spans.whole(item, [&](int64_t row0, int64_t row1, int64_t first, int64_t count) {
      body(SplinePart{row0, row1, first, std::min(count, a.changed)}, thread);
    });
  });
}

}  // namespace

template <class T>
SplineCoupling<T> spline_coupling_arguments(const gx_spline_coupling_params& p, const gx_states* kept,
                                            Workspace& workspace) {
  const Pattern pattern = check_coupling(p.coupling, kept);
  SplineCoupling<T> a = {};
  a.pattern = with_bits(pattern, p.coupling, kept, workspace);
  a.changed = pattern.numbers();
  if (!pattern.whole) {
    int64_t* const list = workspace.get<int64_t>(a.changed);
    a.changed = 0;
    for (int64_t e = pattern.begin; e < pattern.end; ++e) {
      if (changes(a.pattern, e)) list[a.changed++] = e;
    }
    a.list = list;
  }
  a.bins = p.bins, a.bound = p.bound, a.min_width = p.min_width, a.min_slope = p.min_slope;
  a.offset = std::log(std::expm1(1 - p.min_slope));
  a.parameter_stride = p.parameter_stride, a.number_stride = p.number_stride, a.unit_stride = p.unit_stride;
  a.inverse = p.inverse != 0;
  a.large = a.pattern.examples * a.changed * (3 * p.bins - 1) * int64_t(sizeof(T)) >= kLarge;
  return a;
}

template SplineCoupling<float> spline_coupling_arguments<float>(const gx_spline_coupling_params&, const gx_states*,
                                                                Workspace&);
template SplineCoupling<double> spline_coupling_arguments<double>(const gx_spline_coupling_params&, const gx_states*,
                                                                  Workspace&);

const SplineCouplingVariant* spline_coupling_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void spline_coupling(const SplineCouplingVariant& variant, gx_device& device, const SplineCoupling<float>& a) {
  const int threads = device.threads;  // read once: scratch is theirs
  Workspace workspace(device);
  const int64_t parts = std::max<int64_t>(1, (a.changed + kSpan - 1) / kSpan), examples = a.pattern.examples;
  double* const sums = workspace.get<double>(examples * parts);
  float* const terms = workspace.get<float>(threads * kSpan);
  each_part(a, threads, [&](const SplinePart& part, int thread) {
    copy(a, part, a.x, a.y);
    // Of several rows each is one part.
    variant.forward(a, part, sums + part.row0 * parts + part.first / kSpan, terms + thread * kSpan);
  });
  for (int64_t n = 0; a.log_det_out && n < examples; ++n) {
    double sum = a.log_det_in ? a.log_det_in[n] : 0;
    for (int64_t p = 0; p < parts; ++p) sum += sums[n * parts + p];
    a.log_det_out[n] = sum;
  }
}

void spline_coupling_backward(const SplineCouplingVariant& variant, gx_device& device, const SplineCoupling<float>& a) {
  each_part(a, device.threads, [&](const SplinePart& part, int) {
    copy(a, part, a.dy, a.dx);
    clear_parameters(a, part);
    variant.backward(a, part);
  });
}

}  // namespace gx

gx_status gx_spline_coupling(gx_device* device, gx_format format, const gx_spline_coupling_params* params,
                             const gx_states* kept, const void* x, const void* theta, const double* log_det_in, void* y,
                             double* log_det_out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Checked c = check_spline(params, kept, format, x, theta);
    const check::Range to = check::examples(c.pattern, y, format, "y");
    const check::Range in = check::log_det(c.pattern, log_det_in, "log_det_in");
    const check::Range out = check::log_det(c.pattern, log_det_out, "log_det_out");
    check::disjoint({to, out}, {c.theta, c.kept});
    check::same_or_disjoint(to, c.x);
    check::same_or_disjoint(out, in);
    check::disjoint(to, in);
    check::disjoint(out, c.x);
    if (ran_on_gpu(&Backend::gx_spline_coupling, device, format, params, kept, x, theta, log_det_in, y, log_det_out)) {
      return;
    }
    with_real(format, [&](auto t) {
      using T = decltype(t);
      Workspace workspace(*device);
      SplineCoupling<T> a = spline_coupling_arguments<T>(*params, kept, workspace);
      a.x = static_cast<const T*>(x), a.theta = static_cast<const T*>(theta);
      a.log_det_in = log_det_in, a.log_det_out = log_det_out;
      a.y = static_cast<T*>(y);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::spline_coupling(a);
      } else {
        spline_coupling(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_spline_coupling_backward(gx_device* device, gx_format format, const gx_spline_coupling_params* params,
                                      const gx_states* kept, const void* x, const void* theta, const void* dy,
                                      const double* dlog_det, void* dx, void* dtheta) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Checked c = check_spline(params, kept, format, x, theta);
    const check::Range from = check::examples(c.pattern, dy, format, "dy");
    const check::Range by_log_det = check::log_det(c.pattern, dlog_det, "dlog_det");
    const check::Range to = check::optional_array(dx, c.pattern.examples * c.pattern.size, format, "dx");
    const check::Range gradient = {check::optional_array(dtheta, 0, format, "dtheta").data, c.theta.bytes, "dtheta"};
    check::disjoint({to, gradient}, {c.x, c.theta, c.kept, by_log_det});
    check::same_or_disjoint(to, from);
    check::disjoint(gradient, from);
    if (ran_on_gpu(&Backend::gx_spline_coupling_backward, device, format, params, kept, x, theta, dy, dlog_det, dx,
                   dtheta)) {
      return;
    }
    with_real(format, [&](auto t) {
      using T = decltype(t);
      Workspace workspace(*device);
      SplineCoupling<T> a = spline_coupling_arguments<T>(*params, kept, workspace);
      a.x = static_cast<const T*>(x), a.theta = static_cast<const T*>(theta);
      a.dy = static_cast<const T*>(dy), a.dlog_det = dlog_det;
      a.dx = static_cast<T*>(dx), a.dtheta = static_cast<T*>(dtheta);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::spline_coupling_backward(a);
      } else {
        spline_coupling_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
