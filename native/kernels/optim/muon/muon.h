// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The momentum of a matrix made orthogonal. The equations' home: generatrix/optim.h. Its products are those of
// linear/matmul; what is around them is one pass before and one after, over matrices of a model's layers.
#ifndef GENERATRIX_KERNELS_OPTIM_MUON_MUON_H_
#define GENERATRIX_KERNELS_OPTIM_MUON_MUON_H_

#include <vector>

#include "kernels/optim/step.h"

namespace gx {

struct MuonRule {
  StepFrame frame;
  double keep;  // of p: 1 - rate weight_decay
  double rate, momentum;
  bool nesterov;
  int iterations;
};

// X after one iteration is (3.4445 I - 4.7750 A + 2.0315 A^2) X with A = X X^T.
constexpr double kMuonA = 3.4445, kMuonB = -4.7750, kMuonC = 2.0315;

// The length of a step, as one of Adam's: the elements of an orthogonal matrix have a mean square of 1 / max(rows,
// columns).
constexpr double kMuonScale = 0.2;

// Matrices of one shape, by their places in the list of segments.
struct Alike {
  int64_t rows, columns;
  std::vector<int64_t> members;
};

inline std::vector<Alike> by_shape(int64_t segments, const gx_segment* segment, const int64_t* rows) {
  std::vector<Alike> groups;
  for (int64_t s = 0; s < segments; ++s) {
    if (segment[s].count == 0) continue;
    const int64_t columns = segment[s].count / rows[s];
    Alike* group = nullptr;
    for (Alike& g : groups) {
      if (g.rows == rows[s] && g.columns == columns) group = &g;
    }
    if (!group) group = &groups.emplace_back(Alike{rows[s], columns, {}});
    group->members.push_back(s);
  }
  return groups;
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_MUON_MUON_H_
