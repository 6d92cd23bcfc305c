// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rows of states and random numbers: passes over memory, on batches shaped as visible layers.
#include "generatrix/states.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "generatrix/random.h"
#include "row.h"
#include "shapes.h"

namespace gx::bench {
namespace {

constexpr gx_rng kRng = {7, 1};

class Rows {
 public:
  Rows(const BatchShape& shape, gx_device* device, const std::string& filter, const Emit& emit)
      : shape_(shape),
        device_(device),
        filter_(filter),
        emit_(emit),
        floats_(size_t(shape.rows * shape.units)),
        bits_(size_t(shape.rows * ((shape.units + 31) / 32))) {}

  void all() {
    const double count = double(shape_.rows) * double(shape_.units), float_bytes = 4 * count,
                 bit_bytes = 4.0 * double(bits_.size());
    // In this order: the later rows read what the first one drew.
    row(
        "random.uniform", "", float_bytes,
        [&] { require(gx_random_uniform(device_, GX_FLOAT32, kRng, shape_.rows, shape_.units, floats_.data())); },
        [&] { require_close("the mean of uniform numbers", mean(), 0.5, 6 * std::sqrt(1 / 12.0 / count)); });
    row(
        "states.bernoulli", "floats to bits", float_bytes + bit_bytes,
        [&] { require(gx_states_bernoulli(device_, floats_.data(), kRng, &as_bits_)); },
        [&] { require_close("the share of ones", ones() / count, 0.5, 6 * std::sqrt(0.25 / count)); });
    row(
        "states.convert", "floats to bits", float_bytes + bit_bytes,
        [&] { require(gx_states_convert(device_, &as_floats_, 0.5f, &as_bits_)); },
        [&] {
          double expected = 0;
          for (float value : floats_) expected += value >= 0.5f;
          require_close("the number of ones", ones(), expected, 0);
        });
    row(
        "states.convert", "bits to floats", float_bytes + bit_bytes,
        [&] { require(gx_states_convert(device_, &as_bits_, 0, &as_floats_)); },
        [&] { require_close("the sum of zeros and ones", mean() * count, ones(), 1e-6 * count); });
    row(
        "random.normal", "", float_bytes,
        [&] { require(gx_random_normal(device_, GX_FLOAT32, kRng, 0, 1, shape_.rows, shape_.units, floats_.data())); },
        [&] { require_close("the mean of normal numbers", mean(), 0, 6 / std::sqrt(count)); });
  }

 private:
  void row(const char* op, const char* detail, double bytes, const std::function<void()>& run,
           const std::function<void()>& check) {
    run();  // even if the row is not asked for: the next one reads its result
    const Row r = through_abi(op, shape_.name, detail, 0, bytes, run, [&] {
      run();
      check();
    });
    if (matches(r, filter_)) emit_(r);
  }

  double mean() const {
    double sum = 0;
    for (float value : floats_) sum += value;
    return sum / double(floats_.size());
  }
  double ones() const {
    double count = 0;
    for (uint32_t word : bits_) count += __builtin_popcount(word);
    return count;
  }

  const BatchShape& shape_;
  gx_device* device_;
  const std::string& filter_;
  const Emit& emit_;
  std::vector<float> floats_;
  std::vector<uint32_t> bits_;
  gx_states as_floats_ = {floats_.data(), shape_.rows, shape_.units, GX_FLOAT32};
  gx_states as_bits_ = {bits_.data(), shape_.rows, shape_.units, GX_BITS};
};

}  // namespace

void states_rows(const std::string& shapes_file, const std::string& filter, int threads, const Emit& emit) {
  Device device(threads);
  for (const BatchShape& shape : read_batch_shapes(shapes_file)) Rows(shape, device.device, filter, emit).all();
}

}  // namespace gx::bench
