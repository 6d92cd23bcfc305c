// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "runtime/device.h"

#include <cstring>

#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/status.h"

gx_device::~gx_device() {
  trim();
  if (backend) backend->close(gpu);
}

std::unique_ptr<gx::Arena> gx_device::borrow_arena() {
  const std::lock_guard<std::mutex> lock(arenas_);
  if (idle_arenas_.empty()) return std::make_unique<gx::Arena>();
  auto arena = std::move(idle_arenas_.back());
  idle_arenas_.pop_back();
  return arena;
}

void gx_device::return_arena(std::unique_ptr<gx::Arena> arena) noexcept {
  try {
    const std::lock_guard<std::mutex> lock(arenas_);
    idle_arenas_.push_back(std::move(arena));
  } catch (...) {
    if (arena) {
      for (const auto& block : arena->blocks) memory.free_workspace(block.data, block.bytes);
    }
  }
}

void gx_device::trim() {
  std::vector<std::unique_ptr<gx::Arena>> idle;
  {
    const std::lock_guard<std::mutex> lock(arenas_);
    idle.swap(idle_arenas_);
  }
  for (const auto& arena : idle) {
    for (const auto& block : arena->blocks) memory.free_workspace(block.data, block.bytes);
  }
  memory.trim();
}

namespace gx {

gx_device& checked(gx_device* device) {
  check::not_null(device, "device");
  return *device;
}

void* Workspace::bytes(int64_t count) {
  const int64_t need = (count + 63) / 64 * 64;
  auto& blocks = arena_->blocks;
  if (blocks.empty() || arena_->used + need > blocks.back().bytes) {
    constexpr int64_t kLeast = 1 << 16;
    const int64_t size = need > kLeast ? need : kLeast;
    blocks.reserve(blocks.size() + 1);
    blocks.push_back({device_.memory.allocate_workspace(size), size});
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
      device_.memory.free_workspace(block.data, block.bytes);
    }
    blocks.clear();
    try {
      blocks.push_back({device_.memory.allocate_workspace(total), total});
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
    if (const int64_t live = device->memory.buffers(); live > 0) {
      gx::fail(GX_INVALID_ARGUMENT, "a device to destroy must own no live buffer, got %lld with %lld bytes",
               (long long)live, (long long)device->memory.account().live);
    }
    delete device;
  });
}

gx_status gx_device_get_backend(const gx_device* device, gx_backend* backend) {
  return gx::guarded([&] {
    gx::check::not_null(device, "device");
    gx::check::not_null(backend, "backend");
    *backend = device->backend ? GX_BACKEND_CUDA : GX_BACKEND_CPU;
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
    *memory = device->memory.account();
  });
}

gx_status gx_device_set_memory_limit(gx_device* device, int64_t bytes) {
  return gx::guarded([&] {
    gx::check::at_least(bytes, 0, "the memory limit");
    gx::checked(device).memory.set_limit(bytes);
  });
}

gx_status gx_device_trim(gx_device* device) {
  return gx::guarded([&] {
    gx::checked(device).trim();
    if (device->backend) gx::require(device->backend, device->backend->trim(device->gpu));
  });
}

namespace {
gx_status allocate(gx_device* device, int64_t bytes, bool zeroed, void** data) {
  return gx::guarded([&] {
    gx::check::not_null(data, "data");
    *data = nullptr;
    gx::check::at_least(bytes, 0, "bytes");
    *data = gx::checked(device).memory.allocate(bytes, zeroed);
  });
}
}  // namespace

gx_status gx_alloc(gx_device* device, int64_t bytes, void** data) { return allocate(device, bytes, true, data); }

gx_status gx_alloc_uninitialized(gx_device* device, int64_t bytes, void** data) {
  return allocate(device, bytes, false, data);
}

gx_status gx_free(gx_device* device, void* data) {
  return gx::guarded([&] {
    gx::checked(device);
    if (data) device->memory.free(data);
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
    if (device->backend) return gx::require(device->backend, device->backend->copy(device->gpu, to, from, bytes));
    std::memcpy(to, from, size_t(bytes));
  });
}
