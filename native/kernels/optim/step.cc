// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/optim/step.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace gx::optim {
namespace {

// Made only for a refusal: it costs more than a small segment's step.
struct Name {
  char text[64];
  Name(const char* what, int64_t s) { std::snprintf(text, sizeof text, "%s of segment %lld", what, (long long)s); }
};

// As check::array.
void check_array(const void* p, int64_t count, gx_format format, const char* what, int64_t s) {
  const int64_t element = format == GX_FLOAT64 ? 8 : 4;
  const bool good = p && reinterpret_cast<uintptr_t>(p) % uintptr_t(element) == 0 && count < INT64_MAX / element;
  if (!good) check::array(p, count, format, Name(what, s).text);
}

void add_count(int64_t count, int64_t s, int64_t* total) {
  if (count < 0) check::at_least(count, 0, Name("the count", s).text);
  if (__builtin_add_overflow(*total, count, total)) {
    fail(GX_INVALID_ARGUMENT, "the elements of all segments must fit in 63 bits, they do not from segment %lld on",
         (long long)s);
  }
}

struct Operand {
  uintptr_t begin, end;
  int64_t segment;
  const char* name;
  bool written;
};

// Outputs are disjoint from everything; gradients may be shared. Sorted by address, as a model may have thousands.
void check_disjoint(std::vector<Operand>& operands) {
  std::sort(operands.begin(), operands.end(), [](const Operand& a, const Operand& b) { return a.begin < b.begin; });
  const Operand* read = nullptr;     // the one so far that ends last
  const Operand* written = nullptr;  // alike
  for (const Operand& o : operands) {
    const Operand* hit = written && written->end > o.begin          ? written
                         : o.written && read && read->end > o.begin ? read
                                                                    : nullptr;
    if (hit) {
      fail(GX_INVALID_ARGUMENT, "%s of segment %lld and %s of segment %lld must not overlap", hit->name,
           (long long)hit->segment, o.name, (long long)o.segment);
    }
    const Operand*& last = o.written ? written : read;
    if (!last || o.end > last->end) last = &o;
  }
}

}  // namespace

StepFrame check_step(gx_device* device, gx_format format, const gx_step& step, int states, int64_t segments,
                     const gx_segment* segment) {
  checked(device);
  check::real(format);
  check::in_range(step.rate, 0, 1e30, "the rate");
  check::finite(step.gradient_scale, "the gradient scale");
  if (!(step.clip_value > 0)) {
    fail(GX_INVALID_ARGUMENT, "the clip value must be above 0 (infinity for none), got %g", step.clip_value);
  }
  check::in_range(step.weight_decay, 0, 1e30, "the weight decay");
  check::in_range(step.ema_decay, 0, 1, "the average's decay");
  check::at_least(segments, 0, "the number of segments");
  if (segments > 0) check::not_null(segment, "the segments");

  std::vector<Operand> operands;
  operands.reserve(size_t(segments) * 6);
  const int64_t element = format == GX_FLOAT64 ? 8 : 4;
  int64_t total = 0;
  for (int64_t s = 0; s < segments; ++s) {
    add_count(segment[s].count, s, &total);
    const auto add = [&](const void* p, const char* what, bool wanted, bool written) {
      if (!wanted && !p) return;
      if (!wanted) {
        fail(GX_INVALID_ARGUMENT, "%s must be null, as this rule has no such state", Name(what, s).text);
      }
      check_array(p, segment[s].count, format, what, s);
      if (segment[s].count == 0) return;
      const auto begin = reinterpret_cast<uintptr_t>(p);
      operands.push_back({begin, begin + uintptr_t(segment[s].count * element), s, what, written});
    };
    add(segment[s].p, "p", true, true);
    add(segment[s].g, "g", true, false);
    add(segment[s].s0, "s0", states & kS0, true);
    add(segment[s].s1, "s1", states & kS1, true);
    add(segment[s].s2, "s2", states & kS2, true);
    if (segment[s].ema) add(segment[s].ema, "ema", true, true);
  }
  check_disjoint(operands);
  return step_frame(step);
}

void check_read(gx_device* device, gx_format format, int64_t segments, const gx_read_segment* segment) {
  checked(device);
  check::real(format);
  check::at_least(segments, 0, "the number of segments");
  if (segments > 0) check::not_null(segment, "the segments");
  int64_t total = 0;
  for (int64_t s = 0; s < segments; ++s) {
    add_count(segment[s].count, s, &total);
    check_array(segment[s].data, segment[s].count, format, "the data", s);
  }
}

void check_flag(int32_t value, const char* name) { check::in_range(value, 0, 1, name); }

void check_share(double value, const char* name) {
  if (!(value >= 0 && value < 1)) {
    fail(GX_INVALID_ARGUMENT, "%s must be at least 0 and below 1, got %g", name, value);
  }
}

}  // namespace gx::optim
