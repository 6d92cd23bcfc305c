// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A GPU as a kernel's launcher sees it, and the launch. Nothing here throws but gx::Error.
#ifndef GENERATRIX_CUDA_RUNTIME_GPU_H_
#define GENERATRIX_CUDA_RUNTIME_GPU_H_

#include <algorithm>
#include <cstdint>

#include "runtime/cuda.h"
#include "runtime/device.h"
#include "runtime/memory.h"

#if defined(__CUDACC__)
using gx_stream = cudaStream_t;
#else
using gx_stream = void*;
#endif

namespace gx {

// A device of the core is one of these with a memory account and a workspace around it.
class Gpu : public Blocks {
 public:
  int ordinal = 0;
  gx_stream stream = nullptr;
  bool owns_stream = false;
  int compute_capability = 0;  // 10 major + minor
  int multiprocessors = 1;
  int64_t shared_memory = 48 << 10;  // the most a block may ask for
  void* pool = nullptr;              // where its memory comes from (cudaMemPool_t)

  ~Gpu() override;
  void* take(int64_t capacity) override;
  void give(void* data, int64_t capacity) noexcept override;
  void zero(void* data, int64_t bytes) override;
};

namespace cuda {

inline Gpu& gpu_of(gx_device* device) { return *device->gpu; }

// --- The device's functions, of which there are two sets: runtime/gpu.cu and emulator/gpu.cc
// ------------------------------------------------------------------------------------------------------

int32_t device_count();  // fails with the reason if there is none
gx_cuda_info device_info(int32_t ordinal);
Gpu* open(int32_t ordinal, void* stream);
void trim(Gpu& gpu);  // gives the memory that is free back to the system
void synchronize(Gpu& gpu);
// Anywhere to anywhere. Returns when host memory that takes part may be used again.
void copy(Gpu& gpu, void* to, const void* from, int64_t bytes);

// A copy of host memory in the workspace, for a call's kernels. Small things travel faster as a kernel's arguments.
template <class T>
T* upload(Gpu& gpu, Workspace& workspace, const T* from, int64_t count) {
  T* to = workspace.get<T>(count);
  if (count > 0) copy(gpu, to, from, count * int64_t(sizeof(T)));
  return to;
}

// --- Launches
// ---------------------------------------------------------------------------------------------------------

struct Grid {
  dim3 blocks;
  dim3 threads;
  int64_t shared = 0;        // bytes of dynamic shared memory of a block
  int cluster = 1;           // blocks of a cluster, along x
  bool cooperative = false;  // all blocks run at once, and may wait for each other
};

namespace detail {
void launch(Gpu& gpu, const Grid& grid, const void* kernel, void** arguments);
template <class T>
struct Same {
  using type = T;
};
}  // namespace detail

// Runs a kernel on the device's stream; with no blocks, does nothing. A refused launch is an Error; what fails while it
// runs shows at a later call.
template <class... P>
void launch(Gpu& gpu, const Grid& grid, void (*kernel)(P...), typename detail::Same<P>::type... arguments) {
  if (grid.blocks.x == 0 || grid.blocks.y == 0 || grid.blocks.z == 0) return;
#if defined(__CUDACC__)
  void* pointers[] = {static_cast<void*>(&arguments)..., nullptr};
  detail::launch(gpu, grid, reinterpret_cast<const void*>(kernel), pointers);
#else
  (void)gpu;
  (emulator::check_argument(arguments), ...);
  emulator::run({grid.blocks, grid.threads, grid.shared, grid.cluster, grid.cooperative},
                [&] { kernel(arguments...); });
#endif
}

// How many blocks a resident grid of the kernel can have on one multiprocessor.
int blocks_per_multiprocessor(Gpu& gpu, const void* kernel, int threads, int64_t shared);

// Blocks for `items` in a grid-stride loop of `per_block` at a time: enough to fill the GPU several times over.
inline unsigned blocks_for(const Gpu& gpu, int64_t items, int64_t per_block) {
  const int64_t all = (items + per_block - 1) / per_block;
  return unsigned(std::min<int64_t>(all, int64_t(gpu.multiprocessors) * 32));
}

}  // namespace cuda
}  // namespace gx

#endif  // GENERATRIX_CUDA_RUNTIME_GPU_H_
