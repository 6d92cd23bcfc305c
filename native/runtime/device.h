// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The device behind the opaque handle: thread count, memory account, and workspace that calls borrow and give back.
#ifndef GENERATRIX_RUNTIME_DEVICE_H_
#define GENERATRIX_RUNTIME_DEVICE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "generatrix/core.h"
#include "runtime/memory.h"

namespace gx {

// A stack of memory blocks for one call at a time. After a call that needed several blocks they become one, so that the
// steady state is a pointer increment.
struct Arena {
  struct Block {
    char* data;
    int64_t bytes;
  };
  std::vector<Block> blocks;
  int64_t used = 0;  // of the last block
};

}  // namespace gx

namespace gx {
struct Backend;
class Gpu;
}  // namespace gx

struct gx_device {
  gx_device() = default;
  explicit gx_device(gx::Blocks& blocks) : memory(blocks) {}
  ~gx_device();

  std::atomic<int32_t> threads{1};
  gx::Memory memory;
  const gx::Backend* backend = nullptr;  // of a GPU
  gx::Gpu* gpu = nullptr;                // the backend's own part of it; both are null on a CPU
  std::atomic<gx_precision> precision{GX_PRECISION_FP32};

  void trim();  // gives idle workspace and idle blocks back

  std::unique_ptr<gx::Arena> borrow_arena();
  void return_arena(std::unique_ptr<gx::Arena> arena) noexcept;

 private:
  std::mutex arenas_;
  std::vector<std::unique_ptr<gx::Arena>> idle_arenas_;
};

namespace gx {

gx_device& checked(gx_device* device);  // not null

// Scratch memory of one call, 64-byte aligned, not initialised. Calls of different threads get different arenas.
class Workspace {
 public:
  explicit Workspace(gx_device& device) : device_(device), arena_(device.borrow_arena()) {}
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  template <class T>
  T* get(int64_t count) {
    return static_cast<T*>(bytes(count * int64_t(sizeof(T))));
  }

 private:
  void* bytes(int64_t count);

  gx_device& device_;
  std::unique_ptr<Arena> arena_;
};

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_DEVICE_H_
