// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conv/shape.h"

#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/status.h"

namespace gx {
namespace {

const char* const kAxes[] = {"depth", "height", "width"};
constexpr int64_t kMost = int64_t(1) << 30;

void sizes(const gx_conv_params& p) {
  check::at_least(p.batch, 0, "batch");
  check::at_least(p.groups, 1, "groups");
  check::at_least(p.in_channels, 1, "in_channels");
  check::at_least(p.out_channels, 1, "out_channels");
  if (p.in_channels % p.groups != 0 || p.out_channels % p.groups != 0) {
    fail(GX_INVALID_ARGUMENT, "groups must divide the channels, got %lld groups of %lld and %lld channels",
         (long long)p.groups, (long long)p.in_channels, (long long)p.out_channels);
  }
  for (int a = 0; a < 3; ++a) {
    check::at_least(p.in_size[a], 1, "in_size");
    check::at_least(p.kernel[a], 1, "kernel");
    check::at_least(p.stride[a], 1, "stride");
    check::at_least(p.dilation[a], 1, "dilation");
    check::at_least(p.padding[a], 0, "padding");
    check::at_least(p.output_padding[a], 0, "output_padding");
    const int64_t room = p.transposed ? (p.stride[a] > p.dilation[a] ? p.stride[a] : p.dilation[a]) : 1;
    if (p.output_padding[a] >= room) {
      fail(GX_INVALID_ARGUMENT, "output_padding must be below %lld along the %s, got %lld", (long long)room, kAxes[a],
           (long long)p.output_padding[a]);
    }
    for (int64_t n : {p.in_size[a], p.kernel[a], p.stride[a], p.dilation[a], p.padding[a]}) {
      if (n > kMost)
        fail(GX_INVALID_ARGUMENT, "sizes along the %s must be at most 2^30, got %lld", kAxes[a], (long long)n);
    }
  }
}

int64_t out_size(const gx_conv_params& p, int a) {
  const int64_t reach = check::product(p.dilation[a], p.kernel[a] - 1, "the kernel") + 1;
  const int64_t size = p.transposed ? (p.in_size[a] - 1) * p.stride[a] - 2 * p.padding[a] + reach + p.output_padding[a]
                                    : p.in_size[a] + 2 * p.padding[a] - reach;
  const int64_t out = p.transposed ? size : size < 0 ? 0 : size / p.stride[a] + 1;
  if (out < 1) {
    fail(GX_INVALID_ARGUMENT,
         "the result must have at least 1 pixel along the %s, got none from %lld with a kernel of %lld, dilation %lld "
         "and "
         "padding %lld",
         kAxes[a], (long long)p.in_size[a], (long long)p.kernel[a], (long long)p.dilation[a], (long long)p.padding[a]);
  }
  return out;
}

bool live(const gx_conv_params& p, int64_t tap) { return p.live_taps[tap / 64] >> (tap % 64) & 1; }

void mask(const gx_conv_params& p, int64_t taps, bool masked) {
  if (masked && taps > 256) {
    fail(GX_INVALID_ARGUMENT, "a kernel with a mask must have at most 256 taps, got %lld", (long long)taps);
  }
  for (int64_t i = taps; masked && i < 256; ++i) {
    if (live(p, i)) {
      fail(GX_INVALID_ARGUMENT, "live taps must be below the kernel's %lld, got tap %lld", (long long)taps,
           (long long)i);
    }
  }
  check::at_least(p.colours, 0, "colours");
  if (p.colours < 2) return;
  if (p.groups != 1 || p.in_channels % p.colours != 0 || p.out_channels % p.colours != 0) {
    fail(GX_INVALID_ARGUMENT,
         "%d colours need one group and must divide its channels, got %lld groups of %lld and %lld channels", p.colours,
         (long long)p.groups, (long long)p.in_channels, (long long)p.out_channels);
  }
  for (int64_t k : p.kernel) {
    if (k % 2 == 0) fail(GX_INVALID_ARGUMENT, "the kernel must be odd where there are colours, got %lld", (long long)k);
  }
}

}  // namespace

CheckedConv check::conv(const gx_conv_params* params) {
  not_null(params, "params");
  CheckedConv result = {};
  ConvShape& s = result.shape;
  s.p = *params;
  const gx_conv_params& p = s.p;
  sizes(p);
  in_range(number_in(p.activation), GX_ACTIVATION_NONE, GX_ACTIVATION_SOFTPLUS, "the activation");
  in_range(p.activation_p, 0, 3e38, "activation_p");
  s.in_pixels = s.out_pixels = s.kernel_taps = 1;
  for (int a = 0; a < 3; ++a) {
    s.out_size[a] = out_size(p, a);
    s.in_pixels = product(s.in_pixels, p.in_size[a], "x");
    s.out_pixels = product(s.out_pixels, s.out_size[a], "y");
    s.kernel_taps = product(s.kernel_taps, p.kernel[a], "the kernel");
  }
  product(product(p.batch, p.in_channels, "x"), s.in_pixels, "x");
  product(product(p.batch, p.out_channels, "y"), s.out_pixels, "y");
  s.in_channels = p.in_channels / p.groups;
  s.out_channels = p.out_channels / p.groups;
  product(product(p.in_channels, s.out_channels, "W"), s.kernel_taps, "W");
  const bool masked = (p.live_taps[0] | p.live_taps[1] | p.live_taps[2] | p.live_taps[3]) != 0;
  mask(p, s.kernel_taps, masked);

  result.taps.reset(new ConvTap[size_t(s.kernel_taps)]);
  for (int64_t i = 0; i < s.kernel_taps; ++i) {
    if (masked && !live(p, i)) continue;
    ConvTap& tap = result.taps[size_t(s.live_taps++)];
    tap.index = i;
    int64_t rest = i;
    for (int a = 2; a >= 0; --a) {
      tap.at[a] = rest % p.kernel[a] * p.dilation[a] - p.padding[a];
      rest /= p.kernel[a];
    }
    tap.centre = p.colours > 1 && i == s.kernel_taps / 2;
  }
  s.taps = result.taps.get();
  return result;
}

}  // namespace gx

gx_status gx_conv_out_size(const gx_conv_params* params, int64_t* out_size) {
  return gx::guarded([&] {
    gx::check::not_null(out_size, "out_size");
    const gx::CheckedConv conv = gx::check::conv(params);
    for (int a = 0; a < 3; ++a) out_size[a] = conv.shape.out_size[a];
  });
}
