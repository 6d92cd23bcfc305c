// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Status, devices and memory: the floor every kernel family stands on.
//
// Every function returns a gx_status. Nothing in this library aborts, throws across the C boundary, prints, or exits.
// All functions may be called from several threads, also with the same device.
#ifndef GENERATRIX_CORE_H_
#define GENERATRIX_CORE_H_

#include <stdint.h>

#if defined(__GNUC__)
#define GX_API __attribute__((visibility("default")))
#else
#define GX_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gx_status {
  GX_OK = 0,
  GX_INVALID_ARGUMENT = 1,  // null, shape, format, alias, range: the caller can mend it
  GX_OUT_OF_MEMORY = 2,     // the device's limit or the machine's memory is reached
  GX_UNSUPPORTED = 3,       // well formed, but this build or this machine cannot do it
  GX_INTERNAL = 4           // a bug in the library
} gx_status;

// One sentence on the last failure of the calling thread, with the expected and the actual value; "" if none failed.
// Owned by the library, valid until the thread's next failing call.
GX_API const char* gx_last_error(void);

// "MAJOR.MINOR.PATCH".
GX_API const char* gx_version(void);

// --- Instruction sets
// -------------------------------------------------------------------------------------------------

typedef enum gx_isa {
  GX_ISA_BASELINE = 0,  // x86-64-v2 (SSE4.2), or the plain instruction set elsewhere
  GX_ISA_V3 = 1,        // x86-64-v3 (AVX2, FMA)
  GX_ISA_V4 = 2         // x86-64-v4 (AVX-512 F, BW, CD, DQ, VL)
} gx_isa;

// The instruction set the kernels of this process use: the best one the CPU and the operating system offer, capped by
// the environment variable GENERATRIX_ISA = baseline | v3 | v4, read once.
GX_API gx_isa gx_cpu_isa(void);

// Why gx_cpu_isa() is what it is, in one sentence.
GX_API const char* gx_cpu_isa_reason(void);

// The number of threads a device gets when none is asked for: OMP_NUM_THREADS if set, else the CPUs this process may
// use (affinity mask and cgroup quota, whichever is less).
GX_API int32_t gx_default_threads(void);
GX_API const char* gx_default_threads_reason(void);

// --- Devices
// ----------------------------------------------------------------------------------------------------------

// A backend with its thread count, its memory account and its reusable workspace.
typedef struct gx_device gx_device;

typedef enum gx_backend { GX_BACKEND_CPU = 0, GX_BACKEND_CUDA = 1 } gx_backend;
GX_API gx_status gx_device_get_backend(const gx_device* device, gx_backend* backend);

// A CPU device with `threads` threads; 0 takes gx_default_threads(). The caller destroys it.
GX_API gx_status gx_device_create_cpu(int32_t threads, gx_device** device);

// Frees the device and its workspace. Fails with GX_INVALID_ARGUMENT while buffers of gx_alloc are alive. NULL is
// allowed.
GX_API gx_status gx_device_destroy(gx_device* device);

// Results never depend on the thread count.
GX_API gx_status gx_device_set_threads(gx_device* device, int32_t threads);
GX_API gx_status gx_device_get_threads(const gx_device* device, int32_t* threads);

// live and peak: bytes of gx_alloc, as they were asked for; workspace: bytes kept for kernels; cached: bytes of freed
// blocks, kept for the next buffers; limit: the cap on live + workspace + cached, 0 = none. Cached blocks are given
// back to the system before a request is refused.
typedef struct gx_memory {
  int64_t live;
  int64_t peak;
  int64_t workspace;
  int64_t cached;
  int64_t limit;
} gx_memory;
GX_API gx_status gx_device_get_memory(const gx_device* device, gx_memory* memory);
GX_API gx_status gx_device_set_memory_limit(gx_device* device, int64_t bytes);

// --- GPUs
// ----------------------------------------------------------------------------------------------------------
//
// The CUDA backend is a library of its own, libgeneratrix_cuda, which is loaded when a GPU is first asked for and needs
// nothing but NVIDIA's driver. Every function of the other headers then takes a GPU's device too. There all arrays are
// memory of that device, but for those that are said to be in host memory, and for params and what they point to in
// the way of lists (segments, nodes). Calls put their work on the device's stream and return before it is done, in
// order with all other work of the stream; one that has a result in host memory waits for it. A failure of the device
// shows at a later call, which may be gx_copy or gx_device_synchronize.

