// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "runtime/device.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "runtime/check.h"
#include "runtime/status.h"

namespace {
constexpr int64_t kAlignment = 64;
constexpr int64_t kHugePage = int64_t(1) << 21;

int64_t rounded(int64_t bytes, int64_t to = kAlignment) { return (bytes + to - 1) / to * to; }

// Large memory asks for huge pages: kernels read wide matrices in columns of tiles, a line or four from each row, and
// with small pages every row is a page table walk.
void* system_memory(int64_t bytes) {
  if (bytes < 2 * kHugePage || bytes > INT64_MAX - kHugePage) {
    return std::aligned_alloc(kAlignment, size_t(rounded(bytes < kAlignment ? kAlignment : bytes)));
  }
  void* data = std::aligned_alloc(kHugePage, size_t(rounded(bytes, kHugePage)));
  if (data) madvise(data, size_t(rounded(bytes, kHugePage)), MADV_HUGEPAGE);
  return data;
}
}  // namespace

void gx_device::reserve(int64_t bytes, const char* what) {
  const int64_t taken = memory_.live + memory_.workspace;
  if (memory_.limit > 0 && bytes > memory_.limit - taken) {
    gx::fail(GX_OUT_OF_MEMORY,
             "%s of %lld bytes does not fit: %lld bytes are live, %lld are workspace, the limit is %lld", what,
             (long long)bytes, (long long)memory_.live, (long long)memory_.workspace, (long long)memory_.limit);
  }
}

void* gx_device::allocate(int64_t bytes) {
  if (bytes > INT64_MAX - kAlignment)
    gx::fail(GX_OUT_OF_MEMORY, "a buffer of %lld bytes is beyond any machine", (long long)bytes);
  const std::lock_guard<std::mutex> lock(mutex_);
  reserve(bytes, "a buffer");
  void* data = system_memory(bytes);
  if (!data) {
    gx::fail(GX_OUT_OF_MEMORY, "the system has no %lld bytes for a buffer: %lld bytes are live, %lld are workspace",
             (long long)bytes, (long long)memory_.live, (long long)memory_.workspace);
  }
  std::memset(data, 0, size_t(bytes));
  live_buffers_.emplace(data, bytes);
  memory_.live += bytes;
  if (memory_.live > memory_.peak) memory_.peak = memory_.live;
  return data;
}

void gx_device::free(void* data) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = live_buffers_.find(data);
  if (found == live_buffers_.end()) {
    gx::fail(GX_INVALID_ARGUMENT, "a buffer to free must be a live one of this device, got %p", data);
  }
  memory_.live -= found->second;
  live_buffers_.erase(found);
  std::free(data);
}

gx_memory gx_device::memory() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return memory_;
}

void gx_device::set_limit(int64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  memory_.limit = bytes;
}

int64_t gx_device::buffers() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return int64_t(live_buffers_.size());
}

std::unique_ptr<gx::Arena> gx_device::borrow_arena() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (idle_arenas_.empty()) return std::make_unique<gx::Arena>();
  auto arena = std::move(idle_arenas_.back());
  idle_arenas_.pop_back();
  return arena;
}

void gx_device::return_arena(std::unique_ptr<gx::Arena> arena) noexcept {
  try {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_arenas_.push_back(std::move(arena));
  } catch (...) {
    if (arena) {
      for (const auto& block : arena->blocks) free_workspace(block.data, block.bytes);
    }
  }
}

char* gx_device::allocate_workspace(int64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  reserve(bytes, "a workspace");
  char* data = static_cast<char*>(system_memory(bytes));
  if (!data) gx::fail(GX_OUT_OF_MEMORY, "the system has no %lld bytes for a workspace", (long long)bytes);
  memory_.workspace += bytes;
  return data;
}

void gx_device::free_workspace(char* data, int64_t bytes) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::free(data);
  memory_.workspace -= bytes;
}

void gx_device::trim() {
  std::vector<std::unique_ptr<gx::Arena>> idle;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle.swap(idle_arenas_);
  }
  for (const auto& arena : idle) {
    for (const auto& block : arena->blocks) free_workspace(block.data, block.bytes);
  }
}

