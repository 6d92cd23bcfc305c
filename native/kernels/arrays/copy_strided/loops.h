// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The loops of a copy along strides, as few as they can be: the same for the CPU and for a GPU.
#ifndef GENERATRIX_KERNELS_ARRAYS_COPY_STRIDED_LOOPS_H_
#define GENERATRIX_KERNELS_ARRAYS_COPY_STRIDED_LOOPS_H_

#include <algorithm>

#include "generatrix/arrays.h"

namespace gx {

// Outermost first, sorted by the target's strides; every extent is at least 2.
struct CopyLoops {
  struct Axis {
    int64_t extent, from, to;
  };
  int rank = 0;
  Axis axes[GX_MAX_RANK];
};

inline CopyLoops copy_loops(const gx_copy_strided_params& p) {
  CopyLoops loops;
  CopyLoops::Axis* const axes = loops.axes;
  int n = 0;
  for (int64_t d = 0; d < p.rank; ++d) {
    if (p.shape[d] > 1) axes[n++] = {p.shape[d], p.from_strides[d], p.to_strides[d]};
  }
  std::stable_sort(axes, axes + n, [](const auto& a, const auto& b) { return a.to > b.to; });
  for (int d = 0; d < n; ++d) {
    CopyLoops::Axis* const last = axes + loops.rank - 1;
    if (loops.rank > 0 && last->from == axes[d].from * axes[d].extent && last->to == axes[d].to * axes[d].extent) {
      *last = {last->extent * axes[d].extent, axes[d].from, axes[d].to};
    } else {
      axes[loops.rank++] = axes[d];
    }
  }
  return loops;
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_ARRAYS_COPY_STRIDED_LOOPS_H_
