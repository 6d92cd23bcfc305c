// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the families hand to the runner: one kernel on one shape.
#ifndef GENERATRIX_BENCH_NATIVE_ROW_H_
#define GENERATRIX_BENCH_NATIVE_ROW_H_

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "generatrix/core.h"

namespace gx::bench {

struct Row {
  std::string op;       // of the registry, "gibbs.layer_sample"
  std::string variant;  // of the registry
  gx_isa isa;
  std::string shape;
  std::string detail;  // direction, format
  bool chosen;         // whether the dispatch would take this variant here
  double flops;        // of the dense product, 2 m n k; 0 where the work is none
  double bytes;        // each operand once
  std::function<void()> run;
  std::function<void()> verify;  // throws std::runtime_error with the expected and the actual value
};

// Calls emit with every row of the shapes whose row or shape name contains the filter. Operands live as long as emit
// runs.
using Emit = std::function<void(const Row&)>;

// The row of a kernel as the C ABI runs it: with the first line of the registry that this machine can use.
Row through_abi(const std::string& op, const std::string& shape, const std::string& detail, double flops, double bytes,
                std::function<void()> run, std::function<void()> verify);

// Whether a row is asked for: the filter occurs in "shape op variant detail".
bool matches(const Row& row, const std::string& filter);

// States and random numbers, shaped as the visible layers of the list.
void states_rows(const std::string& shapes_file, const std::string& filter, int threads, const Emit& emit);

// The Gibbs family.
void gibbs_rows(const std::string& shapes_file, const std::string& filter, int threads, const Emit& emit);

// Optimiser steps, over models of a few large and of many small tensors.
void optim_rows(const std::string& shapes_file, const std::string& filter, int threads, const Emit& emit);

// A device for the time of a family's rows.
struct Device {
  explicit Device(int threads);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  gx_device* device = nullptr;
};

// Throws unless a status is GX_OK.
void require(gx_status status);

// Throws unless |actual - expected| <= tolerance; NaN fails.
void require_close(const std::string& what, double actual, double expected, double tolerance);

}  // namespace gx::bench

#endif  // GENERATRIX_BENCH_NATIVE_ROW_H_
