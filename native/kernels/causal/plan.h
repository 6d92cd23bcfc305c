// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A program's schedule: which activation is computed when, and where it is kept. The walk that finds it also proves
// that the network is causal.
//
// An activation is all channels of a node at a pixel. Each node keeps its last rows of pixels in a ring, as many as
// are read later. The schedule is a tape of words that all threads follow:
//   convolution      node, slot of the result, phase (if it has several), a slot per operand and tap
//   other nodes      node, slot of the result, a slot per operand
//   head             -1 - head, pixel, slot in the image's ring, slot of its parameters
// A slot is a pixel of a ring, -1 padding.
#ifndef GENERATRIX_KERNELS_CAUSAL_PLAN_H_
#define GENERATRIX_KERNELS_CAUSAL_PLAN_H_

#include <cstdint>
#include <vector>

#include "kernels/causal/program.h"

namespace gx {

// Where activations lie: channels [first_channel, + channels) of storage `ring`, which is a node's, or the image's.
struct CausalOperand {
  int64_t ring, first_channel, channels, taps;
};

// A convolution's sum. A transposed one has a phase for each place within a stride: there other taps meet something.
struct CausalPhase {
  int64_t first_operand, operands;
  int64_t first_term, terms;  // in `weights`: the weight of each k for row 0
  int64_t first_cut, blocks;  // in `cuts`: block i of the sum is [cuts[i], cuts[i + 1])
};

struct CausalStep {
  int64_t first_phase, phases;  // of a convolution; other nodes have one phase with operands only
  int64_t ring, first_channel;  // where the result lies
};

struct CausalRing {
  int64_t channels, rows, width;  // rows 0: one slot for all pixels
  int64_t slots() const { return rows == 0 ? 1 : rows * width; }
};

struct CausalPlan {
  std::vector<CausalStep> steps;
  std::vector<CausalPhase> phases;
  std::vector<CausalOperand> operands;
  std::vector<int64_t> weights, cuts;
  std::vector<CausalRing> rings;  // one per node, INPUT's being empty, and the image's
  std::vector<int32_t> tape;
  std::vector<int64_t> evaluations;  // per pixel of the image
};

// The program is checked. Fails where it is not causal.
CausalPlan causal_plan(const gx_causal_program& program);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_CAUSAL_PLAN_H_
