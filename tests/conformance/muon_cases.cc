// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

// Matrices of several shapes, more alike than fit into a launch, upright and wide; the polynomial's slope of 490 for
// small singular values makes roundings large.
GX_CASE(optim, muon) {
  const std::vector<std::pair<int64_t, int64_t>> shapes = {{16, 40}, {7, 3}, {1, 5}};
  const Tolerance tolerance = {2e-4, 0};
  std::vector<gx_segment> segments;
  std::vector<int64_t> rows;
  for (int i = 0; i < 36; ++i) {
    const auto [r, c] = shapes[i < 34 ? 0 : size_t(i - 33)];
    const int64_t n = r * c;
    void* p = run.inout(reals(n, -1, 1, uint64_t(i)), tolerance);
    const void* g = run.real(reals(n, -1, 1, uint64_t(i) + 100));
    void* s = run.inout(reals(n, -1, 1, uint64_t(i) + 200), {4 * kEpsilon, 4 * kEpsilon});
    void* ema = i % 2 == 0 ? run.inout(reals(n, -1, 1, uint64_t(i) + 300), tolerance) : nullptr;
    segments.push_back({n, p, g, s, nullptr, nullptr, ema});
    rows.push_back(r);
  }
  const gx_muon_params params = {{0.1, 0.5, 0.4, 0.25, 0.75}, 0.9, 1, 5};
  run.ok(gx_muon(run.device(), run.format(), &params, int64_t(segments.size()), segments.data(), rows.data()));
}

}  // namespace
}  // namespace gx::test
