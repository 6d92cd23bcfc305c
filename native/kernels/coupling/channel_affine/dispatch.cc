// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/coupling/channel_affine/channel_affine.h"
#include "kernels/coupling/operands.h"
#include "kernels/coupling/row_sums.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                        \
  namespace isa {                                                                                                  \
  double op##_factors_##variant(const float*, int64_t, bool, float*);                                              \
  double op##_forward_##variant(const ChannelRun&, const float*, const float*, const float*, float*);              \
  void op##_backward_one_##variant(const ChannelRun&, const float*, const float*, float, float, double, float*,    \
                                   double*);                                                                       \
  void op##_backward_each_##variant(const ChannelRun&, int64_t, int64_t, const float*, const float*, const float*, \
                                    const float*, const double*, float*, double*, double*);                        \
  }
#include "kernels/coupling/channel_affine/kernels.inc"
#undef GX_KERNEL

namespace {

const ChannelAffineVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa)  \
  {{#family "." #op, #variant, isa_of::isa}, \
   isa::op##_factors_##variant,              \
   isa::op##_forward_##variant,              \
   isa::op##_backward_one_##variant,         \
   isa::op##_backward_each_##variant},
#include "kernels/coupling/channel_affine/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kShortChannel = 64;  // shorter ones have their factors repeated for each element
constexpr int64_t kPast = 16 << 20;    // bytes of a y that is not to be found in a cache anyway
constexpr int64_t kPiece = 1 << 14;    // of a channel, at most
constexpr int64_t kEachRows = 64;      // of a work item of short channels' gradients
constexpr int64_t kEachUnits = 1 << 11;

int64_t padded(int64_t n) { return (n + 15) / 16 * 16; }

// The factors of the channels, or of the elements of an example where channels are short.
struct Factors {
  Factors(const ChannelAffineVariant& variant, Workspace& workspace, const ChannelAffine<float>& args)
      : each(args.spatial < kShortChannel) {
    float* const scale = workspace.get<float>(padded(args.channels));
    sum = 0;
    if (args.log_scale) {
      sum = variant.factors(args.log_scale, args.channels, args.inverse, scale);
    } else {
      std::fill(scale, scale + args.channels, 1.0f);
    }
    a = scale, b = args.shift;
    if (!b) {
      float* const none = workspace.get<float>(args.channels);
      std::fill(none, none + args.channels, 0.0f);
      b = none;
    }
    if (!each || args.spatial == 1) return;
    a = repeated(workspace, a, args), b = repeated(workspace, b, args);
  }
  // Where those of element i of an example begin.
  int64_t at(int64_t i, int64_t spatial) const { return each ? i : i / spatial; }

  bool each;
  const float *a, *b;
  double sum;  // of log-scales in the direction asked for

 private:
  static const float* repeated(Workspace& workspace, const float* from, const ChannelAffine<float>& args) {
    float* const to = workspace.get<float>(args.channels * args.spatial);
    for (int64_t c = 0; c < args.channels; ++c) std::fill_n(to + c * args.spatial, args.spatial, from[c]);
    return to;
  }
};

ChannelRun run_of(const ChannelAffine<float>& a, const Factors& f, gx_base base) {
  return {a.inverse, base, false, 0, f.each ? 0 : a.spatial, 0};
}

// Sums of the gradients, s of g and q of g x, for each part of an example and each group of examples.
struct GradientSums {
  GradientSums(Workspace& workspace, int64_t group_count, int64_t part_count)
      : groups(group_count),
        parts(part_count),
        s(workspace.get<double>(groups * parts)),
        q(workspace.get<double>(groups * parts)) {}
  // The first n parts of all groups onto those of the first group, in order.
  void add_groups(const gx_device& device, int64_t n) const {
    parallel_for(device.threads, (n + kPiece - 1) / kPiece, [&](int64_t item, int) {
      const int64_t first = item * kPiece, end = std::min(n, first + kPiece);
      for (double* sum : {s, q}) {
        for (int64_t group = 1; group < groups; ++group) {
          for (int64_t i = first; i < end; ++i) sum[i] += sum[group * parts + i];
        }
      }
    });
  }
  int64_t groups, parts;
  double *s, *q;
};

// The gradients of channels whose sums are n parts each.
void finish(const gx_device& device, const ChannelAffine<float>& a, const Factors& f, const GradientSums& sums,
            int64_t n) {
  if (sums.groups > 0) sums.add_groups(device, a.channels * n);
  double dlog_det = 0;
  for (int64_t i = 0; a.dlog_det && a.spatial > 0 && i < a.examples; ++i) dlog_det += a.dlog_det[i];
  for (int64_t c = 0; c < a.channels; ++c) {
    double s = 0, q = 0;
    for (int64_t i = c * n; sums.groups > 0 && i < (c + 1) * n; ++i) s += sums.s[i], q += sums.q[i];
    const double scale = f.a[f.at(c * a.spatial, a.spatial)], dl = scale * q + double(a.spatial) * dlog_det;
    if (a.dlog_scale) a.dlog_scale[c] = float(a.inverse ? -dl : dl);
    if (a.dshift) a.dshift[c] = float(a.inverse ? -scale * s : s);
  }
}

// The number of elements of x.
int64_t check_params(const gx_channel_affine_params* p) {
  check::not_null(p, "params");
  check::at_least(p->examples, 0, "examples");
  check::at_least(p->channels, 0, "channels");
  check::at_least(p->spatial, 0, "spatial");
  check::base(p->base);
  if (p->inverse && p->base != GX_BASE_NONE) {
    fail(GX_INVALID_ARGUMENT, "the base of the inverse must be GX_BASE_NONE (0), got %d", check::number_in(p->base));
  }
  return check::product(check::product(p->examples, p->channels, "x"), p->spatial, "x");
}

template <class T>
ChannelAffine<T> operands(const gx_channel_affine_params& p, const void* x, const void* log_scale, const void* shift) {
  ChannelAffine<T> a = {};
  a.examples = p.examples, a.channels = p.channels, a.spatial = p.spatial;
  a.inverse = p.inverse != 0, a.base = p.base;
  a.x = static_cast<const T*>(x);
  a.log_scale = static_cast<const T*>(log_scale), a.shift = static_cast<const T*>(shift);
  return a;
}

}  // namespace

const ChannelAffineVariant* channel_affine_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void channel_affine(const ChannelAffineVariant& variant, gx_device& device, const ChannelAffine<float>& a) {
  Workspace workspace(device);
  const Factors f(variant, workspace, a);
  const int64_t units = a.channels * a.spatial;
  ChannelRun run = run_of(a, f, a.base);
  run.past = a.y != a.x && a.examples * units * 4 >= kPast && (f.each ? units : a.spatial) % 16 == 0 &&
             reinterpret_cast<uintptr_t>(a.y) % 64 == 0;
  const double log_det = a.spatial > 0 ? double(a.spatial) * f.sum : 0;
  add_row_sums(device, a.examples, units, a.log_det_in, log_det, a.log_det_out,
               [&](int64_t row, int64_t first, int64_t count) {
                 ChannelRun part = run;
                 part.count = count, part.into = f.each ? 0 : first % a.spatial;
                 const int64_t at = row * units + first, factor = f.at(first, a.spatial);
                 return variant.forward(part, a.x + at, f.a + factor, f.b + factor, a.y + at);
               });
}

// Short channels by elements, whose sums go down some examples; others by pieces of channels, example by example.
void channel_affine_backward(const ChannelAffineVariant& variant, gx_device& device, const ChannelAffine<float>& a) {
  Workspace workspace(device);
  const Factors f(variant, workspace, a);
  const int64_t units = a.channels * a.spatial;
  const ChannelRun run = run_of(a, f, a.dlog_det ? a.base : GX_BASE_NONE);
  if (f.each) {
    const int64_t groups = (a.examples + kEachRows - 1) / kEachRows, spans = (units + kEachUnits - 1) / kEachUnits;
    const GradientSums sums(workspace, groups, padded(units));
    parallel_for(device.threads, groups * spans, [&](int64_t item, int) {
      const int64_t group = item / spans, row = group * kEachRows, first = item % spans * kEachUnits;
      const int64_t at = row * units + first, to = group * sums.parts + first;
      ChannelRun part = run;
      part.count = std::min(kEachUnits, units - first);
      variant.backward_each(part, std::min(kEachRows, a.examples - row), units, a.x + at, a.dy + at, f.a + first,
                            f.b + first, a.dlog_det ? a.dlog_det + row : nullptr, a.dx ? a.dx + at : nullptr,
                            sums.s + to, sums.q + to);
    });
    return finish(device, a, f, sums, a.spatial);
  }
  const int64_t pieces = (a.spatial + kPiece - 1) / kPiece, parts = a.channels * pieces;
  const int64_t of_item = std::max<int64_t>(1, kPiece / a.spatial);  // pieces
  const int64_t spans = (parts + of_item - 1) / of_item,
                rows = std::max<int64_t>(1, kPiece / std::max<int64_t>(1, units));
  const GradientSums sums(workspace, (a.examples + rows - 1) / rows, parts);
  parallel_for(device.threads, sums.groups * spans, [&](int64_t item, int) {
    const int64_t group = item / spans, begin = item % spans * of_item, end = std::min(parts, begin + of_item);
    for (int64_t row = group * rows; row < std::min(a.examples, (group + 1) * rows); ++row) {
      for (int64_t p = begin; p < end; ++p) {
        const int64_t c = p / pieces, first = p % pieces * kPiece, at = row * units + c * a.spatial + first;
        double piece[2];
        ChannelRun part = run;
        part.count = std::min(kPiece, a.spatial - first);
        variant.backward_one(part, a.x + at, a.dy + at, f.a[c], f.b[c], a.dlog_det ? a.dlog_det[row] : 0,
                             a.dx ? a.dx + at : nullptr, piece);
        double &s = sums.s[group * parts + p], &q = sums.q[group * parts + p];
        s = piece[0] + (row > group * rows ? s : 0);
        q = piece[1] + (row > group * rows ? q : 0);
      }
    }
  });
  finish(device, a, f, sums, pieces);
}

}  // namespace gx

