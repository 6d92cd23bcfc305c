// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions of runtime/gpu.h for the emulated GPU.

#include "runtime/gpu.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "emulator/memory.h"
#include "runtime/status.h"

namespace gx {

Gpu::~Gpu() = default;
void* Gpu::take(int64_t capacity) { return emulator::take(capacity); }
void Gpu::give(void* data, int64_t) noexcept { emulator::give(data); }
void Gpu::zero(void* data, int64_t bytes) {
  const emulator::OpenMemory open;
  std::memset(data, 0, size_t(bytes));
}

namespace cuda {

int32_t device_count() { return 1; }

gx_cuda_info device_info(int32_t ordinal) {
  if (ordinal != 0) fail(GX_INVALID_ARGUMENT, "the GPU must be 0, the emulated one, got %d", int(ordinal));
  gx_cuda_info info = {};
  std::snprintf(info.name, sizeof info.name, "emulated GPU");
  const char* given = std::getenv("GENERATRIX_EMULATED_CAPABILITY");  // 90: kernels for Hopper alone run too
  info.compute_capability = given ? std::atoi(given) : 80;
  info.multiprocessors = emulator::kMultiprocessors;
  info.memory = emulator::kMemory;
  info.l2_cache = 1 << 20;
  info.shared_memory_per_block = emulator::kSharedMemory;
  info.emulated = 1;
  return info;
}

Gpu* open(int32_t ordinal, void*) {
  const gx_cuda_info info = device_info(ordinal);
  auto* gpu = new Gpu;
  gpu->compute_capability = info.compute_capability;
  gpu->multiprocessors = info.multiprocessors;
  gpu->shared_memory = info.shared_memory_per_block;
  return gpu;
}

void trim(Gpu&) {}
void synchronize(Gpu&) { emulator::report_broken_guards(); }

void copy(Gpu&, void* to, const void* from, int64_t bytes) {
  const emulator::OpenMemory open;
  std::memmove(to, from, size_t(bytes));
}

int blocks_per_multiprocessor(Gpu&, const void*, int, int64_t) { return 1; }

}  // namespace cuda
}  // namespace gx
