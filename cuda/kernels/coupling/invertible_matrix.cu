// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_invertible_matrix and its gradient (coupling.h): W = P L (U + diag(sign e^l)) or its inverse, in double; n is a
// number of channels.
//
// Grid: products a thread for each entry, its sum in the order of k. An inverse a warp for each column, which goes down
// L and up U: a step is a sum over the warp. The permutation, which is in host memory, goes as kernels' arguments.
//
// Operations: a product n^3 fused multiply-adds, an inverse 2 n steps of some 200 cycles; n = 96 takes microseconds,
// which launches dominate.
//
// A sign that is neither 1 nor -1 is refused on a CPU; here, where nobody waits to look at it, it makes NaN.
//
// nvcc 13.0: at most 64 registers, no spills.
//
// Not yet run on a GPU.

#include "kernels/coupling/affine_coupling/affine_coupling.h"
#include "runtime/check.h"
#include "runtime/entries.h"
#include "runtime/map.h"
#include "runtime/reduce.h"

namespace gx::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kIndices = 256;  // 2 KB of arguments

struct Indices {
  int64_t v[kIndices];
};
__global__ void put_indices(Indices from, int64_t count, int64_t* to) {
  if (int64_t(threadIdx.x) < count) to[threadIdx.x] = from.v[threadIdx.x];
}

// L with its ones, and U with its diagonal, [n][n] each.
template <class T>
struct Triangles {
  int64_t n;
  const T *lower, *upper, *sign, *log_scale;

  __device__ double diagonal(int64_t i) const {
    const double s = double(sign[i]), l = double(log_scale[i]);
    return (s == 1 || s == -1) && fabs(l) <= kMostLogScale<T> ? s * exp(l) : double(NAN);
  }
  __device__ double L(int64_t i, int64_t j) const { return j < i ? double(lower[i * n + j]) : j == i ? 1.0 : 0.0; }
  __device__ double U(int64_t i, int64_t j) const {
    return j > i ? double(upper[i * n + j]) : j == i ? diagonal(i) : 0.0;
  }
};

// f(i, j) for every entry.
template <class F>
__global__ void __launch_bounds__(kThreads) each_entry(F f, int64_t n) {
  for (int64_t at = grid_place(); at < n * n; at += grid_size()) f(at / n, at % n);
}
template <class F>
void run_entries(Gpu& gpu, int64_t n, const F& f) {
  launch(gpu, {blocks_for(gpu, n * n, kThreads), kThreads}, each_entry<F>, f, n);
}

// W[i][j] = (L U)[permutation[i]][j]
template <class T>
struct Product {
  Triangles<T> m;
  const int64_t* permutation;
  T* W;
  __device__ void operator()(int64_t i, int64_t j) const {
    const int64_t row = permutation[i];
    double sum = 0;
    for (int64_t k = 0; k <= min(row, j); ++k) sum += m.L(row, k) * m.U(k, j);
    W[i * m.n + j] = T(sum);
  }
};

// columns[j] = column j of U^-1 L^-1, a warp for each.
template <class T>
__global__ void __launch_bounds__(kThreads) invert(Triangles<T> m, double* columns) {
  const int64_t n = m.n, j = grid_place() / kWarp;
  const int lane = int(threadIdx.x) % kWarp;
  if (j >= n) return;  // a whole warp does
  double* const a = columns + j * n;
  for (int64_t i = lane; i < n; i += kWarp) a[i] = i == j ? 1 : 0;
  __syncwarp();
  for (int64_t i = j + 1; i < n; ++i) {
    double sum = 0;
    for (int64_t k = j + lane; k < i; k += kWarp) sum += m.L(i, k) * a[k];
    sum = warp_sum(sum);
    if (lane == 0) a[i] -= sum;
    __syncwarp();
  }
  for (int64_t i = n - 1; i >= 0; --i) {
    double sum = 0;
    for (int64_t k = i + 1 + lane; k < n; k += kWarp) sum += m.U(i, k) * a[k];
    sum = warp_sum(sum);
    if (lane == 0) a[i] = (a[i] - sum) / m.diagonal(i);
    __syncwarp();
  }
}

// W[i][j] = M[i][permutation[j]]
template <class T>
struct PutInverse {
  int64_t n;
  const double* columns;
  const int64_t* permutation;
  T* W;
  __device__ void operator()(int64_t i, int64_t j) const { W[i * n + j] = T(columns[permutation[j] * n + i]); }
};

// dM with the rows (of the inverse: columns) of dW where they came from.
template <class T>
struct Unpermute {
  int64_t n, inverse;
  const int64_t* permutation;
  const T* dW;
  double* dM;
  __device__ void operator()(int64_t i, int64_t j) const {
    dM[inverse ? i * n + permutation[j] : permutation[i] * n + j] = double(dW[i * n + j]);
  }
};

