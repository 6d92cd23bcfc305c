// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/coupling/affine_coupling/affine_coupling.h"
#include "kernels/coupling/check.h"
#include "runtime/backend.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                        \
  namespace isa {                                                                                                  \
  void op##_##variant(const AffineCoupling<float>&, const AffineCouplingPlan&, const AffineCouplingPart&, double*, \
                      int64_t);                                                                                    \
  void op##_backward_##variant(const AffineCouplingBackward<float>&, const AffineCouplingPlan&,                    \
                               const AffineCouplingPart&, double*);                                                \
  }
#include "kernels/coupling/affine_coupling/kernels.inc"
#undef GX_KERNEL

namespace {

const AffineCouplingVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/coupling/affine_coupling/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kPart = 1 << 13;              // elements of a work item: 32 KiB of each operand
constexpr int64_t kStreamedElements = 1 << 21;  // results of more go past the caches: 8 MiB, as everywhere

// A call cut into parts of at most `span` elements of `rows` examples.
struct Parts {
  int64_t examples, size, rows, span, spans, items;

  Parts(const Pattern& p, int64_t rows_of_part, int64_t span_of_part)
      : examples(p.examples), size(p.size), rows(rows_of_part), span(span_of_part) {
    spans = (size + span - 1) / span;
    items = (examples + rows - 1) / rows * spans;
  }
  AffineCouplingPart part(int64_t item) const {
    const int64_t row = item / spans * rows, first = item % spans * span;
    return {row, std::min(examples, row + rows), first, std::min(span, size - first)};
  }
};

Parts parts_of(const Pattern& p) { return Parts(p, std::max<int64_t>(1, kPart / std::max<int64_t>(1, p.size)), kPart); }

bool on_grid(const float* p, int64_t step) { return (reinterpret_cast<uintptr_t>(p) | uintptr_t(4 * step)) % 64 == 0; }

AffineCouplingPlan plan_of(const AffineCoupling<float>& a, Workspace& workspace) {
  AffineCouplingPlan plan = {};
  const Pattern& p = a.pattern;
  if (a.amplitude && p.pixels % 32 != 0) {
    float* const each = workspace.get<float>(p.size);
    for (int64_t c = 0; c < p.channels; ++c) std::fill(each + c * p.pixels, each + (c + 1) * p.pixels, a.amplitude[c]);
    plan.amplitude_of_element = each;
  }
  return plan;
}

}  // namespace

const AffineCouplingVariant* affine_coupling_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void affine_coupling(const AffineCouplingVariant& variant, gx_device& device, const AffineCoupling<float>& a) {
  const Pattern& p = a.pattern;
  Workspace workspace(device);
  AffineCouplingPlan plan = plan_of(a, workspace);
  plan.stream = p.examples * p.size > kStreamedElements && a.x != a.y && on_grid(a.y, p.size) && p.begin % 16 == 0 &&
                p.end % 16 == 0;
  const Parts parts = parts_of(p);
  double* const sums = workspace.get<double>(p.examples * parts.spans);
  parallel_for(device.threads, parts.items, [&](int64_t item, int) {
    const AffineCouplingPart part = parts.part(item);
    variant.forward(a, plan, part, sums + part.first / parts.span, parts.spans);
  });
  for (int64_t n = 0; n < p.examples; ++n) {
    double sum = 0;
    for (int64_t i = 0; i < parts.spans; ++i) sum += sums[n * parts.spans + i];
    a.log_det_out[n] = (a.log_det_in ? a.log_det_in[n] : 0) + sum;
  }
}

