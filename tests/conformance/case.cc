// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "case.h"

#include <cstring>

namespace gx::test {
namespace {
constexpr unsigned char kPattern = 0x7B;
}

Run::~Run() {
  precision(GX_PRECISION_FP32);
  for (const auto& b : buffers_) gx_free(device_, b->data);
}

Run::Buffer& Run::make(const void* from, int64_t bytes) {
  std::vector<unsigned char> image(size_t(bytes + 2 * kGuard), kPattern);
  if (from) {
    std::memcpy(image.data() + kGuard, from, size_t(bytes));
  } else {
    std::memset(image.data() + kGuard, 0xFF, size_t(bytes));  // NaN
  }
  void* data = nullptr;
  EXPECT_OK(gx_alloc_uninitialized(device_, int64_t(image.size()), &data));
  EXPECT_OK(gx_copy(device_, data, image.data(), int64_t(image.size())));
  buffers_.push_back(std::make_unique<Buffer>());
  Buffer& b = *buffers_.back();
  b.data = static_cast<char*>(data);
  b.bytes = bytes;
  return b;
}

Run::Buffer& Run::make_real(const std::vector<float>& values) {
  if (format_ == GX_FLOAT32) return make(values.data(), int64_t(values.size() * sizeof(float)));
  const std::vector<double> wide(values.begin(), values.end());
  return make(wide.data(), int64_t(wide.size() * sizeof(double)));
}

Run::Buffer& Run::output(Buffer& buffer, Tolerance tolerance) {
  buffer.output = int(outputs_.size());
  outputs_.push_back({"output " + std::to_string(outputs_.size()), {}, tolerance});
  return buffer;
}

const void* Run::real(const std::vector<float>& values) { return make_real(values).data + kGuard; }
const float* Run::floats(const std::vector<float>& values) { return array(values); }
const double* Run::doubles(const std::vector<double>& values) { return array(values); }

gx_states Run::bits(int64_t rows, int64_t units, const std::vector<uint32_t>& words) {
  return {const_cast<uint32_t*>(array(words)), rows, units, GX_BITS};
}

void* Run::out(int64_t count, Tolerance tolerance) {
  const int64_t size = format_ == GX_FLOAT64 ? 8 : 4;
  return output(make(nullptr, count * size), tolerance).data + kGuard;
}

void* Run::inout(const std::vector<float>& values, Tolerance tolerance) {
  return output(make_real(values), tolerance).data + kGuard;
}

float* Run::out_floats(int64_t count, Tolerance tolerance) {
  Buffer& b = output(make(nullptr, count * 4), tolerance);
  b.type = Buffer::kFloat;
  return reinterpret_cast<float*>(b.data + kGuard);
}

double* Run::out_doubles(int64_t count, Tolerance tolerance) {
  Buffer& b = output(make(nullptr, count * 8), tolerance);
  b.type = Buffer::kDouble;
  return reinterpret_cast<double*>(b.data + kGuard);
}

double* Run::inout_doubles(const std::vector<double>& values, Tolerance tolerance) {
  Buffer& b = output(make(values.data(), int64_t(values.size() * 8)), tolerance);
  b.type = Buffer::kDouble;
  return reinterpret_cast<double*>(b.data + kGuard);
}

gx_states Run::out_bits(int64_t rows, int64_t units, double differing_units) {
  return inout_bits(rows, units, std::vector<uint32_t>(size_t(rows * ((units + 31) / 32)), 0xFFFFFFFFu),
                    differing_units);
}

gx_states Run::inout_bits(int64_t rows, int64_t units, const std::vector<uint32_t>& words, double differing_units) {
  Buffer& b = output(make(words.data(), int64_t(words.size() * 4)), {});
  b.type = Buffer::kBits;
  Output& o = outputs_.back();
  o.exact_bits = true;
  o.differing_units = differing_units;
  o.units = rows * units;
  return {b.data + kGuard, rows, units, GX_BITS};
}

void Run::host(const std::vector<double>& values, Tolerance tolerance) {
  outputs_.push_back({"host result " + std::to_string(outputs_.size()), values, tolerance});
}

void Run::precision(gx_precision precision) {
  gx_backend backend = GX_BACKEND_CPU;
  ok(gx_device_get_backend(device_, &backend));
  if (backend == GX_BACKEND_CUDA && format_ == GX_FLOAT32) ok(gx_device_set_precision(device_, precision));
}

void Run::ok(gx_status status) {
  if (status == GX_OK || failed_) return;
  failed_ = true;
  sentence_ = gx_last_error();
}

std::vector<Output> Run::finish() {
  ok(gx_device_synchronize(device_));
  for (const auto& b : buffers_) {
    std::vector<unsigned char> image(size_t(b->bytes + 2 * kGuard));
    ok(gx_copy(device_, image.data(), b->data, int64_t(image.size())));
    for (int64_t i = 0; i < kGuard; ++i) {
      if (image[size_t(i)] != kPattern || image[size_t(kGuard + b->bytes + i)] != kPattern) {
        ADD_FAILURE() << "bytes outside of an array of " << b->bytes << " bytes were written";
        break;
      }
    }
    if (b->output < 0) continue;
    std::vector<double>& values = outputs_[size_t(b->output)].values;
    const auto read = [&](auto zero) {
      using T = decltype(zero);
      std::vector<T> typed(size_t(b->bytes) / sizeof(T));
      if (!typed.empty()) std::memcpy(typed.data(), image.data() + kGuard, typed.size() * sizeof(T));
      values.assign(typed.begin(), typed.end());
    };
    if (b->type == Buffer::kBits) {
      read(uint32_t());
    } else if (b->type == Buffer::kDouble || (b->type == Buffer::kReal && format_ == GX_FLOAT64)) {
      read(double());
    } else {
      read(float());
    }
  }
  return std::move(outputs_);
}

std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

void add_case(std::string family, std::string name, std::function<void(Run&)> body, Formats formats) {
  cases().push_back({std::move(family), std::move(name), std::move(body), formats});
}

}  // namespace gx::test
