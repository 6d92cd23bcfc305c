// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Matrices of one shape make a batch [n][r][c], r <= c, the higher ones turned on their side: a model has many alike.

#include <cmath>

#include "kernels/linear/matmul/matmul.h"
#include "kernels/optim/muon/muon.h"
#include "runtime/backend.h"

namespace gx {
namespace {

void product(const gx_matmul_params& p, const float* a, const float* b, float* c, Team& team) {
  int count;
  const MatmulVariant* variants = matmul_variants(&count);
  int v = 0;
  while (!usable(variants[v].line.isa)) ++v;
  variants[v].run(p, a, b, c, team);
}
void product(const gx_matmul_params& p, const double* a, const double* b, double* c, Team&) {
  reference::matmul(p, a, b, c);
}

// Where element (i, j) of a matrix of `columns` columns stands in X, which lies on its side if the matrix is higher
// than wide.
template <class T>
T& at(T* x, const Alike& g, int64_t i, int64_t j) {
  return g.rows <= g.columns ? x[i * g.columns + j] : x[j * g.rows + i];
}

// The momentum moves; X = d / |d|.
template <class T>
void begin(const MuonRule& rule, const Alike& g, const gx_segment& segment, T* x) {
  const StepPart<T> a = optim::part<T>(segment, 0, segment.count);
  double squares = 0;
  for (int64_t i = 0; i < g.rows; ++i) {
    for (int64_t j = 0; j < g.columns; ++j) {
      const int64_t k = i * g.columns + j;
      const double gradient = reference::prepared_gradient(rule.frame, a, k);
      a.s0[k] = T(rule.momentum * double(a.s0[k]) + gradient);
      const double d = rule.nesterov ? gradient + rule.momentum * double(a.s0[k]) : double(a.s0[k]);
      at(x, g, i, j) = T(d);
      squares += d * d;
    }
  }
  const double factor = squares > 0 ? 1 / std::sqrt(squares) : squares;  // NaN stays
  for (int64_t k = 0; k < segment.count; ++k) x[k] = T(double(x[k]) * factor);
}

template <class T>
void end(const MuonRule& rule, const Alike& g, const gx_segment& segment, const T* x) {
  const StepPart<T> a = optim::part<T>(segment, 0, segment.count);
  const double rate = rule.rate * kMuonScale * std::sqrt(double(g.rows > g.columns ? g.rows : g.columns));
  for (int64_t i = 0; i < g.rows; ++i) {
    for (int64_t j = 0; j < g.columns; ++j) {
      const int64_t k = i * g.columns + j;
      reference::put_parameter(rule.frame, a, k, rule.keep * double(a.p[k]) - rate * double(at(x, g, i, j)));
    }
  }
}

template <class T>
void run(gx_device& device, const MuonRule& rule, const Alike& g, const gx_segment* segment) {
  const int64_t n = int64_t(g.members.size()), size = g.rows * g.columns;
  const int64_t r = g.rows < g.columns ? g.rows : g.columns, c = size / r;
  Workspace workspace(device);
  T* x = workspace.get<T>(n * size);
  T* y = workspace.get<T>(n * size);
  T* a = workspace.get<T>(n * r * r);
  T* b = workspace.get<T>(n * r * r);
  Team team(device, workspace);
  parallel_for(device.threads, n, [&](int64_t i, int) { begin(rule, g, segment[g.members[size_t(i)]], x + i * size); });
  const gx_matmul_params outer = {n, r, r, c, size, size, r * r, 0, 1, 0};     // A = X X^T
  const gx_matmul_params square = {n, r, r, r, r * r, r * r, r * r, 0, 0, 0};  // A A
  const gx_matmul_params next = {n, r, c, r, r * r, size, size, 0, 0, 0};      // (..) X
  for (int k = 0; k < rule.iterations; ++k) {
    product(outer, x, x, a, team);
    product(square, a, a, b, team);
    for (int64_t i = 0; i < n * r * r; ++i) {
      const bool diagonal = i % (r * r) % (r + 1) == 0;
      b[i] = T(kMuonC) * b[i] + T(kMuonB) * a[i] + (diagonal ? T(kMuonA) : T(0));
    }
    product(next, b, x, y, team);
    std::swap(x, y);
  }
  parallel_for(device.threads, n, [&](int64_t i, int) { end(rule, g, segment[g.members[size_t(i)]], x + i * size); });
}

}  // namespace
}  // namespace gx

gx_status gx_muon(gx_device* device, gx_format format, const gx_muon_params* params, int64_t segments,
                  const gx_segment* segment, const int64_t* rows) {
  return gx::guarded([&] {
    using namespace gx;
    check::not_null(params, "params");
    optim::check_share(params->momentum, "the momentum");
    optim::check_flag(params->nesterov, "nesterov");
    check::in_range(params->iterations, 1, 100, "the iterations");
    StepFrame frame = optim::check_step(device, format, params->step, optim::kS0, segments, segment);
    if (segments > 0) check::not_null(rows, "rows");
    for (int64_t s = 0; s < segments; ++s) {
      if (rows[s] < 1 || segment[s].count % rows[s] != 0) {
        fail(GX_INVALID_ARGUMENT, "the rows of segment %lld must divide its %lld elements, got %lld", (long long)s,
             (long long)segment[s].count, (long long)rows[s]);
      }
    }
    if (ran_on_gpu(&Backend::gx_muon, device, format, params, segments, segment, rows)) return;
    frame.weight_decay = 0;
    const MuonRule rule = {frame,
                           1 - params->step.rate * params->step.weight_decay,
                           params->step.rate,
                           params->momentum,
                           params->nesterov != 0,
                           params->iterations};
    for (const Alike& group : by_shape(segments, segment, rows)) {
      with_real(format, [&](auto zero) { run<decltype(zero)>(*device, rule, group, segment); });
    }
  });
}
