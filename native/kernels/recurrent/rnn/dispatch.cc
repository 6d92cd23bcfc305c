// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/recurrent/rnn/rnn.h"
#include "kernels/recurrent/rows.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                  \
  namespace isa {                                                            \
  void op##_##variant(const RnnStep<float>&, int64_t, int64_t);              \
  void op##_backward_##variant(const RnnGradient<float>&, int64_t, int64_t); \
  }
#include "kernels/recurrent/rnn/kernels.inc"
#undef GX_KERNEL

namespace {

const RnnVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/recurrent/rnn/kernels.inc"
#undef GX_KERNEL
};

template <class T>
void forward(gx_device& device, int64_t rows, int64_t units, const RnnStep<T>& step) {
  if constexpr (sizeof(T) == sizeof(double)) {
    run_reference(rows, units, step, reference::rnn<double>);
  } else {
    run_cell(device, rows, units, step, first_usable(kVariants).forward);
  }
}
template <class T>
void backward(gx_device& device, int64_t rows, int64_t units, const RnnGradient<T>& step) {
  if constexpr (sizeof(T) == sizeof(double)) {
    run_reference(rows, units, step, reference::rnn_backward<double>);
  } else {
    run_cell(device, rows, units, step, first_usable(kVariants).backward);
  }
}

}  // namespace

const RnnVariant* rnn_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_rnn_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                      const void* h_gates, void* h_out) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t state = checked_cell(device, format, rows, units, 1).state;
    const auto to_h_out = check::array(h_out, state, format, "h_out");
    const auto of_x_gates = check::array(x_gates, state, format, "x_gates");
    const auto of_h_gates = check::array(h_gates, state, format, "h_gates");
    check::same_or_disjoint(to_h_out, of_x_gates);
    check::same_or_disjoint(to_h_out, of_h_gates);
    if (ran_on_gpu(&Backend::gx_rnn_cell, device, format, rows, units, x_gates, h_gates, h_out)) return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      forward<T>(*device, rows, units,
                 {static_cast<const T*>(x_gates), static_cast<const T*>(h_gates), static_cast<T*>(h_out)});
    });
  });
}

gx_status gx_rnn_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* h_out,
                               const void* dh, const void* dh_next, void* dgates) {
  return gx::guarded([&] {
    using namespace gx;
    const int64_t state = checked_cell(device, format, rows, units, 1).state;
    const auto to_dgates = check::array(dgates, state, format, "dgates");
    const auto of_h_out = check::array(h_out, state, format, "h_out");
    const auto of_dh = check::optional_array(dh, state, format, "dh");
    const auto of_dh_next = check::optional_array(dh_next, state, format, "dh_next");
    check::disjoint(to_dgates, of_h_out);
    check::same_or_disjoint(to_dgates, of_dh);
    check::same_or_disjoint(to_dgates, of_dh_next);
    if (ran_on_gpu(&Backend::gx_rnn_cell_backward, device, format, rows, units, h_out, dh, dh_next, dgates)) return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      backward<T>(*device, rows, units,
                  {static_cast<const T*>(h_out), static_cast<const T*>(dh), static_cast<const T*>(dh_next),
                   static_cast<T*>(dgates)});
    });
  });
}
