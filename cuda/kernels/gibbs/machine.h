// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One machine on a GPU for the time of a call: effective biases, weights ready for tensor cores, and its layers as
// fused products. The twins of the family are written in these terms. The host's side alone.
#ifndef GENERATRIX_CUDA_KERNELS_GIBBS_MACHINE_H_
#define GENERATRIX_CUDA_KERNELS_GIBBS_MACHINE_H_

#include "generatrix/gibbs.h"
#include "kernels/gibbs/finish.h"
#include "kernels/gibbs/split.h"
#include "runtime/check.h"
#include "runtime/gpu.h"

namespace gx::cuda::gibbs {

// sum = bias + given F, given being bits, finished.
void run_of_bits(Gpu& gpu, const Split& f, const gx_states& given, const Finish& out);

class Machine {
 public:
  Machine(gx_device* device, const gx_rbm& rbm);

  Gpu& gpu() const { return gpu_; }
  Workspace& workspace() { return workspace_; }
  const gx_rbm& rbm() const { return rbm_; }
  const float* visible_bias() const { return b_; }  // b' [visible]
  const float* hidden_bias() const { return c_; }   // c' [hidden]
  const Split& split(gx_layer target);              // made at its first use
  void split_both();                                // in one launch, where both will be used

  // The outputs of a layer, none of them asked for yet.
  Finish finish(gx_layer target, int64_t rows) const;
  // sum = bias + given F for all of `given`, finished.
  void run(gx_layer target, const gx_states& given, const Finish& out);

 private:
  Gpu& gpu_;
  gx_rbm rbm_;
  Workspace workspace_;
  const float* b_;
  const float* c_;
  Split splits_[2] = {};
};

inline void set_sample(Finish& out, const gx_states& states) {
  out.bits = states.format == GX_BITS ? static_cast<uint32_t*>(states.data) : nullptr;
  out.values = states.format == GX_BITS ? nullptr : static_cast<float*>(states.data);
}

// Rows first .. first + count - 1 of a view.
inline gx_states rows_of(const gx_states& s, int64_t first, int64_t count) {
  const int64_t row = (s.format == GX_BITS ? words(s.units) : s.units) * 4;
  return {static_cast<char*>(s.data) + first * row, count, s.units, s.format};
}

// How many rows of so many 4-byte numbers to work on at a time: 256 MiB of them.
inline int64_t rows_at_once(int64_t units) { return std::max<int64_t>(1, (int64_t(1) << 26) / units); }

}  // namespace gx::cuda::gibbs

#endif  // GENERATRIX_CUDA_KERNELS_GIBBS_MACHINE_H_
