// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Linear maps and their adjoints as the references write them: a definition calls meet(index in x, index in y, weight)
// for each pair that meets, and sums are double.
#ifndef GENERATRIX_KERNELS_RESAMPLE_MEETINGS_H_
#define GENERATRIX_KERNELS_RESAMPLE_MEETINGS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gx::reference {

// count: elements of `to`.
template <class T, class Definition>
void meet_all(bool adjoint, const T* from, T* to, int64_t count, Definition definition) {
  std::vector<double> sums(std::size_t(count), 0.0);
  definition([&](int64_t in_x, int64_t in_y, double weight) {
    if (adjoint) {
      sums[std::size_t(in_x)] += weight * double(from[in_y]);
    } else {
      sums[std::size_t(in_y)] += weight * double(from[in_x]);
    }
  });
  for (int64_t i = 0; i < count; ++i) to[i] = T(sums[std::size_t(i)]);
}

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_RESAMPLE_MEETINGS_H_
