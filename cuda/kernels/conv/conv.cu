// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// y = f(conv(x, W) + b), plain or transposed: gx_conv (conv.h), which is also the gradient with respect to x. And the
// packing of weights, of which a GPU has none.
//
// One launch makes tables and orders the weights (tables.h); then come implicit products over them by the engine of
// kernels/linear/tile.h (product.h), or, for up to 8 channels of a group, sums by pixel (few.h). Nothing is unrolled in
// memory. A third launch, of a few blocks that look at one flag and end, mends what zeros made NaN: a tap that lies
// outside of x multiplies nothing, were its weight infinite.
//
// Floor: 2 batch out_channels in_channels (live taps that meet a pixel) pixels operations at the rate of float32,
// 2 x fewer for kernel 4, stride 2 than a convolution of as many taps, 9/5 fewer for a causal mask of 3 x 3. Of the
// DCGAN stack at batch 128 that is 27 GFLOP, and 0.17 GB to move; of the masked 3 x 3, 128 to 128 channels, 32 x 32,
// batch 128, it is 21.5 GFLOP (5 taps) and 0.13 GB.
//
// Convolutions whose sizes the tables cannot hold (taps of more than 31 places over all axes, a phase with more than
// 512, 2^31 elements of an example) are summed one output a thread by the definition: slow.
//
// Registers, sm_90a, nvcc 13.0: register tiles 128 x 128 in float 128, 64 x 128 in float 123, 64 x 64 in double 124;
// tensor cores 64 x 64 95, warpgroups 128 (BF16 spills a word); few channels 48 to 64, in double 106 at most. sm_80:
// the same but for the tile of 128 x 128, which spills 23 words; tensor cores 128 x 128 235.
//
// Lost: places in the tables counted in 64 bits, which made the tile of 128 x 128 spill 17 words.
//
// Not yet run on a GPU.

#include "kernels/conv/few.h"
#include "kernels/conv/product.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

template <class T>
void run(gx_device& device, const ConvShape& s, const T* x, const T* W, const T* b, T* y) {
  Gpu& gpu = gpu_of(&device);
  const ConvPlan p = plan_of(s);
  const int64_t count = s.out_count();
  if (!has_tables(p)) {
    launch(gpu, {blocks_for(gpu, count, 256), 256}, detail::mend_conv<T>, p, nullptr, count, x, W, b, y);
    return;
  }
  Workspace workspace(device);
  const bool few = p.out_channels <= kMostFew;
  const ConvTables<T> tables =
      prepare_conv(gpu, workspace, p, few ? few_row_stride(p.out_channels) : (p.out_channels + 3) / 4 * 4, W);
  const ConvOutput<T> output = {y, b, tables.flag, p.activation, p.activation_p};
  if (few) {
    conv_of_few(gpu, workspace, p, tables, x, output);
  } else {
    conv_by_products(device, workspace, p, tables, x, output);
  }
  if (!has_zeros(p)) return;
  const unsigned blocks = unsigned(std::min<int64_t>((count + 255) / 256, 2 * gpu.multiprocessors));
  launch(gpu, {blocks, 256}, detail::mend_conv<T>, p, tables.flag, count, x, W, b, y);
}

}  // namespace

gx_status gx_conv(gx_device* device, gx_format format, const gx_conv_params* params, const void* x, const void* W,
                  const void* b, const void*, void* y) {
  return guarded([&] {
    const CheckedConv conv = check::conv(params);
    if (conv.shape.out_count() == 0) return;
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      run(*device, conv.shape, static_cast<const T*>(x), static_cast<const T*>(W), static_cast<const T*>(b),
          static_cast<T*>(y));
    });
  });
}

gx_status gx_conv_packing_of(gx_device*, gx_format, const gx_conv_params*, gx_conv_packing* packing) {
  return guarded([&] { *packing = {}; });
}

gx_status gx_conv_pack(gx_device*, gx_format, const gx_conv_params*, const void*, void*) {
  return guarded([&] {
    fail(GX_INVALID_ARGUMENT, "weights must be given to a GPU as they are: gx_conv_packing_of tells 0 bytes there");
  });
}

}  // namespace gx::cuda
