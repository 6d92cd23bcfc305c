// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// One pass over memory, in words of 32 elements: those of which all are changed, those of which none is, which cost no
// parameters, and those of which some are. Of a checkerboard one of each two neighbours is changed: then two vectors
// become one, which takes a third off the time of 64x196608 with a tanh (11 to 7 ms on one Zen 5; with the tanh of
// scales.h 5.4, which is the speed of memory). Contract: affine_coupling.h.
//
// Everything is one function for each scale and direction (flatten): sums that a lambda holds by reference while it is
// called, not inlined, live in memory, and a Gaussian base then took twice as long. Tried and dropped: prefetching the
// operands 1 or 4 KiB ahead (nothing to 20 % slower); stores past the caches only from 32 MiB on (forward in halves
// of 1024x3072 a fifth faster, backward of a checkerboard a tenth slower).

#include "kernels/coupling/affine_coupling/scales.h"
#include "kernels/coupling/base.h"

namespace gx::GX_ISA {
namespace {

// The directions: whether it is the inverse, and the base of the forward one.
template <class B>
struct Forward {
  static constexpr bool kInverse = false;
  using Base = B;
};
struct Inverse {
  static constexpr bool kInverse = true;
  using Base = NoBase;
};

inline int64_t greater(int64_t a, int64_t b) { return a > b ? a : b; }

// Of two vectors the lanes chosen, one of each two neighbours, in one vector: those of v in even lanes, of w in odd
// ones.
struct Pairing {
  vi in_v, in_w;

