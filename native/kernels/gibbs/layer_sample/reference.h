// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The layer in the order of its equation, for tests: sums and sigmoid in double, one random word at a time.
#ifndef GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_REFERENCE_H_
#define GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_REFERENCE_H_

#include <vector>

#include "generatrix/gibbs.h"

namespace gx::reference {

struct Layer {
  std::vector<double> x, p;    // [rows][units]
  std::vector<float> uniform;  // what p is compared with
};

Layer layer_sample(const gx_rbm& rbm, const gx_layer_sample_params& params);

// Element (row, unit) of states in either format.
double state(const gx_states& s, int64_t row, int64_t unit);

// The biases b' and c' with the offsets folded in.
std::vector<double> visible_bias(const gx_rbm& rbm);
std::vector<double> hidden_bias(const gx_rbm& rbm);

}  // namespace gx::reference

#endif  // GENERATRIX_KERNELS_GIBBS_LAYER_SAMPLE_REFERENCE_H_
