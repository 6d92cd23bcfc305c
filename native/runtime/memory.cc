// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "runtime/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/status.h"

// An idle block is poisoned, and so is what a block has beyond its buffer: a use after free is found although the
// memory was not freed.
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#endif

namespace gx {
namespace {

constexpr int64_t kUnit = 64;  // the alignment of buffers
constexpr int64_t kMost = int64_t(1) << 62;
constexpr int64_t kHugePage = int64_t(1) << 21;
constexpr int64_t kSlack = int64_t(64) << 20;  // idle bytes a device may always keep

#if defined(__SANITIZE_ADDRESS__)
constexpr int64_t kMapped = INT64_MAX;  // its own blocks have guards around them
#else
constexpr int64_t kMapped = int64_t(1) << 20;  // blocks from here on are mappings, which come zeroed
#endif

// The class of a buffer: units of 64 bytes less one, as a floating point number of three bits behind the leading one.
int class_of(int64_t bytes) {
  const uint64_t units = bytes <= kUnit ? 0 : uint64_t(bytes - 1) / kUnit;
  if (units < 8) return int(units);
  const int shift = 60 - __builtin_clzll(units);
  return 8 * shift + int(units >> shift);
}

int64_t capacity_of(int c) {
  if (c < 8) return (c + 1) * kUnit;
  return int64_t(c % 8 + 9) * kUnit << (c / 8 - 1);
}

// Large memory asks for huge pages: kernels read wide matrices in columns of tiles, a line or four from each row, and
// with small pages every row is a page table walk.
void* map(int64_t capacity) {
  const int64_t lead = capacity < 2 * kHugePage ? 0 : kHugePage;
  // Without MAP_NORESERVE: what the machine cannot hold is better refused here than killed when it is touched.
  void* mapped = mmap(nullptr, size_t(capacity + lead), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  if (lead == 0) return mapped;
  char* const begin = static_cast<char*>(mapped);
  const int64_t before = (kHugePage - int64_t(reinterpret_cast<uintptr_t>(begin) % kHugePage)) % kHugePage;
  if (before > 0) munmap(begin, size_t(before));
  if (before < lead) munmap(begin + before + capacity, size_t(lead - before));
  madvise(begin + before, size_t(capacity), MADV_HUGEPAGE);
  return begin + before;
}

class SystemBlocks : public Blocks {
 public:
  void* take(int64_t capacity) override {
    return capacity < kMapped ? std::aligned_alloc(kUnit, size_t(capacity)) : map(capacity);
  }
  void give(void* data, int64_t capacity) noexcept override {
    unpoison(data, capacity);
    if (capacity < kMapped) {
      std::free(data);
    } else {
      munmap(data, size_t(capacity));
    }
  }
  void zero(void* data, int64_t bytes) override { std::memset(data, 0, size_t(bytes)); }
  bool come_zeroed(int64_t capacity) const override { return capacity >= kMapped; }
  void poison(void* data, int64_t bytes) noexcept override { ASAN_POISON_MEMORY_REGION(data, size_t(bytes)); }
  void unpoison(void* data, int64_t bytes) noexcept override { ASAN_UNPOISON_MEMORY_REGION(data, size_t(bytes)); }
};

}  // namespace

Blocks& system_blocks() {
  static SystemBlocks* const blocks = new SystemBlocks;  // outlives every device, also those of a static object
  return *blocks;
}

// --- Live buffers
// -----------------------------------------------------------------------------------------------------

void LiveBuffers::make_room() {
  if (size_t(size_) * 2 < slots_.size()) return;
  std::vector<Slot> old(std::max<size_t>(64, slots_.size() * 2));
  old.swap(slots_);
  shift_ = __builtin_clzll(slots_.size()) + 1;
  size_ = 0;
  for (const Slot& slot : old) {
    if (slot.data) add(slot.data, slot.bytes);
  }
}

void LiveBuffers::add(void* data, int64_t bytes) {
  const size_t mask = slots_.size() - 1;
  size_t i = home(data);
  while (slots_[i].data) i = (i + 1) & mask;
  slots_[i] = {data, bytes};
  ++size_;
}

int64_t LiveBuffers::remove(const void* data) {
  if (size_ == 0) return -1;
  const size_t mask = slots_.size() - 1;
  size_t i = home(data);
  for (; slots_[i].data != data; i = (i + 1) & mask) {
    if (!slots_[i].data) return -1;
  }
  const int64_t bytes = slots_[i].bytes;
  // What follows moves up into the gap where that brings it no nearer than its home.
  for (size_t j = (i + 1) & mask; slots_[j].data; j = (j + 1) & mask) {
    if (((j - home(slots_[j].data)) & mask) < ((j - i) & mask)) continue;
    slots_[i] = slots_[j];
    i = j;
  }
  slots_[i] = {nullptr, 0};
  --size_;
  return bytes;
}

// --- Memory
// -----------------------------------------------------------------------------------------------------------

// Under the mutex, like all that follows and is private. Idle blocks go before a request is refused.
void Memory::reserve(int64_t bytes, const char* what) {
  if (account_.limit == 0) return;
  const int64_t room = account_.limit - account_.live - account_.workspace;
  if (bytes > room - account_.cached) give_back(std::max<int64_t>(0, room - bytes));
  if (bytes > room) {
    fail(GX_OUT_OF_MEMORY,
         "%s of %lld bytes does not fit: %lld bytes are live, %lld cached, %lld workspace, the limit is %lld", what,
         (long long)bytes, (long long)account_.live, (long long)account_.cached, (long long)account_.workspace,
         (long long)account_.limit);
  }
}

// Memory for `bytes` from the system, without the mutex; if it has none, idle blocks go back and it is asked again.
void* Memory::new_block(int64_t bytes, bool zeroed, const char* what) {
  const int64_t capacity = capacity_of(class_of(bytes));
  void* data = blocks_.take(capacity);
  if (!data) {
    trim();
    data = blocks_.take(capacity);
  }
  if (!data) {
    const gx_memory now = account();
    fail(GX_OUT_OF_MEMORY,
         "the system has no %lld bytes for %s: %lld bytes are live, %lld cached, %lld workspace, the limit is %lld",
         (long long)bytes, what, (long long)now.live, (long long)now.cached, (long long)now.workspace,
         (long long)now.limit);
  }
  if (zeroed && !blocks_.come_zeroed(capacity)) blocks_.zero(data, bytes);
  return data;
}

void* Memory::allocate(int64_t bytes, bool zeroed) {
  constexpr const char* kWhat = "a buffer";
  if (bytes > kMost) fail(GX_OUT_OF_MEMORY, "%s of %lld bytes is beyond any machine", kWhat, (long long)bytes);
  const int c = class_of(bytes);
  const int64_t capacity = capacity_of(c);
  Class& mine = classes_[c];
  void* data = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    live_.make_room();
    mine.used = ++clock_;
    if (!mine.idle.empty()) {
      data = mine.idle.back();
      mine.idle.pop_back();
      account_.cached -= capacity;
      live_.add(data, bytes);
    } else {
      reserve(bytes, kWhat);
    }
    account_.live += bytes;
    if (data) account_.peak = std::max(account_.peak, account_.live);
  }
  if (data) {
    blocks_.unpoison(data, bytes);
    if (zeroed) blocks_.zero(data, bytes);
    return data;
  }
  try {
    data = new_block(bytes, zeroed, kWhat);
    const std::lock_guard<std::mutex> lock(mutex_);
    live_.make_room();
    live_.add(data, bytes);
    account_.peak = std::max(account_.peak, account_.live);
  } catch (...) {
    if (data) blocks_.give(data, capacity);
    const std::lock_guard<std::mutex> lock(mutex_);
    account_.live -= bytes;
    throw;
  }
  blocks_.poison(static_cast<char*>(data) + bytes, capacity - bytes);
  return data;
}

bool Memory::keeps(int64_t capacity) const {
  const int64_t taken = account_.live + account_.cached + capacity;
  return (account_.limit == 0 || taken + account_.workspace <= account_.limit) && taken <= 2 * account_.peak + kSlack;
}

void Memory::free(void* data) {
  int64_t capacity;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int64_t bytes = live_.remove(data);
    if (bytes < 0) {
      fail(GX_INVALID_ARGUMENT, "a buffer to free must be a live one of this device, got %p", data);
    }
    account_.live -= bytes;
    const int c = class_of(bytes);
    capacity = capacity_of(c);
    if (!keeps(capacity)) give_back(std::max<int64_t>(0, account_.cached - capacity));
    if (keeps(capacity)) {
      try {
        classes_[c].idle.push_back(data);
        blocks_.poison(data, capacity);
        account_.cached += capacity;
        return;
      } catch (const std::bad_alloc&) {  // no memory to remember it: it goes
      }
    }
  }
  blocks_.give(data, capacity);
}

