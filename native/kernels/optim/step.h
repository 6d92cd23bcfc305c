// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the rules share: a part of a segment as a kernel gets it, the gradient's preparation, checks, and the loop over
// all segments.
#ifndef GENERATRIX_KERNELS_OPTIM_STEP_H_
#define GENERATRIX_KERNELS_OPTIM_STEP_H_

#include <cstdint>

#include "generatrix/optim.h"
#include "kernels/optim/spans.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/isa.h"
#include "runtime/threads.h"

namespace gx {

// A part of a segment.
template <class T>
struct StepPart {
  int64_t count;
  T* p;
  const T* g;
  T* s0;
  T* s1;
  T* s2;
  T* ema;  // or null
};

// g' = clamp(scale g, -clip, clip) + weight_decay p before a rule, ema += ema_rate (p - ema) after it.
struct StepFrame {
  double scale, clip, weight_decay, ema_rate;
};

static inline StepFrame step_frame(const gx_step& s) {
  return {s.gradient_scale, s.clip_value, s.weight_decay, 1 - s.ema_decay};
}

namespace optim {

// Which states a rule has: bit i for s_i.
enum { kS0 = 1, kS1 = 2, kS2 = 4 };

// Checks what all rules share.
StepFrame check_step(gx_device* device, gx_format format, const gx_step& step, int states, int64_t segments,
                     const gx_segment* segment);

// Checks arrays that are only looked at.
void check_read(gx_device* device, gx_format format, int64_t segments, const gx_read_segment* segment);

void check_flag(int32_t value, const char* name);
void check_share(double value, const char* name);  // in [0, 1)

template <class T>
StepPart<T> part(const gx_segment& s, int64_t first, int64_t count) {
  const auto at = [first](void* p) { return p ? static_cast<T*>(p) + first : nullptr; };
  return {count, at(s.p), static_cast<const T*>(s.g) + first, at(s.s0), at(s.s1), at(s.s2), at(s.ema)};
}

template <class Rule>
void run_step(gx_device& device, gx_format format, const Rule& rule, int64_t segments, const gx_segment* segment,
              void (*fast)(const Rule&, const StepPart<float>&), void (*exact)(const Rule&, const StepPart<double>&)) {
  if (format == GX_FLOAT64) {
    for (int64_t s = 0; s < segments; ++s) {
      if (segment[s].count > 0) exact(rule, part<double>(segment[s], 0, segment[s].count));
    }
    return;
  }
  Workspace workspace(device);
  const Spans spans(workspace, segments, segment);
  parallel_for(device.threads, spans.items(), [&](int64_t item, int) {
    spans.each(item,
               [&](int64_t s, int64_t first, int64_t count) { fast(rule, part<float>(segment[s], first, count)); });
  });
}

}  // namespace optim

namespace reference {

template <class T>
double prepared_gradient(const StepFrame& frame, const StepPart<T>& a, int64_t i) {
  double g = frame.scale * double(a.g[i]);
  if (g > frame.clip) g = frame.clip;
  if (g < -frame.clip) g = -frame.clip;
  return g + frame.weight_decay * double(a.p[i]);
}

template <class T>
void put_parameter(const StepFrame& frame, const StepPart<T>& a, int64_t i, double p) {
  a.p[i] = T(p);
  if (a.ema) a.ema[i] = T(double(a.ema[i]) + frame.ema_rate * (p - double(a.ema[i])));
}

}  // namespace reference
}  // namespace gx

#endif  // GENERATRIX_KERNELS_OPTIM_STEP_H_
