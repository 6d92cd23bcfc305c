// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A slice of images goes through the whole program at once: every activation is [channels][lanes], a lane being an
// image, so that all is vectors over images, and a thread needs no other. Equations: generatrix/causal.h.
#ifndef GENERATRIX_KERNELS_CAUSAL_SAMPLE_SAMPLE_H_
#define GENERATRIX_KERNELS_CAUSAL_SAMPLE_SAMPLE_H_

#include "kernels/causal/heads.h"
#include "kernels/causal/plan.h"
#include "runtime/isa.h"

namespace gx {

// The plan and what belongs to it as plain pointers, for code of one instruction set.
struct CausalTables {
  const CausalStep* steps;
  const CausalPhase* phases;
  const CausalOperand* operands;
  const int64_t *weights, *cuts;
  const int32_t *tape, *tape_end;
  // Of a slice's scratch, in units of the slice's lanes: where each ring begins, how far its slots are apart (0 for one
  // slot), where a stretch of zeros is for padding, its length, and where there is room for `panel` terms of a sum.
  const int64_t *ring_at, *slot_step;
  int64_t zeros_at, zeros, panel_at, units;
  const int64_t* packed_at;  // per phase, in floats of the packed weights
};

struct CausalVariant {
  KernelLine line;
  int lanes;  // of a vector; a slice has a multiple of them
  // packed: as many floats as all phases' terms times the channels of their node.
  void (*pack)(const gx_causal_program& program, const CausalTables& tables, float* packed);
  // Images [first_row, + rows) of the run, rows at most `lanes`. scratch: units * lanes floats, 64-byte aligned.
  void (*run)(const CausalDraws<float>& draws, const CausalTables& tables, const float* packed, int64_t first_row,
              int64_t rows, int64_t lanes, float* scratch);
};
const CausalVariant* causal_sample_variants(int* count);

namespace reference {
// All rows, one after another.
void causal_sample(const CausalDraws<double>& draws);
}  // namespace reference

}  // namespace gx

#endif  // GENERATRIX_KERNELS_CAUSAL_SAMPLE_SAMPLE_H_
