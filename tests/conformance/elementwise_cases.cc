// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "case.h"

namespace gx::test {
namespace {

struct Function {
  const char* name;
  gx_unary_function f;
  double p;
  float from, to;  // of the inputs
};
const Function kFunctions[] = {
    {"exp", GX_EXP, 0, -5, 5},
    {"sigmoid", GX_SIGMOID, 0, -20, 20},
    {"tanh", GX_TANH, 0, -10, 10},
    {"relu", GX_RELU, 0, -1, 1},
    {"leaky_relu", GX_LEAKY_RELU, 0.1, -1, 1},
    {"at_least", GX_AT_LEAST, -0.5, -1, 1},
    {"at_most", GX_AT_MOST, 0.5, -1, 1},
    {"elu", GX_ELU, 0.5, -5, 5},
    {"selu", GX_SELU, 0, -5, 5},
    {"softplus", GX_SOFTPLUS, 0, -30, 30},
    {"softsign", GX_SOFTSIGN, 0, -5, 5},
    {"log", GX_LOG, 0, 0.01f, 10},
    {"gelu", GX_GELU, 0, -6, 6},
    {"gelu_tanh", GX_GELU_TANH, 0, -6, 6},
    {"silu", GX_SILU, 0, -20, 20},
    {"sqrt", GX_SQRT, 0, 0, 10},
    {"square", GX_SQUARE, 0, -3, 3},
    {"reciprocal", GX_RECIPROCAL, 0, 0.1f, 3},
    {"abs", GX_ABS, 0, -3, 3},
    {"log_sigmoid", GX_LOG_SIGMOID, 0, -30, 30},
    {"log1p", GX_LOG1P, 0, -0.9f, 10},
    {"expm1", GX_EXPM1, 0, -5, 5},
};

const Tolerance kClose = {4 * kEpsilon, 8 * kEpsilon};

GX_CASES(unary) {
  for (const Function& f : kFunctions) {
    for (const int64_t n : {1, 255, 1030}) {
      add_case("unary", std::string(f.name) + "_" + std::to_string(n), [f, n](Run& run) {
        const void* x = run.real(reals(n, f.from, f.to, uint64_t(n)));
        const void* dy = run.real(reals(n, -2, 2, uint64_t(n) + 1));
        void* y = run.out(n, kClose);
        void* dx = run.out(n, {32 * kEpsilon, 32 * kEpsilon, true});
        run.ok(gx_unary(run.device(), run.format(), f.f, f.p, n, x, y));
        run.ok(gx_unary_backward(run.device(), run.format(), f.f, f.p, n, x, y, dy, dx));
      });
    }
  }
}

}  // namespace
}  // namespace gx::test
