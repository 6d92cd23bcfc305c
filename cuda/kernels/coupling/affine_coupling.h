// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What forward and backward of the affine coupling share.
#ifndef GENERATRIX_CUDA_KERNELS_COUPLING_AFFINE_COUPLING_H_
#define GENERATRIX_CUDA_KERNELS_COUPLING_AFFINE_COUPLING_H_

#include "kernels/coupling/changes.h"
#include "kernels/coupling/densities.h"
#include "kernels/coupling/scales.h"

namespace gx::cuda::coupling {

template <class T>
struct AffineOperands {
  Changes changes;
  int64_t size, stride;  // of an example, and of its parameters from one example to the next
  double clamp;
  Divider pixels;  // of a channel
  const T *x, *s, *t, *amplitude;

  // The amplitudes, or the clamp, of N elements.
  template <int N, class Scale>
  __device__ Pack<T, N> amplitudes(int64_t e) const {
    Pack<T, N> a;
    const bool each = Scale::kAmplitude && amplitude;
    a.v[0] = each ? amplitude[pixels.quotient(e)] : T(clamp);
#pragma unroll
    for (int k = 1; k < N; ++k) {
      a.v[k] = each && pixels.divisor % N != 0 ? amplitude[pixels.quotient(e + k)] : a.v[0];
    }
    return a;
  }
};

template <class T>
AffineOperands<T> affine_operands(const gx_affine_coupling_params& p, const gx_states* kept, const void* x,
                                  const void* s, const void* t, const void* amplitude) {
  return {changes_of(p.coupling, kept),
          size_of(p.coupling),
          p.parameter_stride,
          p.clamp,
          Divider::by(p.coupling.height * p.coupling.width),
          static_cast<const T*>(x),
          static_cast<const T*>(s),
          static_cast<const T*>(t),
          static_cast<const T*>(amplitude)};
}

// body(first, both, k) for the pairs of neighbours of a pack in which an element is changed: `k` and k + 1, the first
// one or the second if not `first`, and if `both` then the second too. So a checkerboard, which changes one of each
// two, takes one evaluation for two elements, whatever its parity is in the threads of a warp.
template <int N, class Body>
__device__ inline void each_changed(unsigned changed, const Body& body) {
#pragma unroll
  for (int k = 0; k < N; k += 2) {
    const bool first = changed >> k & 1, second = N > 1 && (changed >> k & 2) != 0;
    if (first || second) body(k, first, first && second);
  }
}
template <int N, class T>
__device__ inline T one_of(const Pack<T, N>& p, int k, bool first) {
  return N == 1 || first ? p.v[k] : p.v[N == 1 ? 0 : k + 1];
}
template <int N, class T>
__device__ inline void set_one_of(Pack<T, N>& p, int k, bool first, T value) {
  p.v[k] = N == 1 || first ? value : p.v[k];
  if (N > 1) p.v[N == 1 ? 0 : k + 1] = first ? p.v[N == 1 ? 0 : k + 1] : value;
}

}  // namespace gx::cuda::coupling

#endif  // GENERATRIX_CUDA_KERNELS_COUPLING_AFFINE_COUPLING_H_
