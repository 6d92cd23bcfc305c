// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace gx::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kWarmUp = 100;                     // ms: threads awake, pages mapped, clock up
constexpr double kLeastSample = 1;                  // ms: shorter calls are timed many at a time when warm
constexpr int64_t kFlushBytes = int64_t(64) << 20;  // twice the last-level cache share of a core on current servers

double since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// Every thread writes its part, so that the private caches of all cores are flushed.
void flush() {
  static std::vector<uint64_t> memory(kFlushBytes / 8);
  const int64_t count = int64_t(memory.size());
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; i += 8) memory[i] += 1;
}

}  // namespace

Timing timing_of(std::vector<double> milliseconds) {
  const double middle = median(milliseconds);
  for (double& value : milliseconds) value = std::fabs(value - middle);
  return {middle, median(milliseconds)};
}

Timing measure(const Plan& plan, const std::function<void()>& call) {
  double shortest = INFINITY;
  const auto begin = Clock::now();
  do {
    const auto start = Clock::now();
    call();
    shortest = std::min(shortest, since(start));
  } while (since(begin) < kWarmUp);

  const int calls = plan.cold ? 1 : int(std::ceil(std::min(1e6, kLeastSample / std::max(shortest, 1e-6))));
  std::vector<double> samples;
  for (int repeat = 0; repeat < plan.repeats; ++repeat) {
    if (plan.cold) flush();
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) call();
    samples.push_back(since(start) / calls);
  }
  return timing_of(samples);
}

}  // namespace gx::bench