// to = a b, of matrices that a step along rows and one along columns describe.
struct Matrix {
  const double* v;
  int64_t row, column;
  __device__ double operator()(int64_t i, int64_t j) const { return v[i * row + j * column]; }
};
struct Multiply {
  int64_t n;
  Matrix a, b;
  double* to;
  __device__ void operator()(int64_t i, int64_t j) const {
    double sum = 0;
    for (int64_t k = 0; k < n; ++k) sum += a(i, k) * b(k, j);
    to[i * n + j] = sum;
  }
};

// With M = L U: dL = dM U^T and dU = L^T dM, `sign` times.
template <class T>
struct PutGradients {
  Triangles<T> m;
  const double* dM;
  double sign;
  T *dlower, *dupper, *dlog_scale;  // null: not wanted
  __device__ void operator()(int64_t i, int64_t j) const {
    const int64_t n = m.n, at = i * n + j;
    double sum = 0;
    if (j < i) {
      for (int64_t k = j; dlower && k < n; ++k) sum += dM[i * n + k] * m.U(j, k);
    } else if (j > i ? dupper != nullptr : dlog_scale != nullptr) {
      for (int64_t k = i; k < n; ++k) sum += m.L(k, i) * dM[k * n + j];
    }
    sum *= sign;
    if (dlower) dlower[at] = j < i ? T(sum) : T(0);
    if (dupper) dupper[at] = j > i ? T(sum) : T(0);
    if (dlog_scale && i == j) dlog_scale[i] = T(sum * m.diagonal(i));
  }
};

const int64_t* on_device(Gpu& gpu, Workspace& workspace, int64_t n, const int64_t* permutation) {
  int64_t* const to = workspace.get<int64_t>(n);
  for (int64_t first = 0; first < n; first += kIndices) {
    Indices some = {};
    const int64_t count = std::min<int64_t>(kIndices, n - first);
    std::copy(permutation + first, permutation + first + count, some.v);
    launch(gpu, {1, kIndices}, put_indices, some, count, to + first);
  }
  return to;
}

template <class T>
double* inverse_of(Gpu& gpu, Workspace& workspace, const Triangles<T>& m) {
  double* const columns = workspace.get<double>(m.n * m.n);
  const int64_t threads = m.n * kWarp;
  launch(gpu, {unsigned((threads + kThreads - 1) / kThreads), kThreads}, invert<T>, m, columns);
  return columns;
}

template <class T>
void forward(gx_device* device, const Triangles<T>& m, bool inverse, const int64_t* given, T* W) {
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  const int64_t* const permutation = on_device(gpu, workspace, m.n, given);
  if (inverse) {
    run_entries(gpu, m.n, PutInverse<T>{m.n, inverse_of(gpu, workspace, m), permutation, W});
  } else {
    run_entries(gpu, m.n, Product<T>{m, permutation, W});
  }
}

template <class T>
void backward(gx_device* device, const Triangles<T>& m, bool inverse, const int64_t* given, const T* dW, T* dlower,
              T* dupper, T* dlog_scale) {
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  const int64_t n = m.n;
  double* dM = workspace.get<double>(n * n);
  run_entries(gpu, n, Unpermute<T>{n, inverse, on_device(gpu, workspace, n, given), dW, dM});
  if (inverse) {                                                      // of V = M^-1: dM = -V^T dV V^T
    const Matrix transposed = {inverse_of(gpu, workspace, m), n, 1};  // columns of V are its rows
    double* const half = workspace.get<double>(n * n);
    run_entries(gpu, n, Multiply{n, transposed, {dM, n, 1}, half});
    run_entries(gpu, n, Multiply{n, {half, n, 1}, transposed, dM});
  }
  run_entries(gpu, n, PutGradients<T>{m, dM, inverse ? -1.0 : 1.0, dlower, dupper, dlog_scale});
}

template <class T>
Triangles<T> triangles(int64_t n, const void* lower, const void* upper, const void* sign, const void* log_scale) {
  return {n, static_cast<const T*>(lower), static_cast<const T*>(upper), static_cast<const T*>(sign),
          static_cast<const T*>(log_scale)};
}

}  // namespace

gx_status gx_invertible_matrix(gx_device* device, gx_format format, int64_t n, int32_t inverse,
                               const int64_t* permutation, const void* lower, const void* upper, const void* sign,
                               const void* log_scale, void* W) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(device, triangles<T>(n, lower, upper, sign, log_scale), inverse != 0, permutation, static_cast<T*>(W));
    });
  });
}

gx_status gx_invertible_matrix_backward(gx_device* device, gx_format format, int64_t n, int32_t inverse,
                                        const int64_t* permutation, const void* lower, const void* upper,
                                        const void* sign, const void* log_scale, const void* dW, void* dlower,
                                        void* dupper, void* dlog_scale) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      backward(device, triangles<T>(n, lower, upper, sign, log_scale), inverse != 0, permutation,
               static_cast<const T*>(dW), static_cast<T*>(dlower), static_cast<T*>(dupper),
               static_cast<T*>(dlog_scale));
    });
  });
}

}  // namespace gx::cuda
