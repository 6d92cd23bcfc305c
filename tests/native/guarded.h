// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A buffer between canaries. It begins as a pattern that is NaN as a float, so that an element nobody wrote is seen,
// and it can stand off the 64-byte grid by some elements. Under AddressSanitizer the canaries are poisoned: reading
// them fails as well.
#ifndef GENERATRIX_TESTS_NATIVE_GUARDED_H_
#define GENERATRIX_TESTS_NATIVE_GUARDED_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#endif

namespace gx::test {

template <class T>
class Guarded {
 public:
  // count elements, the first `offset` elements after a 64-byte boundary.
  explicit Guarded(int64_t count, int64_t offset = 0) : count_(count) {
    const size_t data_bytes = size_t(count) * sizeof(T), lead = kCanary + size_t(offset) * sizeof(T);
    block_bytes_ = (lead + data_bytes + kCanary + 63) / 64 * 64;
    block_ = static_cast<unsigned char*>(std::aligned_alloc(64, block_bytes_));
    std::memset(block_, kPattern, block_bytes_);
    data_ = reinterpret_cast<T*>(block_ + lead);
    std::memset(static_cast<void*>(data_), 0xFF, data_bytes);
    poison();
  }
  Guarded(const std::vector<T>& values, int64_t offset = 0) : Guarded(int64_t(values.size()), offset) {
    std::copy(values.begin(), values.end(), data_);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() {
    EXPECT_TRUE(intact());
    unpoison();
    std::free(block_);
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  int64_t size() const { return count_; }
  T& operator[](int64_t i) { return data_[i]; }
  const T& operator[](int64_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + count_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + count_; }
  std::vector<T> values() const { return std::vector<T>(begin(), end()); }

  // Also checked when the buffer goes.
  ::testing::AssertionResult intact() const {
    unpoison();
    const unsigned char* const from = reinterpret_cast<const unsigned char*>(data_);
    const unsigned char* const to = reinterpret_cast<const unsigned char*>(data_ + count_);
    int64_t broken = 0, where = 0;
    for (const unsigned char* p = block_; p < block_ + block_bytes_; ++p) {
      if (p >= from && p < to) continue;
      if (*p != kPattern && broken++ == 0) where = p < from ? p - from : p - to;
    }
    poison();
    if (broken == 0) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << broken << " bytes outside a buffer of " << count_
                                         << " elements were written, the first " << (where < 0 ? -where : where)
                                         << (where < 0 ? " before its begin" : " after its end");
  }

 private:
  static constexpr size_t kCanary = 128;  // wider than any vector
  static constexpr unsigned char kPattern = 0xA5;

  void poison() const {
    ASAN_POISON_MEMORY_REGION(block_, size_t(reinterpret_cast<unsigned char*>(data_) - block_));
    ASAN_POISON_MEMORY_REGION(data_ + count_,
                              size_t(block_ + block_bytes_ - reinterpret_cast<unsigned char*>(data_ + count_)));
  }
  void unpoison() const { ASAN_UNPOISON_MEMORY_REGION(block_, block_bytes_); }

  int64_t count_;
  size_t block_bytes_;
  unsigned char* block_;
  T* data_;
};

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_GUARDED_H_
