// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// dz = dy f'(z), dx = dz W, dW = dz^T x, db = sum of dz's rows: gx_linear_backward (linear.h). Three steps: one pass
// over dy and y writes dz (none if the activation is NONE: dz is dy) and sums its columns in double; then two products.
//
// The pass: a block has 32 lanes along the columns, kWidth neighbours each, and 8 rows at a time; blocks along y take
// parts of the rows. Sums are added up over the 8, then over the parts, in order: the shape alone decides. Floor of the
// pass: dy, y and dz once through memory; of all: 4 rows inputs outputs operations.
//
// Registers (nvcc 13.0) of the pass: 32 to 48, no spills. Not yet run on a GPU.

#include "kernels/linear/dense.h"
#include "runtime/check.h"
#include "runtime/entries.h"

namespace gx::cuda {
namespace {

constexpr int kLanes = 32, kHigh = 8;

// dz, if not null, and sums[part][columns], if not null, of rows [part height, (part + 1) height).
template <class T, int kWidth>
__global__ void __launch_bounds__(kLanes* kHigh) slopes(int64_t rows, int64_t columns, int64_t height, gx_activation f,
                                                        T p, const T* dy, const T* y, T* dz, double* sums) {
  GX_SHARED(double, shared, kLanes* kHigh* kWidth);
  const int lane = int(threadIdx.x) % kLanes, line = int(threadIdx.x) / kLanes;
  const int64_t j = (int64_t(blockIdx.x) * kLanes + lane) * kWidth;
  const int64_t from = int64_t(blockIdx.y) * height, to = from + height < rows ? from + height : rows;
  double sum[kWidth] = {};
  if (j < columns) {
#pragma unroll 4
    for (int64_t r = from + line; r < to; r += kHigh) {
      using P = Pack<T, kWidth>;
      P given = *reinterpret_cast<const P*>(dy + r * columns + j);
      if (f != GX_ACTIVATION_NONE) {
        const P value = *reinterpret_cast<const P*>(y + r * columns + j);
#pragma unroll
        for (int n = 0; n < kWidth; ++n) given.v[n] *= activation_slope(f, p, value.v[n]);
      }
      if (dz) *reinterpret_cast<P*>(dz + r * columns + j) = given;
#pragma unroll
      for (int n = 0; n < kWidth; ++n) sum[n] += double(given.v[n]);
    }
  }
  if (!sums) return;
#pragma unroll
  for (int n = 0; n < kWidth; ++n) shared[(line * kWidth + n) * kLanes + lane] = sum[n];
  __syncthreads();
  if (line == 0 && j < columns) {
#pragma unroll
    for (int n = 0; n < kWidth; ++n) {
      double all = sum[n];
      for (int l = 1; l < kHigh; ++l) all += shared[(l * kWidth + n) * kLanes + lane];
      sums[int64_t(blockIdx.y) * columns + j + n] = all;
    }
  }
}

template <class T>
__global__ void __launch_bounds__(256) add_parts(int64_t columns, int64_t parts, const double* sums, T* db) {
  for (int64_t j = grid_place(); j < columns; j += grid_size()) {
    double all = 0;
    for (int64_t part = 0; part < parts; ++part) all += sums[part * columns + j];
    db[j] = T(all);
  }
}

template <class T, int kWidth>
void run_slopes(Gpu& gpu, Workspace& workspace, const gx_linear_params& p, const T* dy, const T* y, T* dz, T* db) {
  if (p.outputs == 0) return;
  const int64_t across = (p.outputs + kLanes * kWidth - 1) / (kLanes * kWidth);
  // Parts of 64 rows or more, until there are about 512 blocks.
  const int64_t parts = std::max<int64_t>(1, std::min<int64_t>({512 / across, p.rows / 64, 512}));
  const int64_t height = (p.rows + parts - 1) / parts;
  double* sums = db ? workspace.get<double>(parts * p.outputs) : nullptr;
  launch(gpu, {dim3(unsigned(across), unsigned(parts)), kLanes * kHigh}, slopes<T, kWidth>, p.rows, p.outputs, height,
         p.activation, T(p.activation_p), dy, y, dz, sums);
  if (db) launch(gpu, {blocks_for(gpu, p.outputs, 256), 256}, add_parts<T>, p.outputs, parts, sums, db);
}

template <class T>
void run(gx_device& device, Workspace& workspace, const gx_linear_params& p, const T* dy, const T* y, const T* x,
         const T* W, T* dx, T* dW, T* db) {
  const bool slope = p.activation != GX_ACTIVATION_NONE && (dx || dW);
  T* const made = slope ? workspace.get<T>(p.rows * p.outputs) : nullptr;
  if (slope || db) {
    const bool wide = p.outputs % kPack<T> == 0 && aligned(dy) && aligned(y) && aligned(made);
    if (wide) {
      run_slopes<T, kPack<T>>(gpu_of(&device), workspace, p, dy, y, made, db);
    } else {
      run_slopes<T, 1>(gpu_of(&device), workspace, p, dy, y, made, db);
    }
  }
  const T* const dz = slope ? made : dy;
  const auto to = [](T* c, int64_t step) {
    return DenseFinish<T>{c, step, 0, nullptr, 0, GX_ACTIVATION_NONE, false, false};
  };
  if (dx) {
    dense_product<T>(device, workspace, {p.rows, p.inputs, p.outputs, 1}, {dz, true, p.outputs, 0},
                     {W, false, p.inputs, 0}, to(dx, p.inputs));
  }
  if (dW) {
    dense_product<T>(device, workspace, {p.outputs, p.inputs, p.rows, 1}, {dz, false, p.outputs, 0},
                     {x, false, p.inputs, 0}, to(dW, p.inputs));
  }
}

}  // namespace

gx_status gx_linear_backward(gx_device* device, gx_format format, const gx_linear_params* params, const void* dy,
                             const void* y, const void* x, const void* W, void* dx, void* dW, void* db) {
  return guarded([&] {
    Workspace workspace(*device);
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      run<T>(*device, workspace, *params, static_cast<const T*>(dy), static_cast<const T*>(y), static_cast<const T*>(x),
             static_cast<const T*>(W), static_cast<T*>(dx), static_cast<T*>(dW), static_cast<T*>(db));
    });
  });
}

}  // namespace gx::cuda
