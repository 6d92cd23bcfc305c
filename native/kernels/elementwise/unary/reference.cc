// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/elementwise/unary/unary.h"

namespace gx::reference {
namespace {

double normal_cdf(double x) { return 0.5 * std::erfc(-x * std::sqrt(0.5)); }
double normal_pdf(double x) { return std::exp(-0.5 * x * x) / std::sqrt(8 * std::atan(1.0)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
// 2 sqrt(2 / pi) (x + 0.044715 x^3), so that the approximate GELU is x sigmoid of it.
double gelu_argument(double x) { return std::sqrt(2 / std::atan(1.0)) * (x + 0.044715 * x * x * x); }

double value(gx_unary_function f, double p, double x) {
  switch (f) {
    case GX_EXP:
      return std::exp(x);
    case GX_SIGMOID:
      return 1 / (1 + std::exp(-x));
    case GX_TANH:
      return std::tanh(x);
    case GX_RELU:
      return x < 0 ? 0 : x;
    case GX_LEAKY_RELU:
      return x > 0 ? x : p * x;
    case GX_AT_LEAST:
      return x < p ? p : x;
    case GX_AT_MOST:
      return x > p ? p : x;
    case GX_ELU:
      return x > 0 ? x : p * std::expm1(x);
    case GX_SELU:
      return kSeluLambda * (x > 0 ? x : kSeluAlpha * std::expm1(x));
    case GX_SOFTPLUS:
      return softplus(x);
    case GX_SOFTSIGN:
      return std::isinf(x) ? std::copysign(1.0, x) : x / (1 + std::fabs(x));
    case GX_LOG:
      return std::log(x);
    case GX_GELU:
      return x == -INFINITY ? 0 : x * normal_cdf(x);
    case GX_GELU_TANH:
      return x == -INFINITY ? 0 : x * sigmoid(gelu_argument(x));
    case GX_SILU:
      return x == -INFINITY ? 0 : x * sigmoid(x);
    case GX_SQRT:
      return std::sqrt(x);
    case GX_SQUARE:
      return x * x;
    case GX_RECIPROCAL:
      return 1 / x;
    case GX_ABS:
      return std::fabs(x);
    case GX_LOG_SIGMOID:
      return -softplus(-x);
    case GX_LOG1P:
      return std::log1p(x);
    case GX_EXPM1:
      return std::expm1(x);
  }
  return NAN;
}

// f'(x), given x or y.
double derivative(gx_unary_function f, double p, double given) {
  switch (f) {
    case GX_EXP:
      return given;
    case GX_SIGMOID:
      return given * (1 - given);
    case GX_TANH:
      return 1 - given * given;
    case GX_RELU:
      return std::isnan(given) ? given : given > 0;
    case GX_LEAKY_RELU:
      return std::isnan(given) ? given : given > 0 ? 1 : p;
    case GX_AT_LEAST:
      return std::isnan(given) ? given : given > p;
    case GX_AT_MOST:
      return std::isnan(given) ? given : given < p;
    case GX_ELU:
      return given > 0 ? 1 : given + p;
    case GX_SELU:
      return given > 0 ? kSeluLambda : given + kSeluLambda * kSeluAlpha;
    case GX_SOFTPLUS:
      return -std::expm1(-given);
    case GX_SOFTSIGN:
      return 1 / ((1 + std::fabs(given)) * (1 + std::fabs(given)));
    case GX_LOG:
      return 1 / given;
    case GX_GELU:
      return std::isinf(given) ? given > 0 : normal_cdf(given) + given * normal_pdf(given);
    case GX_GELU_TANH: {
      if (std::fabs(given) > 20) return given > 0;
      const double s = sigmoid(gelu_argument(given));
      return s + given * s * (1 - s) * std::sqrt(2 / std::atan(1.0)) * (1 + 3 * 0.044715 * given * given);
    }
    case GX_SILU: {
      if (std::isinf(given)) return given > 0;
      const double s = sigmoid(given);
      return s + given * s * (1 - s);
    }
    case GX_SQRT:
      return 0.5 / given;
    case GX_SQUARE:
      return 2 * given;
    case GX_RECIPROCAL:
      return -given * given;
    case GX_ABS:
      return std::isnan(given) ? given : (given > 0) - (given < 0);
    case GX_LOG_SIGMOID:
      return -std::expm1(given);
    case GX_LOG1P:
      return 1 / (1 + given);
    case GX_EXPM1:
      return given + 1;
  }
  return NAN;
}

}  // namespace

template <class T>
void unary(gx_unary_function f, double p, const T* x, T* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = T(value(f, p, double(x[i])));
}

template <class T>
void unary_backward(gx_unary_function f, double p, const T* given, const T* dy, T* dx, int64_t count) {
  for (int64_t i = 0; i < count; ++i) dx[i] = T(double(dy[i]) * derivative(f, p, double(given[i])));
}

template void unary<float>(gx_unary_function, double, const float*, float*, int64_t);
template void unary<double>(gx_unary_function, double, const double*, double*, int64_t);
template void unary_backward<float>(gx_unary_function, double, const float*, const float*, float*, int64_t);
template void unary_backward<double>(gx_unary_function, double, const double*, const double*, double*, int64_t);

}  // namespace gx::reference
