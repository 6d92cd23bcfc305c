// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A log-likelihood or distance as the tests of the family see it: operands, the C entries, the variants.
#ifndef GENERATRIX_TESTS_NATIVE_LOSS_CASE_H_
#define GENERATRIX_TESTS_NATIVE_LOSS_CASE_H_

#include <functional>
#include <string>
#include <vector>

#include "compare.h"
#include "runtime/device.h"
#include "runtime/isa.h"
#include "support.h"

namespace gx::test {

using Inputs = std::vector<const void*>;
using Outputs = std::vector<void*>;

struct LossCase {
  std::string name;
  std::vector<std::vector<float>> operands;
  std::vector<bool> differentiable;  // one for each operand
  int64_t results;
  std::function<gx_status(gx_device*, gx_format, const Inputs&, void* out)> forward = {};
  std::function<gx_status(gx_device*, gx_format, const Inputs&, const void* dy, const Outputs&)> backward =
      {};  // or none
  std::vector<KernelLine> variants = {};
  std::function<void(int variant, gx_device&, const Inputs&, float* out)> run = {};
  std::function<void(int variant, gx_device&, const Inputs&, const float* dy, const Outputs&)> run_backward = {};
  Tolerance value = {}, gradient = {};  // of float32
};

template <class T>
struct LossRun {
  std::vector<std::vector<T>> operands, gradients;
  std::vector<T> out, dy;

  explicit LossRun(const LossCase& c) : out(size_t(c.results)), dy(out.size()) {
    for (const auto& o : c.operands) operands.emplace_back(o.begin(), o.end());
    for (size_t i = 0; i < operands.size(); ++i) gradients.emplace_back(c.differentiable[i] ? operands[i].size() : 0);
    Source source(77);
    for (T& v : dy) v = T(float(source.real(0.5, 1.5)));
  }
  Inputs inputs() const {
    Inputs in;
    for (const auto& o : operands) in.push_back(o.data());
    return in;
  }
  Outputs outputs() {
    Outputs to;
    for (auto& g : gradients) to.push_back(g.empty() ? nullptr : g.data());
    return to;
  }
};
template <class T>
constexpr gx_format kFormatOf = sizeof(T) == 8 ? GX_FLOAT64 : GX_FLOAT32;

template <class T>
void compute(const LossCase& c, gx_device* device, LossRun<T>& run) {
  ASSERT_OK(c.forward(device, kFormatOf<T>, run.inputs(), run.out.data()));
  if (!c.backward) return;
  ASSERT_OK(c.backward(device, kFormatOf<T>, run.inputs(), run.dy.data(), run.outputs()));
}

// The cases at a size: `rows` examples of `units` units.
std::vector<LossCase> loss_cases(int64_t rows, int64_t units);

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_LOSS_CASE_H_
