// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Steps of recurrent cells, and their gradients: what is left after the matrix products. A step's pre-activations come
// in two addends, that of the input x W_ih^T + b_ih and that of the state h W_hh^T + b_hh; gates stand side by side in
// a row, in PyTorch's order. Arrays are row-major. Formats FLOAT32 (errors of a few ULP of 1) and FLOAT64. NaN gives
// NaN. Results do not depend on threads. Where nothing else is said, outputs overlap nothing.
//
// In the backward functions the gradient of the new state may come in two addends too, dh of the output and dh_next of
// the step after; either may be NULL, for 0.
#ifndef GENERATRIX_RECURRENT_H_
#define GENERATRIX_RECURRENT_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

// Elman 1990.  h' = tanh(x_gates + h_gates), all [rows, units]. h' may be x_gates or h_gates. Backward needs h'.
GX_API gx_status gx_rnn_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                             const void* h_gates, void* h_out);

// dgates = (dh + dh_next) (1 - h'^2), the gradient of both addends. It may be dh or dh_next.
GX_API gx_status gx_rnn_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                      const void* h_out, const void* dh, const void* dh_next, void* dgates);

// Hochreiter and Schmidhuber 1997, with forget gate.  a = x_gates + h_gates, [rows, 4 units] in the order i, f, g, o
//   i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)    g = tanh(a_g)    c' = f c + i g    h' = o tanh(c')
// c, c', h' are [rows, units]. gates [rows, 4 units] gets i, f, g, o, which backward needs, beside c and c'; it may be
// x_gates or h_gates. c' may be c.
GX_API gx_status gx_lstm_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                              const void* h_gates, const void* c, void* gates, void* h_out, void* c_out);

// With D = dc_out + (dh + dh_next) o (1 - tanh(c')^2):
//   dgates = D g i (1 - i), D c f (1 - f), D i (1 - g^2), (dh + dh_next) tanh(c') o (1 - o)    dc = D f
// dc_out may be NULL, for 0. dgates [rows, 4 units], the gradient of both addends, may be gates; dc may be dc_out.
GX_API gx_status gx_lstm_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                       const void* gates, const void* c, const void* c_out, const void* dh,
                                       const void* dh_next, const void* dc_out, void* dgates, void* dc);

// Cho et al. 2014, as in cuDNN and PyTorch: the reset gate takes the state's addend with its bias.
//   r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)    n = tanh(x_n + r h_n)    h' = (1 - z) n + z h
// x_gates and h_gates are [rows, 3 units] in the order r, z, n; h, h' are [rows, units]. gates [rows, 3 units] gets r,
// z, n, which backward needs, beside h_gates and h; it may be x_gates. h' may be h.
GX_API gx_status gx_gru_cell(gx_device* device, gx_format format, int64_t rows, int64_t units, const void* x_gates,
                             const void* h_gates, const void* h, void* gates, void* h_out);

// With D = dh_out + dh_next:   dn = D (1 - z) (1 - n^2)    dr = dn h_n r (1 - r)    dz = D (h - n) z (1 - z)
//   dx_gates = dr, dz, dn      dh_gates = dr, dz, dn r     dh = D z, what reaches h without a gate
// dx_gates may be gates, dh_gates may be h_gates; dh may be dh_out or dh_next.
GX_API gx_status gx_gru_cell_backward(gx_device* device, gx_format format, int64_t rows, int64_t units,
                                      const void* gates, const void* h_gates, const void* h, const void* dh_out,
                                      const void* dh_next, void* dx_gates, void* dh_gates, void* dh);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_RECURRENT_H_
