// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions of runtime/gpu.h by the CUDA runtime. Not yet run on a GPU.

#include <cuda_runtime.h>

#include <cstdio>
#include <memory>

#include "runtime/gpu.h"
#include "runtime/status.h"

namespace gx {
namespace {

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // or the next check would see it again
  fail(error == cudaErrorMemoryAllocation ? GX_OUT_OF_MEMORY : GX_INTERNAL, "CUDA could not %s: %s (%s)", what,
       cudaGetErrorString(error), cudaGetErrorName(error));
}

// Makes the GPU the thread's current one for a while: users may have another.
class Current {
 public:
  explicit Current(int ordinal) {
    check(cudaGetDevice(&before_), "tell the current device");
    if (before_ != ordinal) check(cudaSetDevice(ordinal), "choose the device");
    changed_ = before_ != ordinal;
  }
  ~Current() {
    if (changed_) cudaSetDevice(before_);
  }
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

 private:
  int before_ = 0;
  bool changed_ = false;
};

int attribute(cudaDeviceAttr which, int ordinal) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, ordinal), "tell a device's attributes");
  return value;
}

}  // namespace

Gpu::~Gpu() {
  if (stream) cudaStreamSynchronize(stream);
  if (pool) cudaMemPoolDestroy(static_cast<cudaMemPool_t>(pool));
  if (owns_stream && stream) cudaStreamDestroy(stream);
}

// What is freed stays with the pool until memory is short: our own account says what is idle.
void* Gpu::take(int64_t capacity) {
  const Current current(ordinal);
  const auto from = static_cast<cudaMemPool_t>(pool);
  void* data = nullptr;
  cudaError_t error = cudaMallocFromPoolAsync(&data, size_t(capacity), from, stream);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    check(cudaStreamSynchronize(stream), "finish the work of the stream");
    check(cudaMemPoolTrimTo(from, 0), "give idle memory back");
    error = cudaMallocFromPoolAsync(&data, size_t(capacity), from, stream);
  }
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return nullptr;
  }
  check(error, "allocate memory");
  return data;
}

void Gpu::give(void* data, int64_t) noexcept { cudaFreeAsync(data, stream); }

void Gpu::zero(void* data, int64_t bytes) {
  const Current current(ordinal);
  check(cudaMemsetAsync(data, 0, size_t(bytes), stream), "clear memory");
}

namespace cuda {

int32_t device_count() {
  int driver = 0, runtime = 0, count = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
    fail(GX_UNSUPPORTED, "there is no NVIDIA driver on this machine (libcuda.so.1 was not found)");
  }
  cudaRuntimeGetVersion(&runtime);
  if (driver / 1000 < runtime / 1000) {
    fail(GX_UNSUPPORTED, "the NVIDIA driver must know CUDA %d or later, it knows %d.%d", runtime / 1000, driver / 1000,
         driver % 1000 / 10);
  }
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaErrorNoDevice || (error == cudaSuccess && count == 0)) {
    cudaGetLastError();
    fail(GX_UNSUPPORTED, "there is a driver (CUDA %d.%d) but no GPU that this process may use", driver / 1000,
         driver % 1000 / 10);
  }
  if (error != cudaSuccess) {
    cudaGetLastError();
    fail(GX_UNSUPPORTED, "the GPUs cannot be used: %s (%s)", cudaGetErrorString(error), cudaGetErrorName(error));
  }
  return count;
}

gx_cuda_info device_info(int32_t ordinal) {
  const int32_t count = device_count();
  if (ordinal < 0 || ordinal >= count) {
    fail(GX_INVALID_ARGUMENT, "the GPU must be one of 0 to %d, got %d", int(count) - 1, int(ordinal));
  }
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, ordinal), "tell a device's properties");
  gx_cuda_info info = {};
  snprintf(info.name, sizeof info.name, "%.127s", properties.name);
  info.compute_capability = 10 * properties.major + properties.minor;
  info.multiprocessors = properties.multiProcessorCount;
  info.memory = int64_t(properties.totalGlobalMem);
  info.l2_cache = properties.l2CacheSize;
  info.shared_memory_per_block = int64_t(properties.sharedMemPerBlockOptin);
  cudaDriverGetVersion(&info.driver);
  return info;
}

