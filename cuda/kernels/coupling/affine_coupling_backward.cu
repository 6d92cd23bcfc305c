// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_affine_coupling_backward (coupling.h).
//
// Grid: rows.h; a thread for each pack of 4 floats of all examples. With a gradient of the amplitude, whose terms are
// summed in double: a block for each part of an example's channel, or, where channels have fewer than 64 elements, down
// the examples; a second pass adds up a channel.
//
// Memory: dy, x, s are read and dx, ds, dt written once, 24 bytes an element of a checkerboard, of bits, and of what a
// span changes; 8 bytes of what it keeps, 0 if dx is dy. Additive coupling does not read x and s, an inverse and a base
// read t too. Floor of 64x196608: checkerboard 302 MB, halves 201 MB.
//
// Variants: packs, or single elements where an address or a stride is no multiple of 16 bytes; double has single ones.
//
// nvcc 13.0: packs take 26 to 48 registers on sm_80, 29 to 48 on sm_90a; beside a gradient of the amplitude up to 80,
// of which a few kinds spill 4 to 16 bytes. Every operand of a pack is one 16-byte access.
//
// Not yet run on a GPU.

#include "kernels/coupling/affine_coupling.h"
#include "runtime/entries.h"

namespace gx::cuda {

using namespace coupling;

namespace {

template <class T>
struct AffineGradients {
  const T* dy;
  const double* dlog_det;  // or null
  T *dx, *ds, *dt;         // null: not wanted
};

// terms (of kSum): of the gradient of the amplitude.
template <class T, int N, class Scale, class Direction, bool kSum>
struct Backward {
  static constexpr int kSums = 1, kPack = N;
  static constexpr bool kInverse = Direction::kInverse;
  using Base = typename Direction::Base;
  // What is read besides dy. Without a scale nothing depends on x, unless there is a base.
  static constexpr bool kReadsX = Scale::kThere || Base::kThere;
  static constexpr bool kReadsT = (kInverse && Scale::kThere) || Base::kThere;
  AffineOperands<T> a;
  AffineGradients<T> g;

  struct Gradients {
    T dx, ds, dt, damplitude;
  };
  __device__ static Gradients change(T x, T s, T t, T dy, T of_scale, T c) {
    const Scaled<T> by = Scale::template of<kInverse>(s, of_scale);
    if (Base::kThere) dy += c * Base::slope(x * by.factor + t);
    const T to_x = dy * by.factor;
    const T dl = kInverse ? -((x - t) * to_x + c) : x * to_x + c;
    return {to_x, dl * by.slope, kInverse ? -to_x : dy, dl * by.tanh};
  }

  __device__ void operator()(int64_t n, int64_t e, double (&terms)[1][N]) const {
    const int64_t at = n * a.size + e, number = n * a.stride;
    const unsigned changed = a.changes.template of<N>(e);
    const T c = g.dlog_det ? T(g.dlog_det[n]) : T(0);
    if (kSum) {
#pragma unroll
      for (int k = 0; k < N; ++k) terms[0][k] = 0;
    }
    if (changed == 0 && !(g.dx && (Base::kThere || g.dx != g.dy)) && a.changes.whole()) return;

    Pack<T, N> x = {}, s = {}, t = {}, dx = load_pack<N>(g.dy + at), ds = {}, dt = {};
    if (Base::kThere || (kReadsX && changed != 0)) x = load_pack<N>(a.x + at);
    if (changed != 0) {
      if (Scale::kThere) s = a.changes.template numbers<N>(a.s + number, e, changed);
      if (kReadsT) t = a.changes.template numbers<N>(a.t + number, e, changed);
      const Pack<T, N> amplitude = a.template amplitudes<N, Scale>(e), dy = dx;
      each_changed<N>(changed, [&](int k, bool first, bool both) {
        const auto set = [&](bool which) {
          const Gradients d = change(one_of(x, k, which), one_of(s, k, which), one_of(t, k, which),
                                     one_of(dy, k, which), one_of(amplitude, k, which), c);
          set_one_of(dx, k, which, d.dx), set_one_of(ds, k, which, d.ds), set_one_of(dt, k, which, d.dt);
          if (!kSum) return;
          constexpr int kNext = N == 1 ? 0 : 1;
          terms[0][k] = N == 1 || which ? double(d.damplitude) : terms[0][k];
          if (N > 1 && !which) terms[0][k + kNext] = double(d.damplitude);
        };
        set(first);
        if (N > 1 && both) set(false);
      });
    }
    if (Base::kThere) {
#pragma unroll
      for (int k = 0; k < N; ++k) {
        if (!(changed >> k & 1)) dx.v[k] += c * Base::slope(x.v[k]);
      }
    }
    if (g.dx) store_pack(g.dx + at, dx);
    if (changed == 0 && a.changes.whole()) return;  // no numbers
    if (Scale::kThere && g.ds) a.changes.put_numbers(g.ds + number, e, changed, ds);
    if (g.dt) a.changes.put_numbers(g.dt + number, e, changed, dt);
  }
};

template <class T>
struct PutGradient {
  T* to;
  __device__ void operator()(int64_t i, double sum) const { to[i] = T(sum); }
};

template <class T, int N, class Scale, class Direction>
void run(gx_device* device, const gx_affine_coupling_params& p, const AffineOperands<T>& a, const AffineGradients<T>& g,
         T* damplitude) {
  const gx_coupling& c = p.coupling;
  if constexpr (Scale::kAmplitude) {
    if (damplitude) {
      const PutGradient<T> put[1] = {{damplitude}};
      return sum_channels(device, c.examples, c.channels, c.height * c.width,
                          Backward<T, N, Scale, Direction, true>{a, g}, put);
    }
  }
  if (!g.dx && !g.ds && !g.dt) return;
  map_examples(gpu_of(device), c.examples, a.size, Backward<T, N, Scale, Direction, false>{a, g});
}

template <class T>
void backward(gx_device* device, const gx_affine_coupling_params& p, const AffineOperands<T>& a,
              const AffineGradients<T>& g, T* damplitude) {
  bool wide = sizeof(T) == 4 && packs<T>({a.x, a.s, a.t, g.dy, g.dx, g.ds, g.dt},
                                         {a.size, a.stride, a.changes.begin});  // null is aligned
  if (damplitude && a.pixels.divisor >= kShortChannel && a.pixels.divisor % kPack<T> != 0) wide = false;
  with_scale(p.scale, [&](auto scale) {
    with_direction(p.inverse != 0, p.base, [&](auto direction) {
      using Scale = decltype(scale);
      using Direction = decltype(direction);
      if (wide) {
        run<T, sizeof(T) == 4 ? 4 : 1, Scale, Direction>(device, p, a, g, damplitude);
      } else {
        run<T, 1, Scale, Direction>(device, p, a, g, damplitude);
      }
    });
  });
}

}  // namespace

gx_status gx_affine_coupling_backward(gx_device* device, gx_format format, const gx_affine_coupling_params* params,
                                      const gx_states* kept, const void* x, const void* s, const void* t,
                                      const void* amplitude, const void* dy, const double* dlog_det, void* dx, void* ds,
                                      void* dt, void* damplitude) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      backward(device, *params, affine_operands<T>(*params, kept, x, s, t, amplitude),
               AffineGradients<T>{static_cast<const T*>(dy), dlog_det, static_cast<T*>(dx), static_cast<T*>(ds),
                                  static_cast<T*>(dt)},
               static_cast<T*>(damplitude));
    });
  });
}

}  // namespace gx::cuda
