// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/recurrent/lstm/lstm.h"
#include "kernels/recurrent/rows.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                   \
  namespace isa {                                                             \
  void op##_##variant(const LstmStep<float>&, int64_t, int64_t);              \
  void op##_backward_##variant(const LstmGradient<float>&, int64_t, int64_t); \
  }
#include "kernels/recurrent/lstm/kernels.inc"
#undef GX_KERNEL

namespace {

const LstmVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/recurrent/lstm/kernels.inc"
#undef GX_KERNEL
};

template <class T>
void forward(gx_device& device, int64_t rows, int64_t units, const LstmStep<T>& step) {
  if constexpr (sizeof(T) == sizeof(double)) {
    run_reference(rows, units, step, reference::lstm<double>);
  } else {
    run_cell(device, rows, units, step, first_usable(kVariants).forward);
  }
}
template <class T>
void backward(gx_device& device, int64_t rows, int64_t units, const LstmGradient<T>& step) {
  if constexpr (sizeof(T) == sizeof(double)) {
    run_reference(rows, units, step, reference::lstm_backward<double>);
  } else {
    run_cell(device, rows, units, step, first_usable(kVariants).backward);
  }
}

}  // namespace

const LstmVariant* lstm_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_lstm_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                       const void* h_gates, const void* c, void* gates, void* h_out, void* c_out) {
  return gx::guarded([&] {
    using namespace gx;
    const CellSize size = checked_cell(device, format, rows, units, 4);
    const auto to_gates = check::array(gates, size.gates, format, "gates");
    const auto to_h_out = check::array(h_out, size.state, format, "h_out");
    const auto to_c_out = check::array(c_out, size.state, format, "c_out");
    check::disjoint({to_gates, to_h_out, to_c_out}, {});
    const auto of_x_gates = check::array(x_gates, size.gates, format, "x_gates");
    const auto of_h_gates = check::array(h_gates, size.gates, format, "h_gates");
    const auto of_c = check::array(c, size.state, format, "c");
    check::same_or_disjoint(to_gates, of_x_gates);
    check::same_or_disjoint(to_gates, of_h_gates);
    check::disjoint(to_gates, of_c);
    check::disjoint(to_h_out, of_x_gates);
    check::disjoint(to_h_out, of_h_gates);
    check::disjoint(to_h_out, of_c);
    check::disjoint(to_c_out, of_x_gates);
    check::disjoint(to_c_out, of_h_gates);
    check::same_or_disjoint(to_c_out, of_c);
    if (ran_on_gpu(&Backend::gx_lstm_cell, device, format, rows, units, x_gates, h_gates, c, gates, h_out, c_out))
      return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      forward<T>(*device, rows, units,
                 {static_cast<const T*>(x_gates), static_cast<const T*>(h_gates), static_cast<const T*>(c),
                  static_cast<T*>(gates), static_cast<T*>(h_out), static_cast<T*>(c_out)});
    });
  });
}

gx_status gx_lstm_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* gates,
                                const void* c, const void* c_out, const void* dh, const void* dh_next,
                                const void* dc_out, void* dgates, void* dc) {
  return gx::guarded([&] {
    using namespace gx;
    const CellSize size = checked_cell(device, format, rows, units, 4);
    const auto to_dgates = check::array(dgates, size.gates, format, "dgates");
    const auto to_dc = check::array(dc, size.state, format, "dc");
    check::disjoint({to_dgates, to_dc}, {});
    const auto of_gates = check::array(gates, size.gates, format, "gates");
    const auto of_c = check::array(c, size.state, format, "c");
    const auto of_c_out = check::array(c_out, size.state, format, "c_out");
    const auto of_dh = check::optional_array(dh, size.state, format, "dh");
    const auto of_dh_next = check::optional_array(dh_next, size.state, format, "dh_next");
    const auto of_dc_out = check::optional_array(dc_out, size.state, format, "dc_out");
    check::same_or_disjoint(to_dgates, of_gates);
    check::disjoint(to_dgates, of_c);
    check::disjoint(to_dgates, of_c_out);
    check::disjoint(to_dgates, of_dh);
    check::disjoint(to_dgates, of_dh_next);
    check::disjoint(to_dgates, of_dc_out);
    check::disjoint(to_dc, of_gates);
    check::disjoint(to_dc, of_c);
    check::disjoint(to_dc, of_c_out);
    check::disjoint(to_dc, of_dh);
    check::disjoint(to_dc, of_dh_next);
    check::same_or_disjoint(to_dc, of_dc_out);
    if (ran_on_gpu(&Backend::gx_lstm_cell_backward, device, format, rows, units, gates, c, c_out, dh, dh_next, dc_out,
                   dgates, dc))
      return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      backward<T>(*device, rows, units,
                  {static_cast<const T*>(gates), static_cast<const T*>(c), static_cast<const T*>(c_out),
                   static_cast<const T*>(dh), static_cast<const T*>(dh_next), static_cast<const T*>(dc_out),
                   static_cast<T*>(dgates), static_cast<T*>(dc)});
    });
  });
}