  vf pack(vf v, vf w) const {
    const vul low_v = (vul)(in_v ? v : (vf)((vul)v >> 32)), low_w = (vul)(in_w ? w : (vf)((vul)w >> 32));
    return (vf)interleave_low_words(low_v, low_w);
  }
  // Back in their lanes, and `rest` in the others.
  vf unpack_v(vf packed, vf rest) const { return in_v ? __builtin_shuffle(packed, (vi)(lane_index() & ~1u)) : rest; }
  vf unpack_w(vf packed, vf rest) const { return in_w ? __builtin_shuffle(packed, (vi)(lane_index() | 1u)) : rest; }
};

// The vectors of elements [from, to): whole(e) where all of a vector's lanes are changed, kept(e) where none is,
// mixed(e, n, lanes) where some of the first n are; with kPacks also pairs(e, pairing) for two vectors of which one of
// each two neighbours is.
template <bool kPacks, class Whole, class Kept, class Mixed, class Pairs>
inline __attribute__((always_inline)) void walk(const Pattern& p, int64_t from, int64_t to, Whole whole, Kept kept,
                                                Mixed mixed, Pairs pairs) {
  constexpr uint32_t kAll = uint32_t((uint64_t(1) << kLanes) - 1), kEven = 0x55555555;
  int64_t e = from;
  for (; e + 32 <= to; e += 32) {
    const uint32_t word = p.whole ? ~0u : changed_bits(p, e);
    if (word == ~0u) {
      for (int k = 0; k < 32; k += kLanes) whole(e + k);
    } else if (word == 0) {
      for (int k = 0; k < 32; k += kLanes) kept(e + k);
    } else if (kPacks && ((word ^ word >> 1) & kEven) == kEven) {
      for (int k = 0; k < 32; k += 2 * kLanes) {
        pairs(e + k, Pairing{bits_mask(word >> k & kAll), bits_mask(word >> (k + kLanes) & kAll)});
      }
    } else {
      for (int k = 0; k < 32; k += kLanes) mixed(e + k, kLanes, bits_mask(word >> k & kAll));
    }
  }
  for (; e < to; e += kLanes) {
    const int n = int(lesser<int64_t>(kLanes, to - e));
    mixed(e, n, bits_mask(changed_bits(p, e) & uint32_t((uint64_t(1) << n) - 1)));
  }
}

// A run of elements with one amplitude: all up to `to`, or those of a channel.
struct Run {
  int64_t end, channel;
  vf amplitude;
};
inline Run run_at(const AffineCoupling<float>& a, const AffineCouplingPlan& plan, int64_t from, int64_t to) {
  if (!a.amplitude || plan.amplitude_of_element) return {to, 0, splat(float(a.clamp))};
  const int64_t channel = from / a.pattern.pixels;
  return {lesser(to, (channel + 1) * a.pattern.pixels), channel, splat(a.amplitude[channel])};
}

inline void put(float* p, vf v, int n, bool streams) {
  if (n < kLanes) {
    store_first(p, v, n);
  } else if (streams) {
    stream(p, v);
  } else {
    store(p, v);
  }
}

// --- Forward, and the inverse

template <class Scale, class Direction>
__attribute__((flatten)) void rows(const AffineCoupling<float>& a, const AffineCouplingPlan& plan,
                                   const AffineCouplingPart& part, double* sums, int64_t sums_stride) {
  using Base = typename Direction::Base;
  const Pattern& p = a.pattern;
  const int64_t first = part.first, last = first + part.count;
  const bool copies = a.x != a.y, streams = plan.stream;
  for (int64_t row = part.row0; row < part.row1; ++row) {
    const float *const x = a.x + row * p.size, *const t = a.t + row * a.stride;
    const float* const s = Scale::kThere ? a.s + row * a.stride : nullptr;
    float* const y = a.y + row * p.size;
    Total total;
    Base base;

    const auto keep = [&](int64_t e, int n) __attribute__((always_inline)) {
      if (!copies && !Base::kThere) return;
      const vf v = load_some(x + e, n);
      if (copies) put(y + e, v, n, streams);
      base.add(v, n);
    };
    const auto keep_all = [&](int64_t from, int64_t to) {
      if (!copies && !Base::kThere) return;
      for (int64_t e = from; e < to; e += kLanes) keep(e, int(lesser<int64_t>(kLanes, to - e)));
    };
    // y, and the log-scale; where y is NaN that is too, unless a base sees to it.
    const auto change = [&](vf v, vf parameter, vf shift, vf amplitude, vf * l) __attribute__((always_inline)) {
      const Scaled scaled = Scale::template of<Direction::kInverse>(parameter, amplitude);
      const vf result = Direction::kInverse ? (v - shift) * scaled.factor : v * scaled.factor + shift;
      *l = Base::kThere ? scaled.l : result == result ? scaled.l : result;
      return result;
    };
    const auto change_at = [&](int64_t e, int n, vf v, vf amplitude, vf* l) __attribute__((always_inline)) {
      const vf parameter = Scale::kThere ? load_some(s + (e - p.begin), n) : vf{};
      if (Scale::kEach) amplitude = load_some(plan.amplitude_of_element + e, n);
      return change(v, parameter, load_some(t + (e - p.begin), n), amplitude, l);
    };

    keep_all(first, lesser(last, p.begin));
    const int64_t to = lesser(last, p.end);
    Run run;
    for (int64_t from = greater(first, p.begin); from < to; from = run.end) {
      run = run_at(a, plan, from, to);
      walk<Scale::kPacks>(
          p, from, run.end,
          [&](int64_t e) __attribute__((always_inline)) {
            vf l;
            const vf result = change_at(e, kLanes, loadf(x + e), run.amplitude, &l);
            put(y + e, result, kLanes, streams);
            total.add(l, kLanes);
            base.add(result, kLanes);
          },
          [&](int64_t e) __attribute__((always_inline)) { keep(e, kLanes); },
          [&](int64_t e, int n, vi changed) __attribute__((always_inline)) {
            vf l;
            const vf v = load_some(x + e, n), result = changed ? change_at(e, n, v, run.amplitude, &l) : v;
            put(y + e, result, n, streams);
            total.add(changed ? l : vf{}, kLanes);
            base.add(result, n);
          },
          [&](int64_t e, const Pairing& pairing) __attribute__((always_inline)) {
            const auto packed = [&](const float* from) __attribute__((always_inline)) {
              return pairing.pack(loadf(from), loadf(from + kLanes));
            };
            vf l;
            const vf v = loadf(x + e), w = loadf(x + e + kLanes);
            const vf result =
                change(pairing.pack(v, w), packed(s + (e - p.begin)), packed(t + (e - p.begin)), run.amplitude, &l);
            const vf first_result = pairing.unpack_v(result, v), second_result = pairing.unpack_w(result, w);
            put(y + e, first_result, kLanes, streams);
            put(y + e + kLanes, second_result, kLanes, streams);
            total.add(l, kLanes);
            base.add(first_result, kLanes);
            base.add(second_result, kLanes);
          });
    }
    keep_all(greater(first, p.end), last);
    sums[row * sums_stride] = (Direction::kInverse ? -total.value() : total.value()) + base.value();
  }
  if (streams) _mm_sfence();  // before anyone is told that y is there
}

// --- Backward

// The gradient of the amplitude, of one channel at a time or of each element.
class AmplitudeGradient {
 public:
  AmplitudeGradient(const AffineCouplingPlan& plan, const AffineCouplingPart& part, const Pattern& p, double* sums)
      : each_(plan.amplitude_of_element), first_(part.first), sums_(sums) {
    if (!sums) return;
    first_channel_ = part.first / p.pixels;
    const int64_t last_channel = (part.first + part.count - 1) / p.pixels;
    const int64_t count = each_ ? part.count : last_channel - first_channel_ + 1;
    for (int64_t i = 0; i < count; ++i) sums[i] = 0;
  }
  bool wanted() const { return sums_; }
  // `v` is 0 in lanes that do not count.
  void add(int64_t e, vf v) {
    if (!sums_) return;
    if (!each_) return total_.add(v, kLanes);
    double* const to = sums_ + (e - first_);
    store(to, loadd(to) + lower_half(v));
    store(to + kLanesD, loadd(to + kLanesD) + upper_half(v));
  }
  void end_of_run(int64_t channel) {
    if (!sums_ || each_) return;
    sums_[channel - first_channel_] += total_.value();
    total_ = Total();
  }