gx_device::~gx_device() { trim(); }

namespace gx {

gx_device& checked(gx_device* device) {
  check::not_null(device, "device");
  return *device;
}

void* Workspace::bytes(int64_t count) {
  const int64_t need = rounded(count);
  auto& blocks = arena_->blocks;
  if (blocks.empty() || arena_->used + need > blocks.back().bytes) {
    constexpr int64_t kLeast = 1 << 16;
    const int64_t size = need > kLeast ? need : kLeast;
    blocks.reserve(blocks.size() + 1);
    blocks.push_back({device_.allocate_workspace(size), size});
    arena_->used = 0;
  }
  char* data = blocks.back().data + arena_->used;
  arena_->used += need;
  return data;
}

Workspace::~Workspace() {
  auto& blocks = arena_->blocks;
  if (blocks.size() > 1) {
    int64_t total = 0;
    for (const auto& block : blocks) {
      total += block.bytes;
      device_.free_workspace(block.data, block.bytes);
    }
    blocks.clear();
    try {
      blocks.push_back({device_.allocate_workspace(total), total});
    } catch (...) {  // the limit has come closer meanwhile: start small again
    }
  }
  arena_->used = 0;
  device_.return_arena(std::move(arena_));
}

}  // namespace gx

gx_status gx_device_create_cpu(int32_t threads, gx_device** device) {
  return gx::guarded([&] {
    gx::check::not_null(device, "device");
    *device = nullptr;
    gx::check::in_range(threads, 0, 1024, "threads");
    auto created = std::make_unique<gx_device>();
    created->threads = threads > 0 ? threads : gx_default_threads();
    *device = created.release();
  });
}

gx_status gx_device_destroy(gx_device* device) {
  return gx::guarded([&] {
    if (!device) return;
    if (const int64_t live = device->buffers(); live > 0) {
      gx::fail(GX_INVALID_ARGUMENT, "a device to destroy must own no live buffer, got %lld with %lld bytes",
               (long long)live, (long long)device->memory().live);
    }
    delete device;
  });
}

gx_status gx_device_set_threads(gx_device* device, int32_t threads) {
  return gx::guarded([&] {
    gx::check::in_range(threads, 0, 1024, "threads");
    gx::checked(device).threads = threads > 0 ? threads : gx_default_threads();
  });
}

gx_status gx_device_get_threads(const gx_device* device, int32_t* threads) {
  return gx::guarded([&] {
    gx::check::not_null(device, "device");
    gx::check::not_null(threads, "threads");
    *threads = device->threads;
  });
}

gx_status gx_device_get_memory(const gx_device* device, gx_memory* memory) {
  return gx::guarded([&] {
    gx::check::not_null(device, "device");
    gx::check::not_null(memory, "memory");
    *memory = device->memory();
  });
}

gx_status gx_device_set_memory_limit(gx_device* device, int64_t bytes) {
  return gx::guarded([&] {
    gx::check::at_least(bytes, 0, "the memory limit");
    gx::checked(device).set_limit(bytes);
  });
}

gx_status gx_device_trim(gx_device* device) {
  return gx::guarded([&] { gx::checked(device).trim(); });
}

gx_status gx_alloc(gx_device* device, int64_t bytes, void** data) {
  return gx::guarded([&] {
    gx::check::not_null(data, "data");
    *data = nullptr;
    gx::check::at_least(bytes, 0, "bytes");
    *data = gx::checked(device).allocate(bytes);
  });
}

gx_status gx_free(gx_device* device, void* data) {
  return gx::guarded([&] {
    gx::checked(device);
    if (data) device->free(data);
  });
}

gx_status gx_copy(gx_device* device, void* to, const void* from, int64_t bytes) {
  return gx::guarded([&] {
    gx::checked(device);
    gx::check::at_least(bytes, 0, "bytes");
    if (bytes == 0) return;
    gx::check::not_null(to, "to");
    gx::check::not_null(from, "from");
    gx::check::disjoint({to, bytes, "to"}, {from, bytes, "from"});
    std::memcpy(to, from, size_t(bytes));
  });
}
