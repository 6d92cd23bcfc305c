// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <memory>

#include "row.h"

namespace gx::bench {
namespace {

const char* name_of(gx_precision p) {
  return p == GX_PRECISION_FP32 ? "fp32" : p == GX_PRECISION_TF32 ? "tf32" : "bf16";
}

// --- Gibbs
// ------------------------------------------------------------------------------------------------------------

constexpr int64_t kVisible = 784, kHidden = 500;

gx_rbm machine(Arrays& a) {
  return {kVisible, kHidden, a.normal(kVisible * kHidden, 0.05), a.normal(kVisible, 0.1), a.normal(kHidden, 0.1),
          nullptr,  nullptr};
}

Row chain(const char* name, int64_t rows, int64_t steps) {
  Row row;
  row.name = name;
  row.flops = 4.0 * double(kVisible * kHidden * rows * steps);
  row.bytes = 4.0 * double(kVisible * kHidden);
  row.tolerance = 0.02;  // a draw on the edge moves a mean of many
  row.on_cpu = steps < 10;
  row.prepare = [rows, steps](Arrays& a) {
    const gx_rbm rbm = machine(a);
    const gx_states v = a.bits(rows, kVisible), h = a.bits(rows, kHidden);
    float* mean = a.empty(kVisible);
    const auto run = [&a, rbm, v, h, steps] {
      gx_chain_params p = {};
      p.steps = steps;
      p.beta = 1;
      p.rng = {7, 0};
      p.v = &v;
      p.h = &h;
      require(gx_rbm_chain(a.device(), &rbm, &p));
    };
    return Call{run, [&a, v, mean] {
                  require(gx_states_mean(a.device(), &v, mean));
                  return a.read(mean, kVisible);
                }};
  };
  return row;
}

Row ais() {
  Row row;
  row.name = "ais 100 chains x 14500";
  row.flops = 4.0 * double(kVisible * kHidden) * 100 * 14500;
  row.on_cpu = false;
  row.prepare = [](Arrays& a) {
    const gx_rbm rbm = machine(a);
    const gx_states v = a.bits(100, kVisible);
    const float* base = a.normal(kVisible, 0.1);
    auto betas = std::make_shared<std::vector<double>>(14500);
    for (size_t i = 0; i < betas->size(); ++i) (*betas)[i] = double(i) / double(betas->size() - 1);
    auto weights = std::make_shared<std::vector<double>>(100);
    return Call{[&a, rbm, v, base, betas, weights] {
                  const gx_ais_params p = {betas->data(), int64_t(betas->size()), base, 1, {3, 0}, &v, weights->data()};
                  require(gx_rbm_ais(a.device(), &rbm, &p));
                },
                [weights] { return std::vector<float>(weights->begin(), weights->end()); }};
  };
  return row;
}

Row gradient() {
  Row row;
  row.name = "rbm gradient 784x500 b512";
  row.flops = 4.0 * double(kVisible * kHidden) * 512;
  row.bytes = 4.0 * double(kVisible * kHidden + 2 * 512 * kHidden) + 2.0 * 512 * kVisible / 8;
  row.tolerance = 1e-4;
  row.prepare = [](Arrays& a) {
    const gx_rbm rbm = machine(a);
    const gx_states data = a.bits(512, kVisible), model = a.bits(512, kVisible);
    const float *h = a.normal(512 * kHidden), *g = a.normal(512 * kHidden);
    float *dW = a.empty(kVisible * kHidden), *db = a.empty(kVisible), *dc = a.empty(kHidden);
    return Call{[=, &a] {
                  const gx_gradient_params p = {&data, h, &model, g, dW, db, dc, nullptr, nullptr};
                  require(gx_rbm_gradient(a.device(), &rbm, &p));
                },
                [=, &a] { return a.read(dW, kVisible * kHidden); }};
  };
  return row;
}

// --- Coupling
// ---------------------------------------------------------------------------------------------------------

Row coupling(int64_t examples, int64_t size, bool backward) {
  Row row;
  row.name = std::string("coupling ") + (backward ? "backward " : "forward ") + std::to_string(examples) + "x" +
             std::to_string(size);
  const double n = double(examples * size);
  row.bytes = 4 * (backward ? 7 * n : 4 * n);  // x, s, t, y; x, s, dy, dx, ds, dt and t as the API takes it
  row.tolerance = 1e-5;
  row.prepare = [examples, size, backward](Arrays& a) {
    gx_affine_coupling_params p = {};
    p.coupling = {examples, 1, 1, size, GX_COUPLING_SPAN, 0, 0, size};
    p.scale = GX_SCALE_TANH;
    p.clamp = 1;
    p.parameter_stride = size;
    const int64_t n = examples * size;
    const float *x = a.normal(n), *s = a.normal(n), *t = a.normal(n), *dy = a.normal(n);
    float *y = a.empty(n), *ds = a.empty(n), *dt = a.empty(n);
    double* log_det = a.doubles(examples);
    if (!backward) {
      return Call{
          [=, &a] {
            require(gx_affine_coupling(a.device(), GX_FLOAT32, &p, nullptr, x, s, t, nullptr, nullptr, y, log_det));
          },
          [=, &a] { return a.read(y, 4096); }};
    }
    return Call{[=, &a] {
                  require(gx_affine_coupling_backward(a.device(), GX_FLOAT32, &p, nullptr, x, s, t, nullptr, dy,
                                                      nullptr, y, ds, dt, nullptr));
                },
                [=, &a] { return a.read(ds, 4096); }};
  };
  return row;
}

// --- Products and convolutions
// ------------------------------------------------------------------------------------------

Row product(gx_precision precision, int64_t n) {
  Row row;
  row.name = std::string("matmul ") + std::to_string(n) + " " + name_of(precision);
  row.precision = precision;
  row.flops = 2.0 * double(n) * double(n) * double(n);
  row.bytes = 12.0 * double(n) * double(n);
  row.on_cpu = n <= 2048;
  row.tolerance = precision == GX_PRECISION_FP32 ? 1e-5 : precision == GX_PRECISION_TF32 ? 2e-3 : 2e-2;
  row.prepare = [n](Arrays& a) {
    const float *x = a.normal(n * n), *y = a.normal(n * n);
    float* z = a.empty(n * n);
    return Call{[=, &a] {
                  const gx_matmul_params p = {1, n, n, n, 0, 0, 0, 0, 0, 0};
                  require(gx_matmul(a.device(), GX_FLOAT32, &p, x, y, z));
                },
                [=, &a] { return a.read(z, 4096); }};
  };
  return row;
}

Row convolution(const std::string& name, gx_precision precision, gx_conv_params p, double live) {
  Row row;
  row.name = name + " " + name_of(precision);
  row.precision = precision;
  int64_t out[3];
  require(gx_conv_out_size(&p, out));
  const int64_t in_pixels = p.in_size[0] * p.in_size[1] * p.in_size[2], out_pixels = out[0] * out[1] * out[2];
  const int64_t taps = p.kernel[0] * p.kernel[1] * p.kernel[2];
  const int64_t x_count = p.batch * p.in_channels * in_pixels, y_count = p.batch * p.out_channels * out_pixels;
  const int64_t w_count = p.in_channels * p.out_channels * taps;
  row.flops =
      2.0 * double(p.batch * p.in_channels * p.out_channels) * live * double(p.transposed ? in_pixels : out_pixels);
  row.bytes = 4.0 * double(x_count + y_count + w_count);
  row.tolerance = precision == GX_PRECISION_FP32 ? 1e-4 : precision == GX_PRECISION_TF32 ? 2e-3 : 2e-2;
  row.prepare = [=](Arrays& a) {
    const float *x = a.normal(x_count), *w = a.normal(w_count, 0.05);
    float* y = a.empty(y_count);
    return Call{[=, &a] { require(gx_conv(a.device(), GX_FLOAT32, &p, x, w, nullptr, nullptr, y)); },
                [=, &a] { return a.read(y, 4096); }};
  };
  return row;
}

gx_conv_params square(int64_t batch, int64_t in, int64_t out, int64_t size, int64_t kernel, int64_t stride,
                      int64_t padding, bool transposed) {
  gx_conv_params p = {};
  p.batch = batch;
  p.in_channels = in;
  p.out_channels = out;
  p.groups = 1;
  for (int axis = 0; axis < 3; ++axis) {
    p.in_size[axis] = axis == 0 ? 1 : size;
    p.kernel[axis] = axis == 0 ? 1 : kernel;
    p.stride[axis] = axis == 0 ? 1 : stride;
    p.dilation[axis] = 1;
    p.padding[axis] = axis == 0 ? 0 : padding;
  }
  p.transposed = transposed;
  return p;
}

// --- Passes over memory
// --------------------------------------------------------------------------------------------------

Row adam(int64_t n) {
  Row row;
  row.name = "adam 100 million";
  row.bytes = 28.0 * double(n);  // p, g, s0, s1 read; p, s0, s1 written
  row.tolerance = 1e-5;
  row.prepare = [n](Arrays& a) {
    float *p = a.normal(n), *g = a.normal(n), *m = a.empty(n), *v = a.empty(n);
    require(gx_fill(a.device(), GX_FLOAT32, 0, n, m));
    require(gx_fill(a.device(), GX_FLOAT32, 0, n, v));
    return Call{[=, &a] {
                  const gx_adam_params params = {{1e-3, 1, INFINITY, 0, 1}, 0.9, 0.999, 1e-8, 1, 0, 0};
                  const gx_segment segment = {n, p, g, m, v, nullptr, nullptr};
                  require(gx_adam(a.device(), GX_FLOAT32, &params, 1, &segment));
                },
                [=, &a] { return a.read(p, 4096); }};
  };
  return row;
}

Row softmax(int64_t rows, int64_t n) {
  Row row;
  row.name = "softmax " + std::to_string(rows) + "x" + std::to_string(n);
  row.bytes = 8.0 * double(rows * n);
  row.tolerance = 1e-5;
  row.prepare = [=](Arrays& a) {
    const float* x = a.normal(rows * n);
    float* y = a.empty(rows * n);
    return Call{[=, &a] { require(gx_softmax(a.device(), GX_FLOAT32, GX_SOFTMAX, rows, n, 1, x, y)); },
                [=, &a] { return a.read(y, 4096); }};
  };
  return row;
}

Row batch_norm(int64_t examples, int64_t channels, int64_t spatial) {
  Row row;
  row.name = "batch norm forward 128x128x32x32";
  const double n = double(examples * channels * spatial);
  row.bytes = 12 * n;  // x twice, y: statistics come before
  row.tolerance = 1e-4;
  row.prepare = [=](Arrays& a) {
    const int64_t count = examples * channels * spatial;
    const float *x = a.normal(count), *gamma = a.normal(channels), *beta = a.normal(channels);
    float *y = a.empty(count), *mean = a.normal(channels), *variance = a.empty(channels);
    require(gx_fill(a.device(), GX_FLOAT32, 1, channels, variance));
    double* statistics = a.doubles(4 * channels);
    return Call{[=, &a] {
                  const gx_batch_norm_params p = {examples, channels, spatial, 1e-5, 0.1, GX_NORM_LINEAR};
                  require(gx_batch_norm(a.device(), GX_FLOAT32, &p, x, gamma, beta, mean, variance, y, statistics));
                },
                [=, &a] { return a.read(y, 4096); }};
  };
  return row;
}

}  // namespace

std::vector<Row> rows() {
  std::vector<Row> all = {chain("gibbs sweep 784x500 b4096", 4096, 1),
                          chain("gibbs 1000 steps 784x500 b512", 512, 1000), ais(), gradient()};
  for (const bool backward : {false, true}) {
    all.push_back(coupling(1024, 3072, backward));
    all.push_back(coupling(64, 196608, backward));
  }
  for (const gx_precision precision : {GX_PRECISION_FP32, GX_PRECISION_TF32, GX_PRECISION_BF16}) {
    all.push_back(product(precision, 4096));
    const int64_t sizes[] = {4, 8, 16}, channels[] = {1024, 512, 256, 128};
    for (int i = 0; i < 3; ++i) {
      all.push_back(convolution("dcgan:deconv" + std::to_string(i + 1) + " b128", precision,
                                square(128, channels[i], channels[i + 1], sizes[i], 4, 2, 1, true), 16));
    }
    all.push_back(convolution("dcgan:deconv4 b128", precision, square(128, 128, 3, 32, 4, 2, 1, true), 16));
    gx_conv_params masked = square(128, 128, 128, 32, 3, 1, 1, false);
    masked.live_taps[0] = 0x1F;  // mask B: the upper row, the left neighbour, the pixel itself
    all.push_back(convolution("masked 3x3 128->128 32x32 b128", precision, masked, 5));
  }
  all.push_back(adam(100000000));
  all.push_back(batch_norm(128, 128, 1024));
  all.push_back(softmax(65536, 1024));
  all.push_back(softmax(4096, 50000));
  return all;
}

}  // namespace gx::bench
