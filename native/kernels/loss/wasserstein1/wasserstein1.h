// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// W1 of two sets of numbers by their sorted order, serial. Equation: loss.h.
#ifndef GENERATRIX_KERNELS_LOSS_WASSERSTEIN1_H_
#define GENERATRIX_KERNELS_LOSS_WASSERSTEIN1_H_

#include "generatrix/loss.h"

namespace gx::reference {

// The order of the numbers of x, equal ones by their index. False if one is NaN: then it has none.
template <class T>
bool ascending(const T* x, int64_t n, int64_t* order);

// The orders are those of x [n] and y [m].
template <class T>
double wasserstein1(const T* x, int64_t n, const int64_t* x_order, const T* y, int64_t m, const int64_t* y_order);

// dx and dy may be null.
template <class T>
void wasserstein1_backward(const T* x, int64_t n, const int64_t* x_order, const T* y, int64_t m, const int64_t* y_order,
                           double dout, T* dx, T* dy);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_LOSS_WASSERSTEIN1_H_
