// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <vector>

#include "kernels/reduce/reduce/reduce.h"

namespace gx::reference {
namespace {

double identity(Fold fold) { return fold == Fold::kMax ? -INFINITY : fold == Fold::kMin ? INFINITY : 0; }

double folded(Fold fold, double acc, double a, double b) {
  switch (fold) {
    case Fold::kSum:
      return acc + a;
    case Fold::kSquares:
      return acc + a * a;
    case Fold::kSizes:
      return acc + std::fabs(a);
    case Fold::kDot:
      return acc + a * b;
    case Fold::kMax:
      return a > acc || std::isnan(a) ? a : acc;
    case Fold::kMin:
      return a < acc || std::isnan(a) ? a : acc;
  }
  return NAN;
}

double finished(Finish finish, double acc, double count) {
  return finish == Finish::kMean ? acc / count : finish == Finish::kRoot ? std::sqrt(acc) : acc;
}

}  // namespace

template <class T>
void reduce(const Reduction& r, const T* a, const T* b, T* y) {
  int64_t outputs = 1, elements = 1;
  for (int axis = 0; axis < r.shape.rank; ++axis) {
    elements *= r.shape.dims[axis];
    if (!(r.axes >> axis & 1)) outputs *= r.shape.dims[axis];
  }
  std::vector<double> acc(size_t(outputs), identity(r.fold));
  for (int64_t i = 0; i < elements; ++i) {
    int64_t rest = i, k = 0, stride = 1;
    for (int axis = r.shape.rank - 1; axis >= 0; --axis) {
      const int64_t at = rest % r.shape.dims[axis];
      rest /= r.shape.dims[axis];
      if (r.axes >> axis & 1) continue;
      k += at * stride;
      stride *= r.shape.dims[axis];
    }
    acc[size_t(k)] = folded(r.fold, acc[size_t(k)], double(a[i]), b ? double(b[i]) : 0);
  }
  for (int64_t k = 0; k < outputs; ++k) {
    y[k] = T(finished(r.finish, acc[size_t(k)], double(elements) / double(outputs)));
  }
}

template void reduce<float>(const Reduction&, const float*, const float*, float*);
template void reduce<double>(const Reduction&, const double*, const double*, double*);

}  // namespace gx::reference
