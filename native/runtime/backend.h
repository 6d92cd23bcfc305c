// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a GPU's backend is to the core: a table of functions, which its library hands over when it is loaded. Every C
// entry checks its arguments and then, if the device is a GPU, calls the entry's twin of the same signature:
//
//   checked(device);  .. checks ..
//   if (ran_on_gpu(&Backend::gx_unary, device, format, f, p, n, x, y)) return;
#ifndef GENERATRIX_RUNTIME_BACKEND_H_
#define GENERATRIX_RUNTIME_BACKEND_H_

#include "generatrix/generatrix.h"
#include "runtime/device.h"
#include "runtime/status.h"

namespace gx {

class Gpu;  // a device as its backend knows it

struct Backend {
  const char* version;  // of the build; the core's own, since structs of the runtime cross the boundary
  const char* (*last_error)();

  gx_status (*device_count)(int32_t* count);
  gx_status (*info)(int32_t ordinal, gx_cuda_info* info);
  gx_status (*open)(int32_t ordinal, void* stream, Gpu** gpu);
  void (*close)(Gpu* gpu);
  Blocks& (*blocks)(Gpu* gpu);  // its memory
  void* (*stream)(const Gpu* gpu);
  gx_status (*trim)(Gpu* gpu);  // gives what is free back to the system
  gx_status (*synchronize)(Gpu* gpu);
  gx_status (*copy)(Gpu* gpu, void* to, const void* from, int64_t bytes);

  // The twins, one for each function that takes a device: nullptr where there is none. CMake makes the list from the
  // headers.
#define GX_ENTRY(name) decltype(&::name) name;
#include "entries.inc"
#undef GX_ENTRY
};

// The function by which a backend's library gives its table: extern "C" const gx::Backend* gx_backend_table(void).
constexpr const char* kBackendSymbol = "gx_backend_table";
using BackendFunction = const Backend*();

// The status of a backend's function, with its sentence, as an Error.
inline void require(const Backend* backend, gx_status status) {
  if (status != GX_OK) throw Error{status, backend->last_error()};
}

[[noreturn]] void fail_without_twin(const Backend* backend, const void* entry);

// Whether the device is a GPU, whose backend has then done the call.
template <class... P, class... Args>
bool ran_on_gpu(gx_status (*Backend::*entry)(gx_device*, P...), gx_device* device, const Args&... args) {
  if (!device->backend) return false;
  const auto twin = device->backend->*entry;
  if (!twin) fail_without_twin(device->backend, &(device->backend->*entry));
  require(device->backend, twin(device, args...));
  return true;
}

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_BACKEND_H_
