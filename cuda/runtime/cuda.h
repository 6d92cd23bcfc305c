// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The language of the kernels: CUDA C++ by nvcc, or the same source by the host's compiler with the emulator's
// stand-ins (cuda/emulator), which is how a machine without a GPU proves them. What the two say differently has a name
// here.
#ifndef GENERATRIX_CUDA_RUNTIME_CUDA_H_
#define GENERATRIX_CUDA_RUNTIME_CUDA_H_

#include <cmath>
#include <cstdint>

#if defined(__CUDACC__)

#include <cuda_runtime.h>

// Shared memory of a block: an array `name` of `count` elements of the type, or of as many bytes as the launch asked
// for.
#define GX_SHARED(type, name, count) __shared__ type name[count]
#define GX_DYNAMIC_SHARED(type, name)                       \
  extern __shared__ __align__(128) unsigned char name##_[]; \
  type* const name = reinterpret_cast<type*>(name##_)

#else

#include "emulator/emulator.h"

#endif

// Code that only a GPU can run (PTX) stands under this; its stand-in for the emulator beside it.
#if defined(__CUDA_ARCH__)
#define GX_ON_DEVICE 1
#else
#define GX_ON_DEVICE 0
#endif

namespace gx::cuda {

constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xFFFFFFFFu;

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_RUNTIME_CUDA_H_
