// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Optimiser steps and scans over all parameters of a model: passes over memory.
#include "generatrix/optim.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "row.h"
#include "shapes.h"

namespace gx::bench {
namespace {

constexpr double kRate = 0.125;

class OptimRows {
 public:
  OptimRows(const BatchShape& shape, gx_device* device, const std::string& filter, const Emit& emit)
      : shape_(shape), device_(device), filter_(filter), emit_(emit) {
    for (std::vector<float>* array : {&p_, &g_, &s0_, &s1_, &s2_, &ema_}) array->resize(size_t(elements()));
    for (int64_t s = 0; s < shape.rows; ++s) reads_.push_back({shape.units, g_.data() + s * shape.units});
  }

  // Each rule's first step at g = 2, in closed form.
  void all() {
    const gx_step step = {kRate, 1, std::numeric_limits<double>::infinity(), 0, 0.999};
    const gx_sgd_params sgd = {step, 0.9, 0};
    row("optim.sgd", "momentum", 1, false, 2, [=](auto... list) { return gx_sgd(device_, GX_FLOAT32, &sgd, list...); });
    const gx_adagrad_params adagrad = {step, 1e-10};
    row("optim.adagrad", "", 1, false, 1,
        [=](auto... list) { return gx_adagrad(device_, GX_FLOAT32, &adagrad, list...); });
    const gx_adadelta_params adadelta = {step, 0.75, 1e-6};
    row("optim.adadelta", "", 3, false, 2e-3 / std::sqrt(1 + 1e-6),
        [=](auto... list) { return gx_adadelta(device_, GX_FLOAT32, &adadelta, list...); });
    const gx_rmsprop_params rmsprop = {step, 0.75, 0, 0, 0};
    row("optim.rmsprop", "", 1, false, 2,
        [=](auto... list) { return gx_rmsprop(device_, GX_FLOAT32, &rmsprop, list...); });
    const gx_adam_params adam = {step, 0.9, 0.999, 1e-8, 1, 0, 0}, amsgrad = {step, 0.9, 0.999, 1e-8, 1, 0, 1};
    const auto with_adam = [=](auto... list) { return gx_adam(device_, GX_FLOAT32, &adam, list...); };
    row("optim.adam", "", 3, false, 1, with_adam);
    row("optim.adam", "average", 3, true, 1, with_adam);
    row("optim.adam", "amsgrad", 7, false, 1,
        [=](auto... list) { return gx_adam(device_, GX_FLOAT32, &amsgrad, list...); });

    const double bytes = 4.0 * double(elements());
    double norm = 0;
    emit(
        "optim.global_norm", "", bytes,
        [&] { require(gx_global_norm(device_, GX_FLOAT32, shape_.rows, reads_.data(), &norm)); },
        [&] { require_close("the norm", norm, 2 * std::sqrt(double(elements())), 1e-9 * norm); });
    int64_t found[2] = {0, 0};
    emit(
        "optim.all_finite", "", bytes,
        [&] { require(gx_all_finite(device_, GX_FLOAT32, shape_.rows, reads_.data(), found)); },
        [&] { require_close("what is not finite", double(found[0]), -1, 0); });
  }

 private:
  int64_t elements() const { return shape_.rows * shape_.units; }

  // states: bit i for s_i. Bytes: p and the states read and written, g read, the average read and written.
  template <class Step>
  void row(const char* op, const char* detail, int states, bool average, double move, Step step) {
    std::vector<gx_segment> segments;
    for (int64_t s = 0; s < shape_.rows; ++s) {
      const int64_t at = s * shape_.units;
      segments.push_back({shape_.units, &p_[size_t(at)], &g_[size_t(at)], states & 1 ? &s0_[size_t(at)] : nullptr,
                          states & 2 ? &s1_[size_t(at)] : nullptr, states & 4 ? &s2_[size_t(at)] : nullptr,
                          average ? &ema_[size_t(at)] : nullptr});
    }
    const int arrays = 3 + 2 * __builtin_popcount(unsigned(states)) + 2 * average;
    const auto run = [&] { require(step(shape_.rows, segments.data())); };
    emit(op, detail, 4.0 * arrays * double(elements()), run, [&] {
      p_.assign(p_.size(), 1);
      for (std::vector<float>* array : {&s0_, &s1_, &s2_}) array->assign(array->size(), 0);
      g_.assign(g_.size(), 2);
      ema_.assign(ema_.size(), 1);
      run();
      for (const float p : {p_.front(), p_.back()}) require_close("p", p, 1 - kRate * move, 1e-6);
    });
  }

  void emit(const char* op, const char* detail, double bytes, const std::function<void()>& run,
            const std::function<void()>& check) {
    const Row r = through_abi(op, shape_.name, detail, 0, bytes, run, [&] {
      run();
      check();
    });
    if (matches(r, filter_)) emit_(r);
  }

  const BatchShape& shape_;
  gx_device* device_;
  const std::string& filter_;
  const Emit& emit_;
  std::vector<float> p_, g_, s0_, s1_, s2_, ema_;
  std::vector<gx_read_segment> reads_;
};

}  // namespace

void optim_rows(const std::string& shapes_file, const std::string& filter, int threads, const Emit& emit) {
  Device device(threads);
  for (const BatchShape& shape : read_batch_shapes(shapes_file)) OptimRows(shape, device.device, filter, emit).all();
}

}  // namespace gx::bench