// Loads the backend's library. NULL: the path in the environment variable GENERATRIX_CUDA_LIBRARY, else the library's
// name where the system looks for it. GX_UNSUPPORTED with the reason if that cannot be. A process has one backend:
// another one is refused.
GX_API gx_status gx_cuda_load(const char* library);

// GPUs that can be used, the backend being loaded if need be. GX_UNSUPPORTED with the exact reason if there are none:
// no library, no driver, a driver that is too old, no GPU.
GX_API gx_status gx_cuda_device_count(int32_t* count);

typedef struct gx_cuda_info {
  char name[128];
  int32_t compute_capability;  // 10 major + minor
  int32_t multiprocessors;
  int64_t memory;                   // bytes
  int64_t l2_cache;                 // bytes
  int64_t shared_memory_per_block;  // bytes a block may ask for
  int32_t driver;                   // the CUDA version that the driver knows, 1000 major + 10 minor
  int32_t emulated;                 // 1: no GPU but the test suite's stand-in for one
} gx_cuda_info;
GX_API gx_status gx_cuda_get_info(int32_t ordinal, gx_cuda_info* info);

// GPU `ordinal`, in its primary context. stream: a CUstream of that context, which stays the caller's, or NULL for one
// of the device's own. The caller destroys the device.
GX_API gx_status gx_device_create_cuda(int32_t ordinal, void* stream, gx_device** device);

// The CUstream that a GPU's work goes to; NULL on a CPU.
GX_API gx_status gx_device_get_stream(const gx_device* device, void** stream);

// Waits for the work of the device's stream, and reports a failure of it. On a CPU nothing is to be waited for.
GX_API gx_status gx_device_synchronize(gx_device* device);

// How a GPU multiplies matrices of FLOAT32 (dense layers, convolutions). FP32: true float32. TF32 and BF16: by tensor
// cores, with factors rounded to 11 or 8 bits and sums in float32. A CPU knows FP32 alone and refuses the others.
typedef enum gx_precision { GX_PRECISION_FP32 = 0, GX_PRECISION_TF32 = 1, GX_PRECISION_BF16 = 2 } gx_precision;
GX_API gx_status gx_device_set_precision(gx_device* device, gx_precision precision);
GX_API gx_status gx_device_get_precision(const gx_device* device, gx_precision* precision);

// Gives the idle workspace and the cached blocks back to the system.
GX_API gx_status gx_device_trim(gx_device* device);

// `bytes` of zeroed memory, aligned to 64 bytes, charged to the device. 0 bytes is allowed.
GX_API gx_status gx_alloc(gx_device* device, int64_t bytes, void** data);
// The same without the zeros: its contents are whatever was there, and may be those of a buffer freed before.
GX_API gx_status gx_alloc_uninitialized(gx_device* device, int64_t bytes, void** data);
// Frees what gx_alloc or gx_alloc_uninitialized of the same device gave. NULL is allowed.
GX_API gx_status gx_free(gx_device* device, void* data);

// Copies between host memory and memory of the device, either way, or within the device. Ranges may not overlap.
GX_API gx_status gx_copy(gx_device* device, void* to, const void* from, int64_t bytes);

// --- Elements
// ----------------------------------------------------------------------------------------------------------

// What an array holds. Kernels take FLOAT32 unless they say otherwise; those that name FLOAT64 run their reference
// there, in double throughout: slow, and right enough to check a gradient or a likelihood against.
typedef enum gx_format {
  GX_FLOAT32 = 0,  // float data[rows][units], row-major
  GX_BITS = 1,    // uint32_t data[rows][(units + 31) / 32]; unit i is bit i mod 32 of word i div 32; padding bits are 0
  GX_FLOAT64 = 2  // double data[rows][units], row-major
} gx_format;

enum { GX_MAX_RANK = 8 };

// The shape of a contiguous, row-major array: the sizes of `rank` axes, the outermost first. Rank 0 is a single number.
typedef struct gx_shape {
  int32_t rank;
  int64_t dims[GX_MAX_RANK];
} gx_shape;

// --- The kernel registry
// ----------------------------------------------------------------------------------------------

typedef struct gx_kernel_info {
  const char* op;       // "gibbs.layer_sample"
  const char* variant;  // "tables"
  gx_isa isa;
  int32_t usable;  // 1 if this CPU, under the cap, can run it
} gx_kernel_info;

// The i-th line of the registry, or GX_INVALID_ARGUMENT past its end.
GX_API gx_status gx_kernel_at(int32_t i, gx_kernel_info* info);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_CORE_H_
