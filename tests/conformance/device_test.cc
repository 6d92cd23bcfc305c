// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A GPU's device beside its kernels: memory, copies, streams, what is refused.

#include <cstring>
#include <string>

#include "case.h"
#include "gpu.h"

namespace gx::test {
namespace {

TEST(GpuDevice, SaysWhatItIs) {
  gx_backend backend = GX_BACKEND_CPU;
  EXPECT_OK(gx_device_get_backend(gpu(), &backend));
  EXPECT_EQ(backend, GX_BACKEND_CUDA);
  EXPECT_OK(gx_device_get_backend(cpu(), &backend));
  EXPECT_EQ(backend, GX_BACKEND_CPU);
  int32_t count = 0;
  EXPECT_OK(gx_cuda_device_count(&count));
  EXPECT_GE(count, 1);
  gx_cuda_info info = {};
  EXPECT_OK(gx_cuda_get_info(0, &info));
  EXPECT_GE(info.compute_capability, 80);
  EXPECT_NE(std::string(info.name), "");
  EXPECT_REFUSED("must be", gx_cuda_get_info(count, &info));
  gx_device* none = nullptr;
  EXPECT_REFUSED("must be", gx_device_create_cuda(-1, nullptr, &none));
  EXPECT_REFUSED("device", gx_device_create_cuda(0, nullptr, nullptr));
}

TEST(GpuDevice, MemoryGoesThereAndBackAndIsCounted) {
  gx_device* device = nullptr;
  ASSERT_OK(gx_device_create_cuda(0, nullptr, &device));
  std::vector<float> there = reals(100000, -1, 1, 1), back(there.size());
  const int64_t bytes = int64_t(there.size() * 4);
  void *a = nullptr, *b = nullptr;
  ASSERT_OK(gx_alloc(device, bytes, &a));
  ASSERT_OK(gx_alloc(device, bytes, &b));
  ASSERT_OK(gx_copy(device, back.data(), a, bytes));
  EXPECT_EQ(back, std::vector<float>(there.size())) << "what is new is zero";
  ASSERT_OK(gx_copy(device, a, there.data(), bytes));
  ASSERT_OK(gx_copy(device, b, a, bytes));
  ASSERT_OK(gx_copy(device, back.data(), b, bytes));
  EXPECT_EQ(back, there);
  gx_memory memory = {};
  ASSERT_OK(gx_device_get_memory(device, &memory));
  EXPECT_EQ(memory.live, 2 * bytes);
  EXPECT_REFUSED("must own no live buffer", gx_device_destroy(device));
  ASSERT_OK(gx_free(device, a));
  void* c = nullptr;
  ASSERT_OK(gx_alloc(device, bytes, &c));  // the block of a, which is cleared again
  ASSERT_OK(gx_copy(device, back.data(), c, bytes));
  EXPECT_EQ(back, std::vector<float>(there.size()));
  ASSERT_OK(gx_free(device, b));
  ASSERT_OK(gx_free(device, c));
  ASSERT_OK(gx_device_trim(device));
  ASSERT_OK(gx_device_get_memory(device, &memory));
  EXPECT_EQ(memory.cached, 0);
  ASSERT_OK(gx_device_set_memory_limit(device, 1000));
  EXPECT_FAILS(GX_OUT_OF_MEMORY, "limit", gx_alloc(device, 100000, &a));
  EXPECT_OK(gx_device_destroy(device));
}

TEST(GpuDevice, HasAPrecision) {
  gx_precision precision = GX_PRECISION_BF16;
  EXPECT_OK(gx_device_get_precision(gpu(), &precision));
  EXPECT_EQ(precision, GX_PRECISION_FP32);
  EXPECT_OK(gx_device_set_precision(gpu(), GX_PRECISION_TF32));
  EXPECT_OK(gx_device_get_precision(gpu(), &precision));
  EXPECT_EQ(precision, GX_PRECISION_TF32);
  EXPECT_OK(gx_device_set_precision(gpu(), GX_PRECISION_FP32));
  EXPECT_FAILS(GX_UNSUPPORTED, "must be FP32, got TF32", gx_device_set_precision(cpu(), GX_PRECISION_TF32));
  EXPECT_REFUSED("precision", gx_device_set_precision(gpu(), gx_precision(7)));
}

TEST(GpuDevice, AnotherBackendIsRefused) {
  EXPECT_FAILS(GX_UNSUPPORTED, "one CUDA backend", gx_cuda_load("/no/such/library.so"));
}

}  // namespace
}  // namespace gx::test
