// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What every part of the sampler asks a program, and the checks that stand in front of them all.
#ifndef GENERATRIX_KERNELS_CAUSAL_PROGRAM_H_
#define GENERATRIX_KERNELS_CAUSAL_PROGRAM_H_

#include "generatrix/causal.h"

namespace gx {

// Parameters that a head reads at a pixel, and the uniform numbers that it draws there.
inline int64_t causal_parameters(const gx_causal_head& h) {
  switch (h.distribution) {
    case GX_CAUSAL_BERNOULLI:
      return h.drawn;
    case GX_CAUSAL_CATEGORICAL:
      return h.drawn * h.levels;
    case GX_CAUSAL_LOGISTIC_MIXTURE:
      return h.components * (h.drawn == 1 ? 3 : 1 + 3 * h.drawn);
  }
  return 0;
}
inline int64_t causal_units(const gx_causal_head& h) {
  return h.distribution == GX_CAUSAL_LOGISTIC_MIXTURE ? 1 + h.drawn : h.drawn;
}

// The pixel of a source that a tap meets along one axis; false: none, or padding.
inline bool causal_meets(const gx_causal_node& n, int axis, int64_t at, int32_t offset, int64_t size, int64_t* met) {
  int64_t to = n.transposed ? at - offset : at * n.stride[axis] + offset;
  if (to < 0) return false;
  if (n.transposed) {
    if (to % n.stride[axis] != 0) return false;
    to /= n.stride[axis];
  }
  *met = to;
  return to < size;
}

namespace check {
// A program and a run of it: every index, size and pointer; not whether the network is causal. The levels' values are
// in the device's memory.
void causal(gx_device& device, gx_format format, const gx_causal_program* program, const gx_causal_run* run);
}  // namespace check

}  // namespace gx

#endif  // GENERATRIX_KERNELS_CAUSAL_PROGRAM_H_
