// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Devices, their memory account, and the last error.

#include <algorithm>
#include <cstring>
#include <map>
#include <thread>

#include "guarded.h"
#include "support.h"

namespace gx::test {
namespace {

gx_memory memory_of(gx_device* device) {
  gx_memory m = {};
  EXPECT_OK(gx_device_get_memory(device, &m));
  return m;
}

TEST(Device, HasTheThreadsAskedFor) {
  Device two(2);
  int32_t threads = 0;
  EXPECT_OK(gx_device_get_threads(two, &threads));
  EXPECT_EQ(threads, 2);
  EXPECT_OK(gx_device_set_threads(two, 7));
  EXPECT_OK(gx_device_get_threads(two, &threads));
  EXPECT_EQ(threads, 7);
  EXPECT_OK(gx_device_set_threads(two, 0));
  EXPECT_OK(gx_device_get_threads(two, &threads));
  EXPECT_EQ(threads, gx_default_threads());
}

TEST(Device, RefusesBadArguments) {
  gx_device* device = reinterpret_cast<gx_device*>(1);
  EXPECT_REFUSED("between 0 and 1024, got -1", gx_device_create_cpu(-1, &device));
  EXPECT_EQ(device, nullptr) << "a failed call must not leave a handle behind";
  EXPECT_REFUSED("got 1025", gx_device_create_cpu(1025, &device));
  EXPECT_REFUSED("device must not be null", gx_device_create_cpu(1, nullptr));
  EXPECT_OK(gx_device_destroy(nullptr));
  Device good(1);
  int32_t threads;
  gx_memory memory;
  void* data;
  EXPECT_REFUSED("device", gx_device_set_threads(nullptr, 1));
  EXPECT_REFUSED("got -2", gx_device_set_threads(good, -2));
  EXPECT_REFUSED("device", gx_device_get_threads(nullptr, &threads));
  EXPECT_REFUSED("threads", gx_device_get_threads(good, nullptr));
  EXPECT_REFUSED("device", gx_device_get_memory(nullptr, &memory));
  EXPECT_REFUSED("memory", gx_device_get_memory(good, nullptr));
  EXPECT_REFUSED("device", gx_device_set_memory_limit(nullptr, 0));
  EXPECT_REFUSED("at least 0, got -5", gx_device_set_memory_limit(good, -5));
  EXPECT_REFUSED("device", gx_device_trim(nullptr));
  EXPECT_REFUSED("device", gx_alloc(nullptr, 1, &data));
  EXPECT_REFUSED("data", gx_alloc(good, 1, nullptr));
  EXPECT_REFUSED("at least 0, got -1", gx_alloc(good, -1, &data));
  EXPECT_REFUSED("device", gx_alloc_uninitialized(nullptr, 1, &data));
  EXPECT_REFUSED("data", gx_alloc_uninitialized(good, 1, nullptr));
  EXPECT_REFUSED("at least 0, got -1", gx_alloc_uninitialized(good, -1, &data));
  EXPECT_REFUSED("device", gx_free(nullptr, nullptr));
}

TEST(Memory, IsZeroedAlignedAndCounted) {
  Device device(1);
  std::vector<void*> buffers;
  int64_t live = 0;
  for (int64_t bytes : {0, 1, 63, 64, 65, 4096, 1 << 20}) {
    void* data = nullptr;
    ASSERT_OK(gx_alloc(device, bytes, &data));
    ASSERT_NE(data, nullptr);
    EXPECT_EQ(uintptr_t(data) % 64, 0u);
    for (int64_t i = 0; i < bytes; ++i) ASSERT_EQ(static_cast<char*>(data)[i], 0);
    std::memset(data, 0xEE, size_t(bytes));
    buffers.push_back(data);
    live += bytes;
    EXPECT_EQ(memory_of(device).live, live);
    EXPECT_EQ(memory_of(device).peak, live);
  }
  const int64_t peak = live;
  for (void* data : buffers) EXPECT_OK(gx_free(device, data));
  EXPECT_EQ(memory_of(device).live, 0);
  EXPECT_EQ(memory_of(device).peak, peak);
  void* again = nullptr;  // memory that comes back dirty from the system is cleaned
  ASSERT_OK(gx_alloc(device, 1 << 20, &again));
  for (int64_t i = 0; i < 1 << 20; ++i) ASSERT_EQ(static_cast<char*>(again)[i], 0);
  EXPECT_OK(gx_free(device, again));
}

TEST(Memory, KeepsToItsLimit) {
  Device device(1);
  EXPECT_OK(gx_device_set_memory_limit(device, 1000));
  EXPECT_EQ(memory_of(device).limit, 1000);
  void *a = nullptr, *b = nullptr;
  ASSERT_OK(gx_alloc(device, 600, &a));
  EXPECT_FAILS(GX_OUT_OF_MEMORY, "600 bytes are live", gx_alloc(device, 401, &b));
  EXPECT_NE(std::string(gx_last_error()).find("401"), std::string::npos) << gx_last_error();
  EXPECT_NE(std::string(gx_last_error()).find("1000"), std::string::npos) << gx_last_error();
  EXPECT_EQ(b, nullptr);
  EXPECT_OK(gx_alloc(device, 400, &b));
  EXPECT_EQ(memory_of(device).live, 1000);
  EXPECT_OK(gx_device_set_memory_limit(device, 10));  // below what lives: nothing more is given, nothing is taken away
  void* c = nullptr;
  EXPECT_FAILS(GX_OUT_OF_MEMORY, "limit is 10", gx_alloc(device, 1, &c));
  EXPECT_OK(gx_free(device, a));
  EXPECT_OK(gx_free(device, b));
  EXPECT_OK(gx_device_set_memory_limit(device, 0));
  EXPECT_OK(gx_alloc(device, 100000, &a));
  EXPECT_OK(gx_free(device, a));
}

TEST(Memory, RefusesWhatNoMachineHas) {
  Device device(1);
  void* data = nullptr;
  EXPECT_FAILS(GX_OUT_OF_MEMORY, "bytes", gx_alloc(device, INT64_MAX, &data));
  EXPECT_EQ(data, nullptr);
#if !defined(__SANITIZE_ADDRESS__)  // which takes a size this large for a bug of the caller
  EXPECT_FAILS(GX_OUT_OF_MEMORY, "bytes", gx_alloc(device, INT64_MAX / 2, &data));
#endif
  EXPECT_EQ(memory_of(device).live, 0);
}

TEST(Memory, FreesOnlyItsOwn) {
  Device one(1), other(1);
  void* data = nullptr;
  ASSERT_OK(gx_alloc(one, 64, &data));
  EXPECT_REFUSED("live one of this device", gx_free(other, data));
  EXPECT_REFUSED("live one of this device", gx_free(one, static_cast<char*>(data) + 4));
  EXPECT_OK(gx_free(one, data));
  EXPECT_REFUSED("live one of this device", gx_free(one, data));
  EXPECT_OK(gx_free(one, nullptr));
}

TEST(Memory, HoldsTheDeviceWhileBuffersLive) {
  gx_device* device = nullptr;
  ASSERT_OK(gx_device_create_cpu(1, &device));
  void* data = nullptr;
  ASSERT_OK(gx_alloc(device, 64, &data));
  EXPECT_REFUSED("got 1 with 64 bytes", gx_device_destroy(device));
  EXPECT_OK(gx_free(device, data));
  EXPECT_OK(gx_device_destroy(device));
}

TEST(Memory, CountsTrimsAndLimitsTheWorkspace) {
  Device device(1);
  std::vector<float> W(40 * 12, 0.25f), b(40, 0.5f), c(12, -0.5f);
  const gx_rbm rbm = {40, 12, W.data(), b.data(), c.data(), nullptr, nullptr};
  double first = 0, second = 0;
  EXPECT_EQ(memory_of(device).workspace, 0);
  ASSERT_OK(gx_rbm_log_partition(device, &rbm, &first));
  const int64_t kept = memory_of(device).workspace;
  EXPECT_GT(kept, 0);
  ASSERT_OK(gx_rbm_log_partition(device, &rbm, &second));
  EXPECT_EQ(memory_of(device).workspace, kept) << "a second call of the same size needs no more";
  EXPECT_EQ(first, second);
  EXPECT_EQ(memory_of(device).live, 0) << "workspace is not the caller's";
  EXPECT_OK(gx_device_trim(device));
  EXPECT_EQ(memory_of(device).workspace, 0);
  EXPECT_OK(gx_device_set_memory_limit(device, 64));
  EXPECT_FAILS(GX_OUT_OF_MEMORY, "the limit is 64", gx_rbm_log_partition(device, &rbm, &second));
  EXPECT_OK(gx_device_set_memory_limit(device, 0));
  second = 0;
  ASSERT_OK(gx_rbm_log_partition(device, &rbm, &second));
  EXPECT_EQ(first, second);
}

void* buffer_of(gx_device* device, int64_t bytes) {
  void* data = nullptr;
  EXPECT_OK(gx_alloc_uninitialized(device, bytes, &data));
  return data;
}

TEST(MemoryCache, GivesAFreedBlockToTheNextBufferOfItsSize) {
  Device device(1);
  for (int64_t bytes : {1, 64, 1000, 5000, 1 << 20, 5 << 20}) {
    void* first = buffer_of(device, bytes);
    EXPECT_EQ(uintptr_t(first) % 64, 0u);
    std::memset(first, 0x5A, size_t(bytes));
    EXPECT_OK(gx_free(device, first));
    const int64_t idle = memory_of(device).cached;
    EXPECT_GE(idle, bytes);
    EXPECT_LE(idle, bytes + bytes / 7 + 64) << "a block wastes less than an eighth of itself";
    EXPECT_EQ(buffer_of(device, bytes), first);
    EXPECT_EQ(memory_of(device).cached, 0);
    EXPECT_EQ(static_cast<unsigned char*>(first)[bytes - 1], 0x5A) << "uninitialised memory is not touched";
    EXPECT_OK(gx_free(device, first));
    void* zeroed = nullptr;
    ASSERT_OK(gx_alloc(device, bytes, &zeroed));
    EXPECT_EQ(zeroed, first);
    const auto* values = static_cast<unsigned char*>(zeroed);
    EXPECT_EQ(std::count(values, values + bytes, 0), bytes);
    EXPECT_OK(gx_free(device, zeroed));
    EXPECT_OK(gx_device_trim(device));
    EXPECT_EQ(memory_of(device).cached, 0);
  }
}

TEST(MemoryCache, GoesBackBeforeARequestIsRefused) {
  Device device(1);
  EXPECT_OK(gx_device_set_memory_limit(device, 10000));
  void *a = buffer_of(device, 4096), *b = buffer_of(device, 2048);
  EXPECT_OK(gx_free(device, a));
  EXPECT_OK(gx_free(device, b));
  EXPECT_EQ(memory_of(device).cached, 6144);
  void* c = buffer_of(device, 5000);  // the 4096 were asked for longest ago; the 2048 may stay
  EXPECT_EQ(memory_of(device).cached, 2048);
  void* refused = nullptr;
  EXPECT_FAILS(GX_OUT_OF_MEMORY,
               "a buffer of 5001 bytes does not fit: 5000 bytes are live, 0 cached, 0 workspace, the limit is 10000",
               gx_alloc(device, 5001, &refused));
  EXPECT_EQ(refused, nullptr);
  EXPECT_OK(gx_free(device, c));
  EXPECT_GT(memory_of(device).cached, 0);
  EXPECT_OK(gx_device_set_memory_limit(device, 100));
  EXPECT_EQ(memory_of(device).cached, 0) << "what is idle goes when the limit falls below it";
  void* small = buffer_of(device, 90);
  EXPECT_OK(gx_free(device, small));
  EXPECT_EQ(memory_of(device).cached, 0) << "a block of 128 bytes would pass the limit";
}

TEST(MemoryCache, GoesBackBeforeAWorkspaceIsRefused) {
  Device device(1);
  std::vector<float> W(40 * 12, 0.25f), b(40, 0.5f), c(12, -0.5f);
  const gx_rbm rbm = {40, 12, W.data(), b.data(), c.data(), nullptr, nullptr};
  double value = 0;
  EXPECT_OK(gx_device_set_memory_limit(device, 1 << 17));
  EXPECT_OK(gx_free(device, buffer_of(device, 1 << 17)));
  EXPECT_EQ(memory_of(device).cached, 1 << 17);
  EXPECT_OK(gx_rbm_log_partition(device, &rbm, &value));
  EXPECT_EQ(memory_of(device).cached, 0);
  EXPECT_LE(memory_of(device).workspace, 1 << 17);
}

TEST(MemoryCache, NeverHoldsMoreThanTwiceThePeak) {
  Device device(1);
  const int64_t mega = 1 << 20;
  for (int64_t megas = 20; megas <= 40; ++megas) {  // classes nobody asks for again
    EXPECT_OK(gx_free(device, buffer_of(device, megas * mega)));
    const gx_memory now = memory_of(device);
    EXPECT_LE(now.cached, 2 * now.peak + 64 * mega);
  }
  const int64_t idle = memory_of(device).cached;
  EXPECT_GT(idle, 100 * mega);
  EXPECT_OK(gx_free(device, buffer_of(device, 40 * mega)));
  EXPECT_EQ(memory_of(device).cached, idle) << "the newest class is still there";
}

TEST(MemoryCache, AccountsExactlyForAnyOrderOfFrees) {
  Device device(1);
  Source source(5);
  std::map<void*, int64_t> live;
  int64_t bytes_live = 0, peak = 0;
  for (int step = 0; step < (quick() ? 2000 : 20000); ++step) {
    if (live.size() < 300 && source.integer(0, 2) > 0) {
      const int64_t bytes = source.integer(0, 1) ? source.integer(0, 700) : source.integer(0, 40000);
      void* data = buffer_of(device, bytes);
      ASSERT_TRUE(live.emplace(data, bytes).second) << "a live block was given again";
      std::memset(data, int(step), size_t(bytes));
      peak = std::max(peak, bytes_live += bytes);
    } else if (!live.empty()) {
      const auto taken = std::next(live.begin(), source.integer(0, int64_t(live.size()) - 1));
      bytes_live -= taken->second;
      ASSERT_OK(gx_free(device, taken->first));
      EXPECT_REFUSED("live one of this device", gx_free(device, taken->first));
      live.erase(taken);
    }
    if (step % 97 == 0) {
      ASSERT_EQ(memory_of(device).live, bytes_live);
      ASSERT_EQ(memory_of(device).peak, peak);
    }
  }
  for (const auto& [data, bytes] : live) EXPECT_OK(gx_free(device, data));
  EXPECT_EQ(memory_of(device).live, 0);
  EXPECT_OK(gx_device_trim(device));
  EXPECT_EQ(memory_of(device).cached, 0);
}

TEST(MemoryCache, ServesSeveralThreads) {
  Device device(1);
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&, t] {
      Source source(uint64_t(t) + 1);
      std::vector<unsigned char*> mine;
      for (int step = 0; step < (quick() ? 300 : 3000); ++step) {
        const int64_t bytes = source.integer(1, 5) * 200;
        auto* data = static_cast<unsigned char*>(buffer_of(device, bytes));
        data[0] = data[bytes - 1] = static_cast<unsigned char>(t);
        mine.push_back(data);
        if (mine.size() == 8) {
          for (unsigned char* one : mine) {
            EXPECT_EQ(one[0], t);
            EXPECT_OK(gx_free(device, one));
          }
          mine.clear();
          if (source.integer(0, 20) == 0) {
            EXPECT_OK(gx_device_trim(device));
          }
        }
      }
      for (unsigned char* one : mine) EXPECT_OK(gx_free(device, one));
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(memory_of(device).live, 0);
}

TEST(MemoryCache, IsPoisonedUnderAddressSanitizer) {
#if defined(__SANITIZE_ADDRESS__)
  Device device(1);
  auto* data = static_cast<char*>(buffer_of(device, 100));
  EXPECT_EQ(__asan_region_is_poisoned(data, 100), nullptr);
  EXPECT_TRUE(__asan_address_is_poisoned(data + 100)) << "the rest of the block";
  EXPECT_OK(gx_free(device, data));
  EXPECT_TRUE(__asan_address_is_poisoned(data));
  EXPECT_EQ(buffer_of(device, 90), data);
  EXPECT_TRUE(__asan_address_is_poisoned(data + 90));
  EXPECT_EQ(__asan_region_is_poisoned(data, 90), nullptr);
  EXPECT_OK(gx_free(device, data));
#else
  GTEST_SKIP() << "built without it";
#endif
}

TEST(Memory, HandsOutMoreThanFourGigabytesWithoutTouchingThem) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer fills what it gives";
#else
  Device device(1);
  const int64_t bytes = (int64_t(1) << 32) + (int64_t(1) << 28);
  void* data = nullptr;
  if (gx_alloc(device, bytes, &data) != GX_OK) GTEST_SKIP() << gx_last_error();
  auto* values = static_cast<char*>(data);
  EXPECT_EQ(values[0], 0);
  EXPECT_EQ(values[bytes - 1], 0);
  values[bytes - 1] = 7;
  EXPECT_EQ(memory_of(device).live, bytes);
  EXPECT_OK(gx_free(device, data));
#endif
}

TEST(Memory, CopiesAndRefusesOverlap) {
  Device device(1);
  Guarded<unsigned char> from(100), to(100);
  for (int i = 0; i < 100; ++i) from[i] = static_cast<unsigned char>(i), to[i] = 0;
  EXPECT_OK(gx_copy(device, to.data(), from.data() + 10, 90));
  for (int i = 0; i < 100; ++i) ASSERT_EQ(to[i], i < 90 ? i + 10 : 0);
  EXPECT_OK(gx_copy(device, nullptr, nullptr, 0));
  EXPECT_REFUSED("to must not be null", gx_copy(device, nullptr, from.data(), 1));
  EXPECT_REFUSED("from must not be null", gx_copy(device, to.data(), nullptr, 1));
  EXPECT_REFUSED("at least 0, got -1", gx_copy(device, to.data(), from.data(), -1));
  EXPECT_REFUSED("device", gx_copy(nullptr, to.data(), from.data(), 1));
  EXPECT_REFUSED("overlap", gx_copy(device, to.data() + 1, to.data(), 2));
  EXPECT_OK(gx_copy(device, to.data() + 2, to.data(), 2));
}

TEST(LastError, BelongsToTheThreadAndItsLastFailure) {
  Device device(1);
  EXPECT_REFUSED("got -1", gx_device_set_memory_limit(device, -1));
  const std::string mine = gx_last_error();
  std::thread([&] {
    EXPECT_STREQ(gx_last_error(), "") << "a thread begins without a failure";
    EXPECT_REFUSED("got -2", gx_device_set_memory_limit(device, -2));
  }).join();
  EXPECT_EQ(gx_last_error(), mine);
  EXPECT_OK(gx_device_set_memory_limit(device, 0));
  EXPECT_EQ(gx_last_error(), mine) << "a success does not change it";
}

TEST(Device, ServesSeveralThreadsAtOnce) {
  Device device(2);
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&, t] {
      std::vector<float> x = reals(5000, -9, 9, uint64_t(t)), y(x.size()), z(x.size());
      for (int round = 0; round < (quick() ? 3 : 30); ++round) {
        void* data = nullptr;
        EXPECT_OK(gx_alloc(device, 1000 + t, &data));
        EXPECT_OK(
            gx_unary(device, GX_FLOAT32, GX_SIGMOID, 0, int64_t(x.size()), x.data(), round == 0 ? y.data() : z.data()));
        EXPECT_TRUE(round == 0 || y == z);
        EXPECT_OK(gx_free(device, data));
      }
    });
  }
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(memory_of(device).live, 0);
}

TEST(Version, HasThreeNumbers) {
  int major, minor, patch, used = 0;
  ASSERT_EQ(std::sscanf(gx_version(), "%d.%d.%d%n", &major, &minor, &patch, &used), 3) << gx_version();
  EXPECT_EQ(size_t(used), std::strlen(gx_version()));
}

TEST(Threads, DefaultIsPositiveAndExplained) {
  EXPECT_GE(gx_default_threads(), 1);
  EXPECT_STRNE(gx_default_threads_reason(), "");
}

}  // namespace
}  // namespace gx::test
