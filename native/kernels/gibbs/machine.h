// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One RBM as the kernels see it, with its effective biases, and its layers as fused products. The C entries of the
// family are written in these terms.
#ifndef GENERATRIX_KERNELS_GIBBS_MACHINE_H_
#define GENERATRIX_KERNELS_GIBBS_MACHINE_H_

#include <functional>

#include "generatrix/gibbs.h"
#include "kernels/gibbs/layer_sample/layer_sample.h"
#include "runtime/check.h"
#include "runtime/device.h"

namespace gx {

namespace check {
void rbm(const gx_rbm* rbm);
// Elements of arrays are looked at on a CPU alone: a GPU's memory is closed to the host.
void beta(const gx_device* device, float beta, const float* row_beta, int64_t rows);
void binary(const gx_device* device, const gx_states& states, const char* name);  // float elements are 0 or 1
}  // namespace check

// Everything a call on one machine needs, for the time of the call.
class Machine {
 public:
  // Effective biases are computed when there are offsets, otherwise they are the machine's own.
  Machine(gx_device& device, const gx_rbm& rbm);

  const gx_rbm& rbm() const { return rbm_; }
  int threads() const { return threads_; }
  Workspace& workspace() { return workspace_; }
  const float* visible_bias() const { return b_; }  // b' [visible]
  const float* hidden_bias() const { return c_; }   // c' [hidden]

  // The layer `target` given states of the other one, without outputs.
  LayerSample layer(gx_layer target, const gx_states& given) const;

  // Runs it through the variant that suits it.
  void run(const LayerSample& layer);

  // Cuts a layer into tiles and calls body(layer, tile, m0, m1, scratch, sums) for each. Walk::kSparse layers get their
  // lists of nonzeros first, a bounded number of rows at a time.
  using TileBody =
      std::function<void(const LayerSample&, int64_t tile, int64_t m0, int64_t m1, const ProductScratch&, float* sums)>;
  void for_each_tile_of(const LayerSample& layer, Walk walk, const TileBody& body);

 private:
  const float* effective(gx_layer target, const float* bias, const float* offset);

  gx_device& device_;
  gx_rbm rbm_;
  int threads_;
  Workspace workspace_;
  const float* b_;
  const float* c_;
};

// Rows first .. first + count - 1 of a view.
gx_states rows_of(const gx_states& states, int64_t first, int64_t count);

// How many rows of `units` floats to work on at a time: 16 MiB of them.
int64_t rows_at_once(int64_t units);

// Makes `states` the sample of a layer.
void set_sample(LayerSample& layer, const gx_states& states);

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_MACHINE_H_
