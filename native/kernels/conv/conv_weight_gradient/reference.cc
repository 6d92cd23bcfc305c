// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"
#include "kernels/conv/meetings.h"

namespace gx::reference {

template <class T>
void conv_weight_gradient(const ConvShape& s, const T* x, const T* dz, T* dW) {
  std::vector<double> sums(size_t(s.weight_count()));
  each_meeting(
      s, [&](int64_t in, int64_t weight, int64_t out) { sums[size_t(weight)] += double(x[in]) * double(dz[out]); });
  for (size_t i = 0; i < sums.size(); ++i) dW[i] = T(sums[i]);
}

template void conv_weight_gradient<float>(const ConvShape&, const float*, const float*, float*);
template void conv_weight_gradient<double>(const ConvShape&, const double*, const double*, double*);

}  // namespace gx::reference
