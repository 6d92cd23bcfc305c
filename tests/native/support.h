// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the tests share beside comparator and buffers: a device, expectations on statuses, inputs, sizes, the registry.
#ifndef GENERATRIX_TESTS_NATIVE_SUPPORT_H_
#define GENERATRIX_TESTS_NATIVE_SUPPORT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "generatrix/generatrix.h"

// The call succeeds; if not, its sentence is printed.
#define EXPECT_OK(call) EXPECT_EQ(GX_OK, (call)) << gx_last_error()
#define ASSERT_OK(call) ASSERT_EQ(GX_OK, (call)) << gx_last_error()

// The call fails with this status, and its sentence has this part.
#define EXPECT_FAILS(status, part, call) EXPECT_PRED_FORMAT3(::gx::test::fails, status, part, call)
#define EXPECT_REFUSED(part, call) EXPECT_FAILS(GX_INVALID_ARGUMENT, part, call)

namespace gx::test {

inline ::testing::AssertionResult fails(const char*, const char*, const char* call, gx_status want, const char* part,
                                        gx_status got) {
  if (got != want) return ::testing::AssertionFailure() << call << ": got status " << got << ", want " << want;
  if (std::string(gx_last_error()).find(part) == std::string::npos) {
    return ::testing::AssertionFailure() << call << ": the sentence should have \"" << part << "\", got \""
                                         << gx_last_error() << "\"";
  }
  return ::testing::AssertionSuccess();
}

class Device {
 public:
  explicit Device(int32_t threads = 0) { EXPECT_OK(gx_device_create_cpu(threads, &device_)); }
  ~Device() { EXPECT_OK(gx_device_destroy(device_)); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  operator gx_device*() const { return device_; }

 private:
  gx_device* device_ = nullptr;
};

// Environment switches of the suite. EXHAUSTIVE: every float in the accuracy tests. QUICK: smaller samples, for an
// emulator.
inline bool switched_on(const char* name) {
  const char* value = std::getenv(name);
  return value && *value && std::string(value) != "0";
}
inline bool exhaustive() { return switched_on("GENERATRIX_TEST_EXHAUSTIVE"); }
inline bool quick() { return switched_on("GENERATRIX_TEST_QUICK"); }

inline std::vector<int32_t> thread_counts() { return {1, 2, 3, 5}; }

// Powers of two and their neighbours up to `most`, with 0 and some odd sizes: where vectors, words and blocks begin and
// end.
inline std::vector<int64_t> edge_sizes(int64_t most) {
  std::vector<int64_t> sizes = {0};
  for (int64_t power = 1; power <= most; power *= 2) {
    for (int64_t n : {power - 1, power, power + 1, power + power / 2 + 1}) {
      if (n > sizes.back() && n <= most) sizes.push_back(n);
    }
  }
  return sizes;
}

// Inputs come from SplitMix64 (Steele, Lea, Flood 2014), so that no test of the library's generator rests on itself.
class Source {
 public:
  explicit Source(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  double real(double low, double high) { return low + (high - low) * double(next() >> 11) * 0x1p-53; }
  int64_t integer(int64_t low, int64_t high) { return low + int64_t(next() % uint64_t(high - low + 1)); }

 private:
  uint64_t state_;
};

inline std::vector<float> reals(int64_t n, double low, double high, uint64_t seed) {
  Source source(seed);
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = float(source.real(low, high));
  return v;
}
// Small integers as floats: sums of products of these are exact, so that tests can ask for equality.
inline std::vector<float> integers(int64_t n, int64_t low, int64_t high, uint64_t seed) {
  Source source(seed);
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = float(source.integer(low, high));
  return v;
}

inline int64_t words_of(int64_t units) { return (units + 31) / 32; }

// Packed states with clean padding, each unit set with the given chance.
inline std::vector<uint32_t> packed(int64_t rows, int64_t units, double chance, uint64_t seed) {
  Source source(seed);
  std::vector<uint32_t> bits(size_t(rows * words_of(units)), 0);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t i = 0; i < units; ++i) {
      if (source.real(0, 1) < chance) bits[size_t(r * words_of(units) + i / 32)] |= 1u << (i % 32);
    }
  }
  return bits;
}

// FNV-1a over bytes: results that must be the same on every instruction set are pinned by their checksum.
template <class T>
uint64_t checksum(const T* data, int64_t n) {
  uint64_t h = 0xcbf29ce484222325u;
  const unsigned char* bytes = reinterpret_cast<const unsigned char*>(data);
  for (int64_t i = 0; i < n * int64_t(sizeof(T)); ++i) h = (h ^ bytes[i]) * 0x100000001b3u;
  return h;
}

inline std::vector<gx_kernel_info> registry() {
  std::vector<gx_kernel_info> all;
  gx_kernel_info info;
  for (int32_t i = 0; gx_kernel_at(i, &info) == GX_OK; ++i) all.push_back(info);
  return all;
}

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_SUPPORT_H_
