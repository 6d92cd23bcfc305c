// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Checks that the entries of the family share.
#ifndef GENERATRIX_KERNELS_RESAMPLE_CHECK_H_
#define GENERATRIX_KERNELS_RESAMPLE_CHECK_H_

#include <initializer_list>

#include "kernels/resample/axis_map.h"

struct gx_device;

namespace gx {

struct Separable;

namespace check {

// 1 to 2^30.
void picture_size(int64_t size, const char* name);
// A number of elements, all factors at least 0.
int64_t elements(std::initializer_list<int64_t> sizes, const char* name);

}  // namespace check

// The maps there and back, for as long as it lives.
class SeparableMaps {
 public:
  SeparableMaps(AxisMap rows, AxisMap columns, bool adjoint)
      : rows_(adjoint ? rows.transposed() : static_cast<AxisMap&&>(rows)),
        columns_(adjoint ? columns.transposed() : static_cast<AxisMap&&>(columns)) {}
  void run(gx_device& device, int64_t planes, int64_t summed, int64_t copies, const void* from, void* to) const;

 private:
  AxisMap rows_, columns_;
};

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RESAMPLE_CHECK_H_
