// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_affine_coupling (coupling.h): y = x e^l + t where the pattern says so, the inverse, and the log-determinants.
//
// Grid: rows.h; an example is cut into parts of 4096 elements, a block of 256 threads each, whose sums a second pass
// adds up; short examples have 1 to 32 threads. A thread takes packs of 4 floats (16 bytes), two of each operand in
// flight. The pattern is computed, a quotient or two for each pack.
//
// Memory: x, s, t are read and y is written once, 16 bytes an element of a checkerboard or of bits, and of what a span
// changes; 8 bytes of what it keeps, 0 if y is x. Floor of 64x196608: checkerboard 201 MB, halves 151 MB. Arithmetic:
// of tanh and exp some 55 instructions a changed element, about half of what a GPU issues while the memory moves.
//
// Variants: packs, or single elements where an address or a stride is no multiple of 16 bytes; double has single ones.
// The second pass costs one small launch; a counter by which the last block adds up would have to be cleared by one.
//
// nvcc 13.0: packs take 40 to 62 registers on sm_80, 46 to 63 on sm_90a (4 blocks of a multiprocessor), single elements
// at most 40; no stack, no spills. Every operand of a pack is one 16-byte access.
//
// Not yet run on a GPU.

#include "kernels/coupling/affine_coupling.h"
#include "runtime/entries.h"

namespace gx::cuda {

using namespace coupling;

namespace {

template <class T, int N, class Scale, class Direction>
struct Forward {
  static constexpr int kSums = 1;
  using Base = typename Direction::Base;
  AffineOperands<T> a;
  T* y;

  struct Loaded {
    unsigned changed;
    Pack<T, N> x, s, t;
  };

  __device__ void operator()(const Part& part, double (&sums)[1]) const {
    const int64_t at = part.row * a.size, number = part.row * a.stride;
    const bool copies = a.x != y;
    double sum = 0;
    each_pack<2, N>(
        part,
        [&](int64_t e) {
          Loaded v = {};
          v.changed = a.changes.template of<N>(e);
          if (v.changed != 0 || copies || Base::kThere) v.x = load_pack<N>(a.x + at + e);
          if (v.changed != 0) {
            if (Scale::kThere) v.s = a.changes.template numbers<N>(a.s + number, e, v.changed);
            v.t = a.changes.template numbers<N>(a.t + number, e, v.changed);
          }
          return v;
        },
        [&](int64_t e, const Loaded& v) {
          Pack<T, N> result = v.x;
          if (v.changed != 0) {
            const Pack<T, N> amplitude = a.template amplitudes<N, Scale>(e);
            const auto change = [&](T x, T s, T t, T of_scale) {
              const Scaled<T> by = Scale::template of<Direction::kInverse>(s, of_scale);
              const T image = scaled<Direction::kInverse>(x, by.factor, t);
              sum += image == image ? double(Direction::kInverse ? -by.l : by.l) : double(NAN);
              return image;
            };
            each_changed<N>(v.changed, [&](int k, bool first, bool both) {
              const T s = Scale::kThere ? one_of(v.s, k, first) : T(0);
              set_one_of(result, k, first,
                         change(one_of(v.x, k, first), s, one_of(v.t, k, first), one_of(amplitude, k, first)));
              if (N == 1 || !both) return;
              const T other = Scale::kThere ? one_of(v.s, k, false) : T(0);
              set_one_of(result, k, false,
                         change(one_of(v.x, k, false), other, one_of(v.t, k, false), one_of(amplitude, k, false)));
            });
          }
          if (v.changed != 0 || copies) store_pack(y + at + e, result);
          if (Base::kThere) {
#pragma unroll
            for (int k = 0; k < N; ++k) sum += Base::log_density(result.v[k]);
          }
        });
    sums[0] += sum;
  }
};

template <class T>
void forward(gx_device* device, const gx_affine_coupling_params& p, const AffineOperands<T>& a,
             const double* log_det_in, T* y, double* log_det_out) {
  const bool wide =
      sizeof(T) == 4 && packs<T>({a.x, a.s, a.t, y}, {a.size, a.stride, a.changes.begin});  // null is aligned
  with_scale(p.scale, [&](auto scale) {
    with_direction(p.inverse != 0, p.base, [&](auto direction) {
      using Scale = decltype(scale);
      using Direction = decltype(direction);
      const Rows rows = rows_of(p.coupling.examples, a.size);
      if (wide) {
        constexpr int kN = sizeof(T) == 4 ? 4 : 1;
        sum_rows(device, rows, Forward<T, kN, Scale, Direction>{a, y}, log_det_in, log_det_out);
      } else {
        sum_rows(device, rows, Forward<T, 1, Scale, Direction>{a, y}, log_det_in, log_det_out);
      }
    });
  });
}

}  // namespace

gx_status gx_affine_coupling(gx_device* device, gx_format format, const gx_affine_coupling_params* params,
                             const gx_states* kept, const void* x, const void* s, const void* t, const void* amplitude,
                             const double* log_det_in, void* y, double* log_det_out) {
  return guarded([&] {
    with_real(format, [&](auto zero) {
      using T = decltype(zero);
      forward(device, *params, affine_operands<T>(*params, kept, x, s, t, amplitude), log_det_in, static_cast<T*>(y),
              log_det_out);
    });
  });
}

}  // namespace gx::cuda
