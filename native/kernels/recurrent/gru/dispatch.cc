// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/recurrent/gru/gru.h"
#include "kernels/recurrent/rows.h"
#include "runtime/backend.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                  \
  namespace isa {                                                            \
  void op##_##variant(const GruStep<float>&, int64_t, int64_t);              \
  void op##_backward_##variant(const GruGradient<float>&, int64_t, int64_t); \
  }
#include "kernels/recurrent/gru/kernels.inc"
#undef GX_KERNEL

namespace {

const GruVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/recurrent/gru/kernels.inc"
#undef GX_KERNEL
};

template <class T>
void forward(gx_device& device, int64_t rows, int64_t units, const GruStep<T>& step) {
  if constexpr (sizeof(T) == sizeof(double)) {
    run_reference(rows, units, step, reference::gru<double>);
  } else {
    run_cell(device, rows, units, step, first_usable(kVariants).forward);
  }
}
template <class T>
void backward(gx_device& device, int64_t rows, int64_t units, const GruGradient<T>& step) {
  if constexpr (sizeof(T) == sizeof(double)) {
    run_reference(rows, units, step, reference::gru_backward<double>);
  } else {
    run_cell(device, rows, units, step, first_usable(kVariants).backward);
  }
}

}  // namespace

const GruVariant* gru_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_gru_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                      const void* h_gates, const void* h, void* gates, void* h_out) {
  return gx::guarded([&] {
    using namespace gx;
    const CellSize size = checked_cell(device, format, rows, units, 3);
    const auto to_gates = check::array(gates, size.gates, format, "gates");
    const auto to_h_out = check::array(h_out, size.state, format, "h_out");
    check::disjoint({to_gates, to_h_out}, {});
    const auto of_x_gates = check::array(x_gates, size.gates, format, "x_gates");
    const auto of_h_gates = check::array(h_gates, size.gates, format, "h_gates");
    const auto of_h = check::array(h, size.state, format, "h");
    check::same_or_disjoint(to_gates, of_x_gates);
    check::disjoint(to_gates, of_h_gates);
    check::disjoint(to_gates, of_h);
    check::disjoint(to_h_out, of_x_gates);
    check::disjoint(to_h_out, of_h_gates);
    check::same_or_disjoint(to_h_out, of_h);
    if (ran_on_gpu(&Backend::gx_gru_cell, device, format, rows, units, x_gates, h_gates, h, gates, h_out)) return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      forward<T>(*device, rows, units,
                 {static_cast<const T*>(x_gates), static_cast<const T*>(h_gates), static_cast<const T*>(h),
                  static_cast<T*>(gates), static_cast<T*>(h_out)});
    });
  });
}

gx_status gx_gru_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* gates,
                               const void* h_gates, const void* h, const void* dh_out, const void* dh_next,
                               void* dx_gates, void* dh_gates, void* dh) {
  return gx::guarded([&] {
    using namespace gx;
    const CellSize size = checked_cell(device, format, rows, units, 3);
    const auto to_dx_gates = check::array(dx_gates, size.gates, format, "dx_gates");
    const auto to_dh_gates = check::array(dh_gates, size.gates, format, "dh_gates");
    const auto to_dh = check::array(dh, size.state, format, "dh");
    check::disjoint({to_dx_gates, to_dh_gates, to_dh}, {});
    const auto of_gates = check::array(gates, size.gates, format, "gates");
    const auto of_h_gates = check::array(h_gates, size.gates, format, "h_gates");
    const auto of_h = check::array(h, size.state, format, "h");
    const auto of_dh_out = check::optional_array(dh_out, size.state, format, "dh_out");
    const auto of_dh_next = check::optional_array(dh_next, size.state, format, "dh_next");
    check::same_or_disjoint(to_dx_gates, of_gates);
    check::disjoint(to_dx_gates, of_h_gates);
    check::disjoint(to_dx_gates, of_h);
    check::disjoint(to_dx_gates, of_dh_out);
    check::disjoint(to_dx_gates, of_dh_next);
    check::disjoint(to_dh_gates, of_gates);
    check::same_or_disjoint(to_dh_gates, of_h_gates);
    check::disjoint(to_dh_gates, of_h);
    check::disjoint(to_dh_gates, of_dh_out);
    check::disjoint(to_dh_gates, of_dh_next);
    check::disjoint(to_dh, of_gates);
    check::disjoint(to_dh, of_h_gates);
    check::disjoint(to_dh, of_h);
    check::same_or_disjoint(to_dh, of_dh_out);
    check::same_or_disjoint(to_dh, of_dh_next);
    if (ran_on_gpu(&Backend::gx_gru_cell_backward, device, format, rows, units, gates, h_gates, h, dh_out, dh_next,
                   dx_gates, dh_gates, dh))
      return;
    with_real(format, [&](auto real) {
      using T = decltype(real);
      backward<T>(*device, rows, units,
                  {static_cast<const T*>(gates), static_cast<const T*>(h_gates), static_cast<const T*>(h),
                   static_cast<const T*>(dh_out), static_cast<const T*>(dh_next), static_cast<T*>(dx_gates),
                   static_cast<T*>(dh_gates), static_cast<T*>(dh)});
    });
  });
}