void affine_coupling_backward(const AffineCouplingVariant& variant, gx_device& device,
                              const AffineCouplingBackward<float>& a) {
  const Pattern& p = a.pattern;
  Workspace workspace(device);
  AffineCouplingPlan plan = plan_of(a, workspace);
  plan.stream = p.examples * p.size > kStreamedElements && (!a.dx || a.dx != a.dy) && on_grid(a.dx, p.size) &&
                on_grid(a.ds, a.stride) && on_grid(a.dt, a.stride) && p.begin % 16 == 0 && p.end % 16 == 0;
  if (!a.damplitude) {
    const Parts parts = parts_of(p);
    return parallel_for(device.threads, parts.items,
                        [&](int64_t item, int) { variant.backward(a, plan, parts.part(item), nullptr); });
  }
  // The amplitudes' sums: of each element, when many examples share them, or of each channel that a part meets.
  const bool each = plan.amplitude_of_element;
  constexpr int64_t kSpan = 512, kRows = 32;
  const Parts parts = each ? Parts(p, kRows, kSpan) : parts_of(p);
  const int64_t count = each              ? kSpan + 16
                        : parts.spans > 1 ? parts.span / std::max<int64_t>(1, p.pixels) + 2
                                          : p.channels;
  double* const sums = workspace.get<double>(parts.items * count);
  parallel_for(device.threads, parts.items,
               [&](int64_t item, int) { variant.backward(a, plan, parts.part(item), sums + item * count); });
  double* const total = workspace.get<double>(p.channels);
  std::fill(total, total + p.channels, 0.0);
  for (int64_t item = 0; item < parts.items; ++item) {
    const AffineCouplingPart part = parts.part(item);
    const double* const from = sums + item * count;
    if (each) {
      for (int64_t i = 0; i < part.count; ++i) total[(part.first + i) / p.pixels] += from[i];
    } else {
      const int64_t channel = part.first / p.pixels, last = (part.first + part.count - 1) / p.pixels;
      for (int64_t i = channel; i <= last; ++i) total[i] += from[i - channel];
    }
  }
  for (int64_t i = 0; i < p.channels; ++i) a.damplitude[i] = float(total[i]);
}

namespace {

// The checks that both entries share, and their operands' ranges.
struct Call {
  Pattern pattern;
  check::Range x, s, t, amplitude;
};

Call check_call(gx_device* device, gx_format format, const gx_affine_coupling_params* params, const gx_states* kept,
                const void* x, const void* s, const void* t, const void* amplitude) {
  checked(device);
  check::not_null(params, "params");
  check::real(format);
  Call call = {};
  const Pattern p = call.pattern = check_coupling(params->coupling, kept);
  const int scale = check::number_in(params->scale);
  check::in_range(scale, 0, 3, "the scale");
  check::finite(params->clamp, "clamp");
  check::at_least(params->parameter_stride, p.numbers(), "parameter_stride");
  check_base(params->base);
  if (params->inverse && params->base != GX_BASE_NONE) {
    fail(GX_INVALID_ARGUMENT, "the base of an inverse must be GX_BASE_NONE (0), got %d", int(params->base));
  }
  if (scale == GX_SCALE_NONE && s) fail(GX_INVALID_ARGUMENT, "s must be null for GX_SCALE_NONE (0), got %p", s);
  if (scale != GX_SCALE_TANH && amplitude) {
    fail(GX_INVALID_ARGUMENT, "amplitude must be null but for GX_SCALE_TANH (2), got one with scale %d", scale);
  }
  call.x = check::examples(p, x, format, "x");
  if (scale != GX_SCALE_NONE) call.s = check::parameter(p, s, p.numbers(), params->parameter_stride, format, "s");
  call.t = check::parameter(p, t, p.numbers(), params->parameter_stride, format, "t");
  call.amplitude = check::optional_array(amplitude, p.channels, format, "amplitude");
  return call;
}

template <class T>
void set(AffineCoupling<T>& a, const gx_affine_coupling_params& p, const Pattern& pattern, const void* x, const void* s,
         const void* t, const void* amplitude) {
  a.pattern = pattern;
  a.scale = p.scale, a.base = p.base, a.inverse = p.inverse != 0, a.clamp = p.clamp, a.stride = p.parameter_stride;
  a.x = static_cast<const T*>(x), a.s = static_cast<const T*>(s), a.t = static_cast<const T*>(t);
  a.amplitude = static_cast<const T*>(amplitude);
}

}  // namespace
}  // namespace gx

