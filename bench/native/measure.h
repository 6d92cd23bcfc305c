// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Timing: median and spread of repeated calls, with the operands pushed out of the caches in between when asked.
#ifndef GENERATRIX_BENCH_NATIVE_MEASURE_H_
#define GENERATRIX_BENCH_NATIVE_MEASURE_H_

#include <functional>
#include <vector>

namespace gx::bench {

// Of one call, in milliseconds.
struct Timing {
  double median;
  double mad;  // median absolute deviation
};

Timing timing_of(std::vector<double> milliseconds);

// How long to measure, and from which caches.
struct Plan {
  int repeats;
  bool cold;  // flush between calls: a call finds nothing of its operands; warm: it finds what the last one left, as in
              // a chain
};

Timing measure(const Plan& plan, const std::function<void()>& call);

}  // namespace gx::bench

#endif  // GENERATRIX_BENCH_NATIVE_MEASURE_H_