// Until at most that many bytes are idle.
void Memory::give_back(int64_t most) noexcept {
  while (account_.cached > most) {
    int oldest = -1;
    for (int c = 0; c < kClasses; ++c) {
      if (!classes_[c].idle.empty() && (oldest < 0 || classes_[c].used < classes_[oldest].used)) oldest = c;
    }
    auto& idle = classes_[oldest].idle;
    for (; !idle.empty() && account_.cached > most; idle.pop_back()) {
      blocks_.give(idle.back(), capacity_of(oldest));
      account_.cached -= capacity_of(oldest);
    }
  }
}

char* Memory::allocate_workspace(int64_t bytes) {
  constexpr const char* kWhat = "a workspace";
  if (bytes > kMost) fail(GX_OUT_OF_MEMORY, "%s of %lld bytes is beyond any machine", kWhat, (long long)bytes);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    reserve(bytes, kWhat);
    account_.workspace += bytes;
  }
  try {
    return static_cast<char*>(new_block(bytes, false, kWhat));
  } catch (...) {
    const std::lock_guard<std::mutex> lock(mutex_);
    account_.workspace -= bytes;
    throw;
  }
}

void Memory::free_workspace(char* data, int64_t bytes) noexcept {
  blocks_.give(data, capacity_of(class_of(bytes)));
  const std::lock_guard<std::mutex> lock(mutex_);
  account_.workspace -= bytes;
}

gx_memory Memory::account() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return account_;
}

void Memory::set_limit(int64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  account_.limit = bytes;
  if (bytes > 0) give_back(std::max<int64_t>(0, bytes - account_.live - account_.workspace));
}

int64_t Memory::buffers() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return live_.size();
}

void Memory::trim() noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  give_back(0);
}

}  // namespace gx