gx_status gx_affine_coupling(gx_device* device, gx_format format, const gx_affine_coupling_params* params,
                             const gx_states* kept, const void* x, const void* s, const void* t, const void* amplitude,
                             const double* log_det_in, void* y, double* log_det_out) {
  return gx::guarded([&] {
    using namespace gx;
    const Call call = check_call(device, format, params, kept, x, s, t, amplitude);
    const check::Range result = check::examples(call.pattern, y, format, "y");
    const check::Range from = check::log_det(call.pattern, log_det_in, "log_det_in");
    const check::Range to = check::log_det(call.pattern, log_det_out, "log_det_out");
    if (call.pattern.examples > 0) check::not_null(log_det_out, "log_det_out");
    check::same_or_disjoint(result, call.x);
    check::same_or_disjoint(to, from);
    check::disjoint({result}, {call.s, call.t, call.amplitude, from});
    check::disjoint({to}, {result, call.x, call.s, call.t, call.amplitude});
    if (ran_on_gpu(&Backend::gx_affine_coupling, device, format, params, kept, x, s, t, amplitude, log_det_in, y,
                   log_det_out)) {
      return;
    }
    Workspace workspace(*device);
    const Pattern pattern = with_bits(call.pattern, params->coupling, kept, workspace);
    with_real(format, [&](auto t0) {
      using T = decltype(t0);
      AffineCoupling<T> a = {};
      set(a, *params, pattern, x, s, t, amplitude);
      a.log_det_in = log_det_in, a.y = static_cast<T*>(y), a.log_det_out = log_det_out;
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::affine_coupling(a);
      } else {
        affine_coupling(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_affine_coupling_backward(gx_device* device, gx_format format, const gx_affine_coupling_params* params,
                                      const gx_states* kept, const void* x, const void* s, const void* t,
                                      const void* amplitude, const void* dy, const double* dlog_det, void* dx, void* ds,
                                      void* dt, void* damplitude) {
  return gx::guarded([&] {
    using namespace gx;
    const Call call = check_call(device, format, params, kept, x, s, t, amplitude);
    const Pattern& p = call.pattern;
    const int64_t stride = params->parameter_stride;
    if (params->scale == GX_SCALE_NONE && ds) {
      fail(GX_INVALID_ARGUMENT, "ds must be null for GX_SCALE_NONE (0), got %p", ds);
    }
    if (!amplitude && damplitude) fail(GX_INVALID_ARGUMENT, "damplitude must be null without amplitude");
    const auto optional_parameter = [&](const void* g, const char* name) {
      return g ? check::parameter(p, g, p.numbers(), stride, format, name) : check::Range{};
    };
    const check::Range gradient = check::examples(p, dy, format, "dy"), c = check::log_det(p, dlog_det, "dlog_det");
    const check::Range to_x = check::optional_array(dx, p.examples * p.size, format, "dx");
    const check::Range to_s = optional_parameter(ds, "ds"), to_t = optional_parameter(dt, "dt");
    const check::Range to_amplitude = check::optional_array(damplitude, p.channels, format, "damplitude");
    check::same_or_disjoint(to_x, gradient);
    check::interleaved(to_s, to_t, p.numbers(), stride, format);
    check::disjoint({to_x}, {call.x, call.s, call.t, call.amplitude, c});
    check::disjoint({to_s}, {call.x, call.s, call.t, call.amplitude, gradient, c, to_x});
    check::disjoint({to_t}, {call.x, call.s, call.t, call.amplitude, gradient, c, to_x});
    check::disjoint({to_amplitude}, {call.x, call.s, call.t, call.amplitude, gradient, c, to_x, to_s, to_t});
    if (ran_on_gpu(&Backend::gx_affine_coupling_backward, device, format, params, kept, x, s, t, amplitude, dy,
                   dlog_det, dx, ds, dt, damplitude)) {
      return;
    }
    Workspace workspace(*device);
    const Pattern pattern = with_bits(p, params->coupling, kept, workspace);
    with_real(format, [&](auto t0) {
      using T = decltype(t0);
      AffineCouplingBackward<T> a = {};
      set(a, *params, pattern, x, s, t, amplitude);
      a.dy = static_cast<const T*>(dy), a.dlog_det = dlog_det;
      a.dx = static_cast<T*>(dx), a.ds = static_cast<T*>(ds), a.dt = static_cast<T*>(dt);
      a.damplitude = static_cast<T*>(damplitude);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::affine_coupling_backward(a);
      } else {
        affine_coupling_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