Gpu* open(int32_t ordinal, void* stream) {
  const gx_cuda_info info = device_info(ordinal);
  if (info.compute_capability < 80) {
    fail(GX_UNSUPPORTED, "a GPU must have compute capability 8.0 or above, %s has %d.%d", info.name,
         info.compute_capability / 10, info.compute_capability % 10);
  }
  if (!attribute(cudaDevAttrMemoryPoolsSupported, ordinal)) {
    fail(GX_UNSUPPORTED, "%s has no memory pools, which a device needs", info.name);
  }
  const Current current(ordinal);
  auto gpu = std::make_unique<Gpu>();
  gpu->ordinal = ordinal;
  gpu->compute_capability = info.compute_capability;
  gpu->multiprocessors = info.multiprocessors;
  gpu->shared_memory = info.shared_memory_per_block;
  gpu->stream = static_cast<cudaStream_t>(stream);
  if (!stream) {
    check(cudaStreamCreateWithFlags(&gpu->stream, cudaStreamNonBlocking), "make a stream");
    gpu->owns_stream = true;
  }
  cudaMemPoolProps properties = {};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = ordinal;
  cudaMemPool_t pool;
  check(cudaMemPoolCreate(&pool, &properties), "make a memory pool");
  gpu->pool = pool;
  uint64_t keep = UINT64_MAX;
  check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep), "set up the memory pool");
  return gpu.release();
}

void trim(Gpu& gpu) {
  const Current current(gpu.ordinal);
  check(cudaStreamSynchronize(gpu.stream), "finish the work of the stream");
  check(cudaMemPoolTrimTo(static_cast<cudaMemPool_t>(gpu.pool), 0), "give idle memory back");
}

void synchronize(Gpu& gpu) {
  const Current current(gpu.ordinal);
  check(cudaStreamSynchronize(gpu.stream), "finish the work of the stream");
}

void copy(Gpu& gpu, void* to, const void* from, int64_t bytes) {
  const Current current(gpu.ordinal);
  const auto type = [](const void* p) {
    cudaPointerAttributes attributes;
    return cudaPointerGetAttributes(&attributes, p) == cudaSuccess ? attributes.type : cudaMemoryTypeUnregistered;
  };
  check(cudaMemcpyAsync(to, from, size_t(bytes), cudaMemcpyDefault, gpu.stream), "copy memory");
  // What comes from pageable memory has been read when the call returns; what comes from pinned memory may be on its
  // way.
  const auto target = type(to);
  if (target == cudaMemoryTypeUnregistered || target == cudaMemoryTypeHost || type(from) == cudaMemoryTypeHost) {
    check(cudaStreamSynchronize(gpu.stream), "copy memory");
  }
}

namespace detail {

void launch(Gpu& gpu, const Grid& grid, const void* kernel, void** arguments) {
  const Current current(gpu.ordinal);
  if (grid.shared > 48 << 10) {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(grid.shared)),
          "give a kernel its shared memory");
  }
  cudaLaunchConfig_t config = {};
  config.gridDim = grid.blocks;
  config.blockDim = grid.threads;
  config.dynamicSmemBytes = size_t(grid.shared);
  config.stream = gpu.stream;
  cudaLaunchAttribute attributes[2];
  config.attrs = attributes;
  if (grid.cluster > 1) {
    if (grid.cluster > 8) {
      check(cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1), "allow large clusters");
    }
    cudaLaunchAttribute& a = attributes[config.numAttrs++];
    a.id = cudaLaunchAttributeClusterDimension;
    a.val.clusterDim.x = unsigned(grid.cluster);
    a.val.clusterDim.y = a.val.clusterDim.z = 1;
  }
  if (grid.cooperative) {
    cudaLaunchAttribute& a = attributes[config.numAttrs++];
    a.id = cudaLaunchAttributeCooperative;
    a.val.cooperative = 1;
  }
  check(cudaLaunchKernelExC(&config, kernel, arguments), "launch a kernel");
}

}  // namespace detail

int blocks_per_multiprocessor(Gpu& gpu, const void* kernel, int threads, int64_t shared) {
  const Current current(gpu.ordinal);
  if (shared > 48 << 10) {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared)),
          "give a kernel its shared memory");
  }
  int blocks = 0;
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads, size_t(shared)),
        "tell how many blocks fit");
  return blocks;
}

}  // namespace cuda
}  // namespace gx
