// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// GX_HOST_DEVICE: what stands before functions that the host and a GPU's threads share.
#ifndef GENERATRIX_RUNTIME_HOST_DEVICE_H_
#define GENERATRIX_RUNTIME_HOST_DEVICE_H_

#if defined(__CUDACC__)
#define GX_HOST_DEVICE __host__ __device__
#else
#define GX_HOST_DEVICE
#endif

#endif  // GENERATRIX_RUNTIME_HOST_DEVICE_H_
