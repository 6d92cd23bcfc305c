// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One call of the C ABI on a GPU, to be timed: its name is that of the peer's row in peers.py.
#ifndef GENERATRIX_BENCH_GPU_ROW_H_
#define GENERATRIX_BENCH_GPU_ROW_H_

#include <functional>
#include <string>
#include <vector>

#include "generatrix/generatrix.h"

namespace gx::bench {

// Throws unless a status is GX_OK.
void require(gx_status status);

// Arrays of a device that live as long as this.
class Arrays {
 public:
  explicit Arrays(gx_device* device) : device_(device) {}
  ~Arrays();
  Arrays(const Arrays&) = delete;
  Arrays& operator=(const Arrays&) = delete;

  gx_device* device() const { return device_; }
  float* empty(int64_t count) { return static_cast<float*>(bytes(count * 4)); }
  double* doubles(int64_t count) { return static_cast<double*>(bytes(count * 8)); }
  float* normal(int64_t count, double stddev = 1);  // the same on every device
  gx_states bits(int64_t rows, int64_t units, double p = 0.5);
  std::vector<float> read(const float* from, int64_t count) const;

 private:
  void* bytes(int64_t count);

  gx_device* device_;
  std::vector<void*> all_;
  uint64_t seed_ = 1;
};

// A call with its operands on one device.
struct Call {
  std::function<void()> run;
  // Numbers that tell whether it did what it should, taken after one run from a fresh start.
  std::function<std::vector<float>()> result;
};

struct Row {
  std::string name;
  gx_precision precision = GX_PRECISION_FP32;
  double flops = 0;      // 0 where memory decides
  double bytes = 0;      // each operand once
  double tolerance = 0;  // of the result against the CPU's, relative to its greatest number
  bool on_cpu = true;    // whether the CPU can do it in reasonable time, to be compared with
  std::function<Call(Arrays&)> prepare;
};
std::vector<Row> rows();

}  // namespace gx::bench

#endif  // GENERATRIX_BENCH_GPU_ROW_H_
