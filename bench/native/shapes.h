// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The shape lists of bench/shapes.
#ifndef GENERATRIX_BENCH_NATIVE_SHAPES_H_
#define GENERATRIX_BENCH_NATIVE_SHAPES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace gx::bench {

// A machine and a batch: model:VISIBLExHIDDEN:bBATCH:dDENSITY.
struct GibbsShape {
  std::string name;
  int64_t visible, hidden, batch;
  double density;  // the share of given units that are on
};

// The shapes of a file; throws std::runtime_error naming the line that is none.
std::vector<GibbsShape> read_gibbs_shapes(const std::string& file);

// A batch of states: model:ROWSxUNITS.
struct BatchShape {
  std::string name;
  int64_t rows, units;
};

std::vector<BatchShape> read_batch_shapes(const std::string& file);

}  // namespace gx::bench

#endif  // GENERATRIX_BENCH_NATIVE_SHAPES_H_
