// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every line of every kernels.inc, for tests, benchmarks and `doctor`.

#include "runtime/check.h"
#include "runtime/isa.h"

namespace {

const gx::KernelLine kLines[] = {
#define GX_KERNEL(family, op, variant, isa) {#family "." #op, #variant, gx::isa_of::isa},
#include "kernels/arrays/copy_strided/kernels.inc"
#include "kernels/elementwise/affine/kernels.inc"
#include "kernels/elementwise/binary/kernels.inc"
#include "kernels/elementwise/unary/kernels.inc"
#include "kernels/gibbs/ais/kernels.inc"
#include "kernels/gibbs/gradient/kernels.inc"
#include "kernels/gibbs/layer_sample/kernels.inc"
#include "kernels/gibbs/log_partition/kernels.inc"
#include "kernels/gibbs/log_pseudo_likelihood/kernels.inc"
#include "kernels/gibbs/nonzeros/kernels.inc"
#include "kernels/gibbs/softplus_sum/kernels.inc"
#include "kernels/gibbs/update/kernels.inc"
#include "kernels/linear/linear/kernels.inc"
#include "kernels/linear/linear_backward/kernels.inc"
#include "kernels/linear/matmul/kernels.inc"
#include "kernels/loss/bernoulli_log_likelihood/kernels.inc"
#include "kernels/loss/categorical_log_likelihood/kernels.inc"
#include "kernels/loss/discretised_logistic_mixture/kernels.inc"
#include "kernels/loss/gaussian_kl/kernels.inc"
#include "kernels/loss/gaussian_log_density/kernels.inc"
#include "kernels/loss/gaussian_mixture_log_density/kernels.inc"
#include "kernels/loss/mmd/kernels.inc"
#include "kernels/loss/parzen_log_likelihood/kernels.inc"
#include "kernels/norm/columns/kernels.inc"
#include "kernels/norm/layer_norm/kernels.inc"
#include "kernels/norm/slices/kernels.inc"
#include "kernels/optim/adadelta/kernels.inc"
#include "kernels/optim/adagrad/kernels.inc"
#include "kernels/optim/adam/kernels.inc"
#include "kernels/optim/all_finite/kernels.inc"
#include "kernels/optim/global_norm/kernels.inc"
#include "kernels/optim/rmsprop/kernels.inc"
#include "kernels/optim/sgd/kernels.inc"
#include "kernels/random/exponential/kernels.inc"
#include "kernels/random/gamma/kernels.inc"
#include "kernels/random/gumbel/kernels.inc"
#include "kernels/random/normal/kernels.inc"
#include "kernels/random/uniform/kernels.inc"
#include "kernels/recurrent/gru/kernels.inc"
#include "kernels/recurrent/lstm/kernels.inc"
#include "kernels/recurrent/rnn/kernels.inc"
#include "kernels/reduce/reduce/kernels.inc"
#include "kernels/softmax/softmax/kernels.inc"
#include "kernels/states/bernoulli/kernels.inc"
#include "kernels/states/convert/kernels.inc"
#undef GX_KERNEL
};

}  // namespace

gx_status gx_kernel_at(int32_t i, gx_kernel_info* info) {
  return gx::guarded([&] {
    gx::check::not_null(info, "info");
    constexpr int kCount = int(sizeof kLines / sizeof kLines[0]);
    gx::check::in_range(i, 0, kCount - 1, "the index of a kernel");
    const gx::KernelLine& line = kLines[i];
    *info = {line.op, line.variant, line.isa, gx::usable(line.isa)};
  });
}
