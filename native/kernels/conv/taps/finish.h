// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A finished tile gets bias and activation on its way to y.
#ifndef GENERATRIX_KERNELS_CONV_TAPS_FINISH_H_
#define GENERATRIX_KERNELS_CONV_TAPS_FINISH_H_

#include "kernels/conv/taps/panel.h"
#include "kernels/linear/activation.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {

#if GX_VEC_BYTES == 64
// to[2 l] = lane l of z, for the lanes of a run.
inline void store_every_second(float* to, vf z, Lanes lanes) {
  vi low;
  for (int l = 0; l < kLanes; ++l) low[l] = l / 2;
  const uint32_t first = _pdep_u32(lanes & 0xFF, 0x5555), second = _pdep_u32(lanes >> 8, 0x5555);
  if (first != 0) store_lanes(to, __builtin_shuffle(z, low), first);
  if (second != 0) store_lanes(to + kLanes, __builtin_shuffle(z, low + kLanes / 2), second);
}
#endif

inline void store_runs(float* y, vf z, const VectorRuns& runs, int64_t step) {
  if (step == 1) {
    for (int r = 0; r < runs.count; ++r) {
      const Run& run = runs.run[r];
      if (run.to - run.from == kLanes) {
        store(y + run.base, z);
      } else {
        store_lanes(y + run.base, z, run.lanes);
      }
    }
    return;
  }
#if GX_VEC_BYTES == 64
  if (step == 2) {
    for (int r = 0; r < runs.count; ++r) store_every_second(y + runs.run[r].base, z, runs.run[r].lanes);
    return;
  }
#endif
  float lane[kLanes];
  store(lane, z);
  for (int r = 0; r < runs.count; ++r) {
    const Run& run = runs.run[r];
    float* const to = y + run.base;
    for (int l = run.from; l < run.to; ++l) to[l * step] = lane[l];
  }
}

// Results of more elements than these go past the caches, which spares the read of a line before it is written: 8 MiB,
// as everywhere.
constexpr int64_t kStreamedResults = 1 << 21;

// The vectors of a row at y and y + second, past the caches if they lie on the vectors' grid.
template <class F, bool kStream>
void finish_whole(const float* c, int64_t rows, int vectors, float* y, int64_t second, int64_t row_step,
                  const float* bias, float p) {
  const auto put = [](float* to, vf value) { kStream ? stream(to, value) : store(to, value); };
  for (int64_t i = 0; i < rows; ++i, y += row_step, c += kTileColumns) {
    const vf z = loadf(c);
    put(y, F::value(bias ? z + splat(bias[i]) : z, p));
    if (vectors == 1) continue;
    const vf w = loadf(c + kLanes);
    put(y + second, F::value(bias ? w + splat(bias[i]) : w, p));
  }
}

// y of some rows, row_step apart, from the tile c[rows][kTileColumns]; bias of the rows or null. streams: y is large.
template <class F>
void finish_tile(const float* c, int64_t rows, const PanelPixels& panel, float* y, int64_t row_step, int64_t step,
                 const float* bias, float p, bool streams) {
  if (panel.whole) {
    const int64_t second = panel.vectors > 1 ? panel.y[1].run[0].base - panel.y[0].run[0].base : 0;
    y += panel.y[0].run[0].base;
    const bool on_grid = ((reinterpret_cast<uintptr_t>(y) | uintptr_t(4 * (second | row_step))) % GX_VEC_BYTES) == 0;
    (streams && on_grid ? finish_whole<F, true> : finish_whole<F, false>)(c, rows, panel.vectors, y, second, row_step,
                                                                          bias, p);
    return;
  }
  for (int64_t i = 0; i < rows; ++i, y += row_step, c += kTileColumns) {
    for (int v = 0; v < panel.vectors; ++v) {
      const vf z = loadf(c + v * kLanes);
      store_runs(y, F::value(bias ? z + splat(bias[i]) : z, p), panel.y[v], step);
    }
  }
}

struct TapsFinish {
  void (*tile)(const float*, int64_t, const PanelPixels&, float*, int64_t, int64_t, const float*, float, bool);
  vf (*value)(vf, float);
  float p;
};

inline TapsFinish finish_of(const gx_conv_params& p) {
  TapsFinish finish = {};
  finish.p = float(p.activation_p);
  activation::with(p.activation, [&](auto f) {
    finish.tile = finish_tile<decltype(f)>;
    finish.value = decltype(f)::value;
  });
  return finish;
}

// y = f(b), for the pixels that meet no tap.
inline void fill_y(const ConvShape& s, const TapsFinish& finish, const float* b, float* y, Team& team) {
  auto work = [&](int64_t item, float*) {
    const vf value = finish.value(splat(b ? b[item % s.p.out_channels] : 0.0f), finish.p);
    float* const to = y + item * s.out_pixels;
    int64_t i = 0;
    for (; i + kLanes <= s.out_pixels; i += kLanes) store(to + i, value);
    if (i < s.out_pixels) store_first(to + i, value, int(s.out_pixels - i));
  };
  run_items(team, s.p.batch * s.p.out_channels, 0, work);
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_CONV_TAPS_FINISH_H_
