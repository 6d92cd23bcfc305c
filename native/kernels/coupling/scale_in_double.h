// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The scale that a log-scale stands for, for references.
#ifndef GENERATRIX_KERNELS_COUPLING_SCALE_IN_DOUBLE_H_
#define GENERATRIX_KERNELS_COUPLING_SCALE_IN_DOUBLE_H_

#include <cmath>

namespace gx::reference {

// The greatest |l| for which e^l and e^-l are both normal numbers of T: 126 log 2 and 1022 log 2.
template <class T>
constexpr double kMostLogScale = (sizeof(T) == sizeof(double) ? 1022 : 126) * 0x1.62e42fefa39efp-1;

// e^l, or NaN where it or its reciprocal is no normal number of T.
template <class T>
double scale_of(double l) {
  return std::fabs(l) <= kMostLogScale<T> ? std::exp(l) : double(NAN);
}

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_COUPLING_SCALE_IN_DOUBLE_H_
