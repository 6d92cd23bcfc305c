// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernels of sets.h for the passes of passes.h: what every norm of norm.h is made of. Equations there, grids and
// memory traffic in sets.h: the floor is 8 bytes an element forward and 12 backward (FLOAT32).
//
// nvcc 13.0, sm_80 and sm_90a, FLOAT32 in packs: ticketed 78 registers forward and 80 backward (one word spilled), held
// 92 to 106, flat 60, columns 32 to 40. One by one (no packs) `held` spills 88 to 290 bytes forward, by its addresses.
//
// Not yet run on a GPU.

#include "kernels/norm/passes.h"

namespace gx::cuda::norm {

#define GX_PASS(pass, type, of_elements)                                                                        \
  template void run<pass<type, of_elements>>(gx_device*, const Sets&, int64_t, const pass<type, of_elements>&); \
  template void write_flat<pass<type, of_elements>>(                                                            \
      Gpu&, int64_t, int64_t, int64_t, const pass<type, of_elements>::Ready*, const pass<type, of_elements>&);
GX_PASSES(GX_PASS)
#undef GX_PASS

}  // namespace gx::cuda::norm
