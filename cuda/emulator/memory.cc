// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "emulator/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>

#include "runtime/status.h"

namespace gx::emulator {
namespace {

constexpr int64_t kGuard = 512;
constexpr unsigned char kPattern = 0xC3;

std::recursive_mutex mutex;
int open_count = 0;

std::atomic<bool> broken{false};

char* base() {
  static char* const at = [] {
    void* range = mmap(nullptr, size_t(kMemory), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return range == MAP_FAILED ? nullptr : static_cast<char*>(range);
  }();
  return at;
}

std::map<int64_t, int64_t> used;  // begin of each block with its guards, and its size
int64_t top = 0;                  // everything from here on has never been used

void protect(int rights) {
  if (top > 0) mprotect(base(), size_t((top + 4095) / 4096 * 4096), rights);
}

// Opening and closing takes time for every page in use: those behind the last block are given up.
void lower_top() {
  const int64_t end = used.empty() ? 0 : used.rbegin()->first + used.rbegin()->second;
  const int64_t from = (end + 4095) / 4096 * 4096, to = (top + 4095) / 4096 * 4096;
  if (from < to) {
    madvise(base() + from, size_t(to - from), MADV_DONTNEED);
    mprotect(base() + from, size_t(to - from), PROT_NONE);
  }
  top = end;
}

bool intact(const char* guard) {
  for (int64_t i = 0; i < kGuard; ++i) {
    if (static_cast<unsigned char>(guard[i]) != kPattern) return false;
  }
  return true;
}

}  // namespace

OpenMemory::OpenMemory() {
  mutex.lock();
  if (open_count++ == 0) protect(PROT_READ | PROT_WRITE);
}
OpenMemory::~OpenMemory() {
  if (--open_count == 0) protect(PROT_NONE);
  mutex.unlock();
}

void* take(int64_t bytes) {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  if (!base()) return nullptr;
  const int64_t size = (bytes + 255) / 256 * 256 + 2 * kGuard;
  int64_t at = 0;  // the first gap that is large enough
  for (const auto& [begin, length] : used) {
    if (begin - at >= size) break;
    at = begin + length;
  }
  if (at + size > kMemory) return nullptr;
  used[at] = size;
  top = std::max(top, at + size);
  const OpenMemory open;
  protect(PROT_READ | PROT_WRITE);  // `top` may have moved
  char* block = base() + at;
  std::memset(block, kPattern, size_t(kGuard));
  std::memset(block + size - kGuard, kPattern, size_t(kGuard));
  return block + kGuard;
}

void give(void* data) noexcept {
  const OpenMemory open;
  const int64_t at = static_cast<char*>(data) - base() - kGuard;
  const auto block = used.find(at);
  if (block == used.end()) return;
  if (!intact(base() + at) || !intact(base() + at + block->second - kGuard)) broken = true;
  used.erase(block);
  lower_top();
}

void report_broken_guards() {
  const OpenMemory open;
  for (const auto& [at, size] : used) {
    if (!intact(base() + at) || !intact(base() + at + size - kGuard)) broken = true;
  }
  if (broken.exchange(false)) fail(GX_INTERNAL, "a kernel wrote outside of its arrays on the emulated GPU");
}

bool is_device_memory(const void* p) {
  const char* at = static_cast<const char*>(p);
  return base() && at >= base() && at < base() + kMemory;
}

}  // namespace gx::emulator