gx_status gx_channel_affine(gx_device* device, gx_format format, const gx_channel_affine_params* params, const void* x,
                            const void* log_scale, const void* shift, const double* log_det_in, void* y,
                            double* log_det_out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_params(params);
    check::mapped(check::array(y, size, format, "y"), check::array(x, size, format, "x"),
                  check::log_det(log_det_out, params->examples, "log_det_out"),
                  check::optional_log_det(log_det_in, params->examples, "log_det_in"),
                  {check::optional_array(log_scale, params->channels, format, "log_scale"),
                   check::optional_array(shift, params->channels, format, "shift")});
    if (ran_on_gpu(&Backend::gx_channel_affine, device, format, params, x, log_scale, shift, log_det_in, y,
                   log_det_out)) {
      return;
    }
    with_real(format, [&](auto t) {
      using T = decltype(t);
      auto a = operands<T>(*params, x, log_scale, shift);
      a.log_det_in = log_det_in, a.y = static_cast<T*>(y), a.log_det_out = log_det_out;
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::channel_affine(a);
      } else {
        channel_affine(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_channel_affine_backward(gx_device* device, gx_format format, const gx_channel_affine_params* params,
                                     const void* x, const void* log_scale, const void* shift, const void* dy,
                                     const double* dlog_det, void* dx, void* dlog_scale, void* dshift) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const int64_t size = check_params(params);
    const check::Range to = check::optional_array(dx, size, format, "dx"), from = check::array(dy, size, format, "dy"),
                       at = check::array(x, size, format, "x"),
                       l = check::optional_array(log_scale, params->channels, format, "log_scale"),
                       b = check::optional_array(shift, params->channels, format, "shift"),
                       c = check::optional_log_det(dlog_det, params->examples, "dlog_det");
    check::same_or_disjoint(to, from);
    check::disjoint({to}, {at, l, b, c});
    check::disjoint({check::optional_array(dlog_scale, params->channels, format, "dlog_scale"),
                     check::optional_array(dshift, params->channels, format, "dshift")},
                    {to, from, at, l, b, c});
    if (ran_on_gpu(&Backend::gx_channel_affine_backward, device, format, params, x, log_scale, shift, dy, dlog_det, dx,
                   dlog_scale, dshift)) {
      return;
    }
    with_real(format, [&](auto t) {
      using T = decltype(t);
      auto a = operands<T>(*params, x, log_scale, shift);
      a.dy = static_cast<const T*>(dy), a.dlog_det = dlog_det;
      a.dx = static_cast<T*>(dx), a.dlog_scale = static_cast<T*>(dlog_scale), a.dshift = static_cast<T*>(dshift);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::channel_affine_backward(a);
      } else {
        channel_affine_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
