// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "kernels/conv/conv/conv.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                     \
  namespace isa {                                                                                               \
  bool op##_suits_##variant(const ConvShape&);                                                                  \
  int64_t op##_packed_##variant(const ConvShape&);                                                              \
  void op##_pack_##variant(const ConvShape&, const float*, float*, Team&);                                      \
  void op##_##variant(const ConvShape&, const float*, const float*, const float*, const float*, float*, Team&); \
  }
#include "kernels/conv/conv/kernels.inc"
#undef GX_KERNEL

namespace {

const ConvVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa)  \
  {{#family "." #op, #variant, isa_of::isa}, \
   isa::op##_suits_##variant,                \
   isa::op##_packed_##variant,               \
   isa::op##_pack_##variant,                 \
   isa::op##_##variant},
#include "kernels/conv/conv/kernels.inc"
#undef GX_KERNEL
};

const ConvVariant& variant_for(const ConvShape& s) {
  for (const ConvVariant& v : kVariants) {
    if (usable(v.line.isa) && v.suits(s)) return v;
  }
  fail(GX_INTERNAL, "no variant of the convolution suits these sizes");
}

// What stands in front of packed weights, so that those of another convolution are refused.
struct PackedHeader {
  static constexpr int64_t kFloats = 16;  // keeps the grid of 64 bytes
  int64_t form, floats;
};

int64_t form_of(const ConvVariant& variant, const ConvShape& s) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a over numbers
  const auto mix = [&](int64_t n) { hash = (hash ^ uint64_t(n)) * 1099511628211u, hash ^= hash >> 29; };
  mix(&variant - kVariants);
  for (int64_t n : {s.p.groups, s.rows(), s.columns(), int64_t(s.p.transposed != 0)}) mix(n);
  for (int a = 0; a < 3; ++a) {
    for (int64_t n : {s.p.kernel[a], s.p.stride[a], s.p.dilation[a]}) mix(n);
  }
  for (int64_t t = 0; t < s.live_taps; ++t) mix(s.taps[t].index);
  mix(s.p.colours > 1 ? 2 * s.p.colours + (s.p.centre_is_strict != 0) : 0);
  return int64_t(hash >> 1);
}

}  // namespace

const ConvVariant* conv_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_conv(gx_device* device, gx_format format, const gx_conv_params* params, const void* x, const void* W,
                  const void* b, const void* packed, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const CheckedConv checked_conv = check::conv(params);
    const ConvShape& s = checked_conv.shape;
    check::real(format);
    const ConvVariant* const variant = format == GX_FLOAT32 && !device->backend ? &variant_for(s) : nullptr;
    const int64_t packed_floats = variant ? variant->packed_floats(s) : 0;
    const bool from_packed = packed && packed_floats > 0;
    if (from_packed) {
      PackedHeader header;
      std::memcpy(&header, packed, sizeof header);
      if (header.form != form_of(*variant, s) || header.floats != packed_floats) {
        fail(GX_INVALID_ARGUMENT, "packed must be weights of form %lld, got %lld", (long long)form_of(*variant, s),
             (long long)header.form);
      }
    }
    check::disjoint({check::array(y, s.out_count(), format, "y")},
                    {check::array(x, s.in_count(), format, "x"),
                     from_packed ? check::optional_array(W, s.weight_count(), format, "W")
                                 : check::array(W, s.weight_count(), format, "W"),
                     check::optional_array(b, s.p.out_channels, format, "b"),
                     check::optional_array(from_packed ? packed : nullptr, packed_floats + PackedHeader::kFloats,
                                           format, "packed")});
    if (s.p.batch == 0) return;
    if (ran_on_gpu(&Backend::gx_conv, device, format, params, x, W, b, packed, y)) return;
    if (!variant) {
      return reference::conv(s, static_cast<const double*>(x), static_cast<const double*>(W),
                             static_cast<const double*>(b), static_cast<double*>(y));
    }
    Workspace workspace(*device);
    Team team(*device, workspace);
    const float* weights = nullptr;
    if (from_packed) {
      weights = static_cast<const float*>(packed) + PackedHeader::kFloats;
    } else if (packed_floats > 0) {
      float* const fresh = workspace.get<float>(packed_floats);
      variant->pack(s, static_cast<const float*>(W), fresh, team);
      weights = fresh;
    }
    variant->run(s, static_cast<const float*>(x), packed_floats > 0 ? nullptr : static_cast<const float*>(W), weights,
                 static_cast<const float*>(b), static_cast<float*>(y), team);
  });
}

gx_status gx_conv_packing_of(gx_device* device, gx_format format, const gx_conv_params* params,
                             gx_conv_packing* packing) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::real(format);
    check::not_null(packing, "packing");
    const CheckedConv conv = check::conv(params);
    *packing = {};
    if (ran_on_gpu(&Backend::gx_conv_packing_of, device, format, params, packing)) return;
    if (format == GX_FLOAT64) return;
    const ConvVariant& variant = variant_for(conv.shape);
    const int64_t floats = variant.packed_floats(conv.shape);
    if (floats > 0) *packing = {(floats + PackedHeader::kFloats) * 4, form_of(variant, conv.shape)};
  });
}

gx_status gx_conv_pack(gx_device* device, gx_format format, const gx_conv_params* params, const void* W, void* packed) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check::real(format);
    const CheckedConv checked_conv = check::conv(params);
    const ConvShape& s = checked_conv.shape;
    if (ran_on_gpu(&Backend::gx_conv_pack, device, format, params, W, packed)) return;
    if (format == GX_FLOAT64) return;
    const ConvVariant& variant = variant_for(s);
    const int64_t floats = variant.packed_floats(s);
    if (floats == 0) return;
    check::disjoint({check::array(packed, floats + PackedHeader::kFloats, format, "packed")},
                    {check::array(W, s.weight_count(), format, "W")});
    if (reinterpret_cast<uintptr_t>(packed) % 64 != 0) {
      fail(GX_INVALID_ARGUMENT, "packed must be aligned to 64 bytes, got %p", packed);
    }
    const PackedHeader header = {form_of(variant, s), floats};
    std::memcpy(packed, &header, sizeof header);
    Workspace workspace(*device);
    Team team(*device, workspace);
    variant.pack(s, static_cast<const float*>(W), static_cast<float*>(packed) + PackedHeader::kFloats, team);
  });
}
