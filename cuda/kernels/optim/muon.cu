// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Muon: gx_muon (optim.h). Matrices of one shape make a batch [n][r][c], r <= c, the higher ones turned on their side;
// a pass before (the momentum moves, X = d / |d|: a block per matrix), three batched products an iteration, which are
// gx_matmul's twin at the device's precision, and a pass after.
//
// Floor: the products' operations, iterations (4 r r c + 2 r r r) a matrix; the passes read and write 7 arrays.
// Not yet run on a GPU.

#include <cmath>

#include "kernels/optim/muon/muon.h"
#include "runtime/entries.h"
#include "runtime/map.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace {

constexpr int kMembers = 32;  // matrices of a launch: what fits into a kernel's arguments

template <class T>
struct Members {
  T* p[kMembers];
  const T* g[kMembers];
  T* s0[kMembers];
  T* ema[kMembers];
  int64_t rows, columns;
};

// The rule in the precision of the arrays.
template <class T>
struct Rule {
  T scale, clip, momentum, keep, rate, ema_rate;
  int64_t nesterov;
};

// Where element k of a matrix stands in X.
__device__ inline int64_t place_of(int64_t k, int64_t rows, int64_t columns) {
  return rows <= columns ? k : k % columns * rows + k / columns;
}

template <class T>
__global__ void __launch_bounds__(256) begin(Rule<T> rule, Members<T> m, T* x) {
  const int64_t size = m.rows * m.columns;
  const T* g = m.g[blockIdx.x];
  T* s0 = m.s0[blockIdx.x];
  T* to = x + int64_t(blockIdx.x) * size;
  double squares[1] = {0};
  for (int64_t k = threadIdx.x; k < size; k += blockDim.x) {
    T slope = g[k] * rule.scale;
    slope = slope > rule.clip ? rule.clip : slope;
    slope = slope < -rule.clip ? -rule.clip : slope;
    const T s = rule.momentum * s0[k] + slope;
    s0[k] = s;
    const T d = rule.nesterov ? slope + rule.momentum * s : s;
    to[place_of(k, m.rows, m.columns)] = d;
    squares[0] += double(d) * double(d);
  }
  block_sum(squares);
  const double factor = squares[0] > 0 ? 1 / sqrt(squares[0]) : squares[0];  // NaN stays
  __syncthreads();
  for (int64_t k = threadIdx.x; k < size; k += blockDim.x) to[k] = T(double(to[k]) * factor);
}

// b = kMuonC b + kMuonB a, and kMuonA on the diagonals.
template <class T>
__global__ void __launch_bounds__(256) combine(int64_t count, int64_t r, const T* a, T* b) {
  for (int64_t i = grid_place(); i < count; i += grid_size()) {
    const bool diagonal = i % (r * r) % (r + 1) == 0;
    b[i] = T(kMuonC) * b[i] + T(kMuonB) * a[i] + (diagonal ? T(kMuonA) : T(0));
  }
}

template <class T>
__global__ void __launch_bounds__(256) end(Rule<T> rule, Members<T> m, const T* x) {
  const int64_t size = m.rows * m.columns;
  T* p = m.p[blockIdx.y];
  T* ema = m.ema[blockIdx.y];
  const T* from = x + int64_t(blockIdx.y) * size;
  for (int64_t k = grid_place(); k < size; k += grid_size()) {
    const T moved = rule.keep * p[k] - rule.rate * from[place_of(k, m.rows, m.columns)];
    p[k] = moved;
    if (ema) ema[k] += rule.ema_rate * (moved - ema[k]);
  }
}

void product(gx_device* device, gx_format format, const gx_matmul_params& p, const void* a, const void* b, void* c) {
  if (!gx::cuda::gx_matmul) fail(GX_UNSUPPORTED, "gx_muon needs gx_matmul on a GPU");
  const gx_status status = gx::cuda::gx_matmul(device, format, &p, a, b, c);
  if (status != GX_OK) throw Error{status, ::gx_last_error()};
}

template <class T>
void run(gx_device* device, gx_format format, const gx_muon_params& params, const Alike& group,
         const gx_segment* segment) {
  Gpu& gpu = gpu_of(device);
  const int64_t n = int64_t(group.members.size()), size = group.rows * group.columns;
  const int64_t r = std::min(group.rows, group.columns), c = size / r;
  const gx_step& step = params.step;
  const double length = kMuonScale * std::sqrt(double(std::max(group.rows, group.columns)));
  const Rule<T> rule = {
      T(step.gradient_scale), T(step.clip_value),    T(params.momentum), T(1 - step.rate * step.weight_decay),
      T(step.rate * length),  T(1 - step.ema_decay), params.nesterov};
  Workspace workspace(*device);
  T* x = workspace.get<T>(n * size);
  T* y = workspace.get<T>(n * size);
  T* a = workspace.get<T>(n * r * r);
  T* b = workspace.get<T>(n * r * r);
  const auto each = [&](auto launches) {
    for (int64_t first = 0; first < n; first += kMembers) {
      const int64_t count = std::min<int64_t>(kMembers, n - first);
      Members<T> m = {};
      for (int64_t i = 0; i < count; ++i) {
        const gx_segment& s = segment[group.members[size_t(first + i)]];
        m.p[i] = static_cast<T*>(s.p);
        m.g[i] = static_cast<const T*>(s.g);
        m.s0[i] = static_cast<T*>(s.s0);
        m.ema[i] = static_cast<T*>(s.ema);
      }
      m.rows = group.rows;
      m.columns = group.columns;
      launches(m, unsigned(count), x + first * size);
    }
  };
  each([&](const Members<T>& m, unsigned count, T* to) { launch(gpu, {count, 256}, begin<T>, rule, m, to); });
  const gx_matmul_params outer = {n, r, r, c, size, size, r * r, 0, 1, 0};
  const gx_matmul_params square = {n, r, r, r, r * r, r * r, r * r, 0, 0, 0};
  const gx_matmul_params next = {n, r, c, r, r * r, size, size, 0, 0, 0};
  for (int k = 0; k < params.iterations; ++k) {
    product(device, format, outer, x, x, a);
    product(device, format, square, a, a, b);
    launch(gpu, {blocks_for(gpu, n * r * r, 256), 256}, combine<T>, n * r * r, r, a, b);
    product(device, format, next, b, x, y);
    std::swap(x, y);
  }
  each([&](const Members<T>& m, unsigned count, T* from) {
    launch(gpu, {dim3(unsigned(std::min<int64_t>(64, (size + 1023) / 1024)), count), 256}, end<T>, rule, m, from);
  });
}

}  // namespace

gx_status gx_muon(gx_device* device, gx_format format, const gx_muon_params* params, int64_t segments,
                  const gx_segment* segment, const int64_t* rows) {
  return guarded([&] {
    for (const Alike& group : by_shape(segments, segment, rows)) {
      with_real(format, [&](auto zero) { run<decltype(zero)>(device, format, *params, group, segment); });
    }
  });
}

}  // namespace gx::cuda
