// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/linear/check.h"

#include <cmath>

#include "runtime/check.h"

namespace gx {

void check::layer(const gx_linear_params* p) {
  not_null(p, "params");
  at_least(p->rows, 0, "rows");
  at_least(p->inputs, 0, "inputs");
  at_least(p->outputs, 0, "outputs");
  in_range(number_in(p->activation), GX_ACTIVATION_NONE, GX_ACTIVATION_SOFTPLUS, "the activation");
  in_range(p->activation_p, 0, 3e38, "activation_p");
}

double reference::activation(gx_activation f, double p, double z) {
  switch (f) {
    case GX_ACTIVATION_NONE:
      return z;
    case GX_ACTIVATION_RELU:
      return z < 0 ? 0 : z;
    case GX_ACTIVATION_LEAKY_RELU:
      return z > 0 ? z : p * z;
    case GX_ACTIVATION_ELU:
      return z > 0 ? z : p * std::expm1(z);
    case GX_ACTIVATION_TANH:
      return std::tanh(z);
    case GX_ACTIVATION_SIGMOID:
      return 1 / (1 + std::exp(-z));
    case GX_ACTIVATION_SOFTPLUS:
      return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
  }
  return NAN;
}

double reference::activation_derivative(gx_activation f, double p, double y) {
  if (std::isnan(y)) return f == GX_ACTIVATION_NONE ? 1 : y;
  switch (f) {
    case GX_ACTIVATION_NONE:
      return 1;
    case GX_ACTIVATION_RELU:
      return y > 0 ? 1 : 0;
    case GX_ACTIVATION_LEAKY_RELU:
      return y > 0 ? 1 : p;
    case GX_ACTIVATION_ELU:
      return y > 0 ? 1 : y + p;
    case GX_ACTIVATION_TANH:
      return 1 - y * y;
    case GX_ACTIVATION_SIGMOID:
      return y * (1 - y);
    case GX_ACTIVATION_SOFTPLUS:
      return -std::expm1(-y);
  }
  return NAN;
}

}  // namespace gx
