// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "row.h"

#include <cmath>
#include <cstdio>
#include <utility>

namespace gx::bench {

Row through_abi(const std::string& op, const std::string& shape, const std::string& detail, double flops, double bytes,
                std::function<void()> run, std::function<void()> verify) {
  gx_kernel_info info;
  for (int32_t i = 0; gx_kernel_at(i, &info) == GX_OK; ++i) {
    if (info.usable && info.op == op) {
      return {op, info.variant, info.isa, shape, detail, true, flops, bytes, std::move(run), std::move(verify)};
    }
  }
  throw std::runtime_error("expected " + op + " in the registry, found no usable line");
}

bool matches(const Row& row, const std::string& filter) {
  return (row.shape + " " + row.op + " " + row.variant + " " + row.detail).find(filter) != std::string::npos;
}

Device::Device(int threads) { require(gx_device_create_cpu(threads, &device)); }
Device::~Device() { gx_device_destroy(device); }

void require(gx_status status) {
  if (status != GX_OK) throw std::runtime_error(gx_last_error());
}

void require_close(const std::string& what, double actual, double expected, double tolerance) {
  if (std::fabs(actual - expected) <= tolerance) return;
  char text[160];
  std::snprintf(text, sizeof text, ": expected %.9g within %.3g, got %.9g", expected, tolerance, actual);
  throw std::runtime_error(what + text);
}

}  // namespace gx::bench
