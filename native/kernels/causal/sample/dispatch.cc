// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <vector>

#include "kernels/causal/sample/sample.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                      \
  namespace isa {                                                                                                \
  void family##_##op##_pack_##variant(const gx_causal_program&, const CausalTables&, float*);                    \
  void family##_##op##_##variant(const CausalDraws<float>&, const CausalTables&, const float*, int64_t, int64_t, \
                                 int64_t, float*);                                                               \
  }
#include "kernels/causal/sample/kernels.inc"
#undef GX_KERNEL

namespace {
constexpr int lanes_of(gx_isa isa) { return isa == GX_ISA_V4 ? 16 : isa == GX_ISA_V3 ? 8 : 4; }

const CausalVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa)  \
  {{#family "." #op, #variant, isa_of::isa}, \
   lanes_of(isa_of::isa),                    \
   isa::family##_##op##_pack_##variant,      \
   isa::family##_##op##_##variant},
#include "kernels/causal/sample/kernels.inc"
#undef GX_KERNEL
};

// Images of a slice: the more, the less of the time goes into reading weights and the tape, and the more memory. Wide
// networks get fewer, so that a thread's activations stay below so many floats where a vector of images allows it.
constexpr int64_t kSlice = 64, kSliceFloats = int64_t(1) << 26;

class Sampling {
 public:
  Sampling(gx_device& device, const gx_causal_program& program, const gx_causal_run& run)
      : variant_(first_usable(kVariants)),
        p_(program),
        run_(run),
        plan_(causal_plan(program)),
        workspace_(device),
        threads_(device.threads) {}

  const CausalPlan& plan() const { return plan_; }

  void run() {
    lay_out();
    float* const packed = workspace_.get<float>(packed_floats_);
    variant_.pack(p_, tables_, packed);
    // Whole vectors, in slices of nearly equal size, at least one for each thread.
    const int64_t vectors = (run_.rows + variant_.lanes - 1) / variant_.lanes;
    const int64_t affordable = kSliceFloats / (tables_.units * variant_.lanes);
    const int64_t most = std::max<int64_t>(1, std::min(kSlice / variant_.lanes, affordable));
    const int64_t slices = std::min(vectors, std::max<int64_t>((vectors + most - 1) / most, threads_));
    const int64_t widest = (vectors + slices - 1) / slices * variant_.lanes;
    const int threads = int(std::min<int64_t>(threads_, slices));
    const int64_t scratch = check::product(tables_.units, widest, "the activations of a slice");
    float* const all = workspace_.get<float>(check::product(scratch, threads, "the activations of the threads"));
    const CausalDraws<float> draws = {p_, run_};
    parallel_for(threads, slices, [&](int64_t slice, int thread) {
      const int64_t first = vectors * slice / slices * variant_.lanes;
      const int64_t end = std::min(run_.rows, vectors * (slice + 1) / slices * variant_.lanes);
      const int64_t lanes = (end - first + variant_.lanes - 1) / variant_.lanes * variant_.lanes;
      variant_.run(draws, tables_, packed, first, end - first, lanes, all + thread * scratch);
    });
  }

 private:
  void lay_out() {
    int64_t units = 0, zeros = 0, panel = 0;
    for (const CausalRing& ring : plan_.rings) {
      ring_at_.push_back(units);
      slot_step_.push_back(ring.rows == 0 ? 0 : ring.channels);
      units += check::product(ring.channels, ring.slots(), "the activations");
    }
    packed_at_.resize(plan_.phases.size());
    for (int64_t i = 0; i < p_.nodes; ++i) {
      const CausalStep& step = plan_.steps[size_t(i)];
      for (int64_t f = step.first_phase; p_.node[i].kind == GX_CAUSAL_CONV && f < step.first_phase + step.phases; ++f) {
        const CausalPhase& phase = plan_.phases[size_t(f)];
        packed_at_[size_t(f)] = packed_floats_;
        packed_floats_ += check::product(phase.terms, p_.node[i].channels, "the packed weights");
        panel = std::max(panel, phase.terms);
        for (int64_t o = 0; o < phase.operands; ++o) {
          zeros = std::max(zeros, plan_.operands[size_t(phase.first_operand + o)].channels);
        }
      }
    }
    tables_ = {plan_.steps.data(),
               plan_.phases.data(),
               plan_.operands.data(),
               plan_.weights.data(),
               plan_.cuts.data(),
               plan_.tape.data(),
               plan_.tape.data() + plan_.tape.size(),
               ring_at_.data(),
               slot_step_.data(),
               units,
               zeros,
               units + zeros,
               units + zeros + panel,
               packed_at_.data()};
  }

  const CausalVariant& variant_;
  const gx_causal_program& p_;
  const gx_causal_run& run_;
  const CausalPlan plan_;
  Workspace workspace_;
  const int64_t threads_;
  std::vector<int64_t> ring_at_, slot_step_, packed_at_;
  int64_t packed_floats_ = 0;
  CausalTables tables_ = {};
};
}  // namespace

const CausalVariant* causal_sample_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_causal_sample(gx_device* device, gx_format format, const gx_causal_program* program,
                           const gx_causal_run* run) {
  return gx::guarded([&] {
    using namespace gx;
    check::causal(checked(device), format, program, run);
    if (ran_on_gpu(&Backend::gx_causal_sample, device, format, program, run)) return;
    for (int64_t r = 0; run->log_likelihood && r < run->rows; ++r) run->log_likelihood[r] = 0;
    if (format == GX_FLOAT64) {
      const CausalPlan plan = causal_plan(*program);  // or it is not causal
      reference::causal_sample({*program, *run});
      if (run->evaluations) std::copy(plan.evaluations.begin(), plan.evaluations.end(), run->evaluations);
      return;
    }
    Sampling sampling(*device, *program, *run);
    if (run->rows > 0) sampling.run();
    const auto& evaluations = sampling.plan().evaluations;
    if (run->evaluations) std::copy(evaluations.begin(), evaluations.end(), run->evaluations);
  });
}
