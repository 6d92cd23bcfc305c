// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// MMD^2 of two sets of points under a sum of RBF kernels. Equations: loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_MMD_H_
#define GENERATRIX_KERNELS_LOSS_MMD_H_

#include "generatrix/loss.h"
#include "runtime/isa.h"

namespace gx {

template <class T>
struct Mmd {
  int64_t rows, n, units;
  int64_t bandwidth_count;
  const double* bandwidths;
  bool unbiased;
  const T *x, *y;
  T* out;
  const T* dout;
  T *dx, *dy;
};

// One set against another or itself, as the variants see it.
struct MmdPair {
  const float *a, *b;
  int64_t na, nb, units;
  int64_t kernels;
  const double* exponents;  // 1 / 2 w^2
};

constexpr int64_t kMmdRows = 4;     // points of a work item
constexpr int64_t kMmdBlock = 128;  // points of the other set taken together
// Doubles of scratch a thread needs.
inline int64_t mmd_scratch(int64_t units) { return kMmdRows * (2 * kMmdBlock + (units + 15) / 16 * 16); }

struct MmdVariant {
  KernelLine line;
  // sum over rows [row0, row1) of a, at most kMmdRows, and all of b of k(a_i, b_j).
  double (*forward)(const MmdPair& pair, int64_t row0, int64_t row1, double* scratch);
  // gradient[i] = own_scale sum_j g(a_i, own_j) (a_i - own_j) + other_scale sum_j g(a_i, b_j) (a_i - b_j) for those
  // rows, own being a itself and g = sum_w e^(-|.|^2 / 2 w^2) / w^2.
  void (*backward)(const MmdPair& pair, double own_scale, double other_scale, int64_t row0, int64_t row1,
                   double* scratch, float* gradient);
};
const MmdVariant* mmd_variants(int* count);

void mmd(const MmdVariant&, gx_device&, const Mmd<float>&);
void mmd_backward(const MmdVariant&, gx_device&, const Mmd<float>&);

namespace reference {
template <class T>
void mmd(const Mmd<T>&);
template <class T>
void mmd_backward(const Mmd<T>&);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_LOSS_MMD_H_