 private:
  bool each_;
  int64_t first_, first_channel_ = 0;
  double* sums_;
  Total total_;
};

template <class Scale, class Direction>
__attribute__((flatten)) void backward_rows(const AffineCouplingBackward<float>& a, const AffineCouplingPlan& plan,
                                            const AffineCouplingPart& part, double* sums) {
  using Base = typename Direction::Base;
  constexpr bool kInverse = Direction::kInverse;
  // What is read besides dy. Without a scale nothing depends on x, unless there is a base.
  constexpr bool kReadsX = Scale::kThere || Base::kThere, kReadsT = (kInverse && Scale::kThere) || Base::kThere;
  const Pattern& p = a.pattern;
  const int64_t first = part.first, last = first + part.count;
  const bool copies = a.dx && a.dx != a.dy, streams = plan.stream;
  AmplitudeGradient damplitude(plan, part, p, sums);
  for (int64_t row = part.row0; row < part.row1; ++row) {
    const float *const x = a.x + row * p.size, *const dy = a.dy + row * p.size, *const t = a.t + row * a.stride;
    const float* const s = Scale::kThere ? a.s + row * a.stride : nullptr;
    float* const dx = a.dx ? a.dx + row * p.size : nullptr;
    float* const ds = Scale::kThere && a.ds ? a.ds + row * a.stride : nullptr;
    float* const dt = a.dt ? a.dt + row * a.stride : nullptr;
    const vf c = splat(a.dlog_det ? float(a.dlog_det[row]) : 0.0f);

    const auto kept_gradient = [&](int64_t e, int n) __attribute__((always_inline)) {
      const vf g = load_some(dy + e, n);
      return Base::kThere ? g + c * Base::slope(load_some(x + e, n)) : g;
    };
    const auto keep_all = [&](int64_t from, int64_t to) {
      if (!copies && !(Base::kThere && dx)) return;
      for (int64_t e = from; e < to; e += kLanes) {
        const int n = int(lesser<int64_t>(kLanes, to - e));
        put(dx + e, kept_gradient(e, n), n, streams);
      }
    };
    // The gradients at e, of the first n lanes; of the amplitude dl tanh s.
    struct Gradients {
      vf dx, ds, dt, damplitude;
    };
    const auto change = [&](vf v, vf parameter, vf shift, vf g, vf amplitude) __attribute__((always_inline)) {
      const Scaled scaled = Scale::template of<kInverse>(parameter, amplitude);
      if (Base::kThere) g += c * Base::slope(v * scaled.factor + shift);
      const vf to_x = g * scaled.factor;
      const vf dl = kInverse ? -((v - shift) * to_x + c) : v * to_x + c;
      return Gradients{to_x, dl * scaled.slope, kInverse ? -to_x : g, dl * scaled.tanh};
    };
    // Calls it with take(array at e, ..) for what it needs.
    const auto change_at = [&](int64_t e, vf amplitude, auto take) __attribute__((always_inline)) {
      const int64_t number = e - p.begin;
      if (Scale::kEach) amplitude = take(plan.amplitude_of_element + e);
      return change(kReadsX ? take(x + e) : vf{}, Scale::kThere ? take(s + number) : vf{},
                    kReadsT ? take(t + number) : vf{}, take(dy + e), amplitude);
    };

    keep_all(first, lesser(last, p.begin));
    const int64_t to = lesser(last, p.end);
    Run run;
    for (int64_t from = greater(first, p.begin); from < to; from = run.end) {
      run = run_at(a, plan, from, to);
      walk<Scale::kPacks>(
          p, from, run.end,
          [&](int64_t e) __attribute__((always_inline)) {
            const Gradients d = change_at(e, run.amplitude, [](const float* at) { return loadf(at); });
            if (dx) put(dx + e, d.dx, kLanes, streams);
            if (ds) put(ds + (e - p.begin), d.ds, kLanes, streams);
            if (dt) put(dt + (e - p.begin), d.dt, kLanes, streams);
            damplitude.add(e, d.damplitude);
          },
          [&](int64_t e) __attribute__((always_inline)) {
            if (copies || (Base::kThere && dx)) put(dx + e, kept_gradient(e, kLanes), kLanes, streams);
            if (ds) put(ds + (e - p.begin), vf{}, kLanes, streams);
            if (dt) put(dt + (e - p.begin), vf{}, kLanes, streams);
          },
          [&](int64_t e, int n, vi changed) __attribute__((always_inline)) {
            const Gradients d = change_at(e, run.amplitude, [&](const float* at) { return load_some(at, n); });
            if (dx) put(dx + e, changed ? d.dx : kept_gradient(e, n), n, streams);
            if (ds) put(ds + (e - p.begin), changed ? d.ds : vf{}, n, streams);
            if (dt) put(dt + (e - p.begin), changed ? d.dt : vf{}, n, streams);
            damplitude.add(e, changed ? d.damplitude : vf{});
          },
          [&](int64_t e, const Pairing& pairing) __attribute__((always_inline)) {
            const Gradients d = change_at(e, run.amplitude,
                                          [&](const float* at) { return pairing.pack(loadf(at), loadf(at + kLanes)); });
            const auto put_both = [&](float* to, vf packed, vf rest, vf second_rest) __attribute__((always_inline)) {
              put(to, pairing.unpack_v(packed, rest), kLanes, streams);
              put(to + kLanes, pairing.unpack_w(packed, second_rest), kLanes, streams);
            };
            if (dx) put_both(dx + e, d.dx, kept_gradient(e, kLanes), kept_gradient(e + kLanes, kLanes));
            if (ds) put_both(ds + (e - p.begin), d.ds, vf{}, vf{});
            if (dt) put_both(dt + (e - p.begin), d.dt, vf{}, vf{});
            damplitude.add(e, d.damplitude);
          });
      damplitude.end_of_run(run.channel);
    }
    keep_all(greater(first, p.end), last);
  }
  if (streams) _mm_sfence();
}

// body(scale, direction)
template <class Body>
inline void with_kind(const AffineCoupling<float>& a, const AffineCouplingPlan& plan, Body body) {
  const auto with_scale = [&](auto direction) {
    switch (a.scale) {
      case GX_SCALE_NONE:
        return body(NoScale(), direction);
      case GX_SCALE_EXP:
        return body(ExpScale(), direction);
      case GX_SCALE_TANH:
        if (plan.amplitude_of_element) return body(TanhScale<true>(), direction);
        return body(TanhScale<false>(), direction);
      case GX_SCALE_SIGMOID:
        return body(SigmoidScale(), direction);
    }
  };
  if (a.inverse) return with_scale(Inverse());
  with_base(a.base, [&](auto base) { with_scale(Forward<decltype(base)>()); });
}

}  // namespace

void affine_coupling_vectors(const AffineCoupling<float>& a, const AffineCouplingPlan& plan,
                             const AffineCouplingPart& part, double* sums, int64_t sums_stride) {
  with_kind(a, plan, [&](auto scale, auto direction) {
    rows<decltype(scale), decltype(direction)>(a, plan, part, sums, sums_stride);
  });
}

void affine_coupling_backward_vectors(const AffineCouplingBackward<float>& a, const AffineCouplingPlan& plan,
                                      const AffineCouplingPart& part, double* sums) {
  with_kind(a, plan, [&](auto scale, auto direction) {
    backward_rows<decltype(scale), decltype(direction)>(a, plan, part, sums);
  });
}

}  // namespace gx::GX_ISA
