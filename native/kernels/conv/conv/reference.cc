// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "kernels/conv/conv/conv.h"
#include "kernels/conv/meetings.h"
#include "kernels/linear/check.h"

namespace gx::reference {

template <class T>
void conv(const ConvShape& s, const T* x, const T* W, const T* b, T* y) {
  std::vector<double> z(size_t(s.out_count()));
  for (size_t i = 0; i < z.size(); ++i) {
    z[i] = b ? double(b[i / size_t(s.out_pixels) % size_t(s.p.out_channels)]) : 0;
  }
  each_meeting(s,
               [&](int64_t in, int64_t weight, int64_t out) { z[size_t(out)] += double(x[in]) * double(W[weight]); });
  for (size_t i = 0; i < z.size(); ++i) y[i] = T(activation(s.p.activation, s.p.activation_p, z[i]));
}

template void conv<float>(const ConvShape&, const float*, const float*, const float*, float*);
template void conv<double>(const ConvShape&, const double*, const double*, const double*, double*);

}  // namespace gx::reference
