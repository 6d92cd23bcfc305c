// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Contract: sample.h. A convolution gathers the activations under its taps into a panel [k][lanes], two vectors of
// lanes at a time, and multiplies it by the packed weights in register tiles; a 1x1 convolution reads its activations
// where they are.

#include "kernels/causal/sample/sample.h"
#include "kernels/elementwise/binary/binary.h"
#include "kernels/elementwise/binary/functions.h"
#include "kernels/linear/activation.h"
#include "kernels/linear/tile/tile.h"

namespace gx::GX_ISA {

void unary_vectors(gx_unary_function f, float p, const float* x, float* y, int64_t count);

namespace {

// Rows of a tile: nearly equal parts.
struct RowParts {
  int64_t rows, count;
  explicit RowParts(int64_t n) : rows(n), count((n + kTileRows - 1) / kTileRows) {}
  int64_t begin(int64_t t) const { return rows * t / count; }
};

struct Slice {
  const CausalDraws<float>& draws;
  const CausalTables& t;
  const float* packed;
  int64_t first_row, rows, lanes;
  float* scratch;

  float* slot(int64_t ring, int32_t slot, int64_t channel) const {
    return scratch + (t.ring_at[ring] + slot * t.slot_step[ring] + channel) * lanes;
  }

  void begin() const {
    for (int64_t i = 0; i < t.zeros * lanes; i += kLanes) store(scratch + t.zeros_at * lanes + i, vf{});
    const gx_causal_program& p = draws.program;
    for (int64_t n = 0; n < p.nodes; ++n) {
      const gx_causal_node& node = p.node[n];
      if (node.kind != GX_CAUSAL_EXAMPLE) continue;
      const float* const from = static_cast<const float*>(node.values) + first_row * node.channels;
      for (int64_t c = 0; c < node.channels; ++c) {
        float* const to = slot(n, 0, c);
        for (int64_t r = 0; r < lanes; ++r) to[r] = r < rows ? from[r * node.channels + c] : 0.0f;
      }
    }
  }

  void run() const {
    const gx_causal_program& p = draws.program;
    for (const int32_t* w = t.tape; w != t.tape_end;) {
      const int32_t op = *w++;
      if (op < 0) {
        const gx_causal_head& h = p.head[-1 - op];
        const CausalStep& from = t.steps[h.node];
        causal_draw(draws, -1 - op, w[0], slot(from.ring, w[2], from.first_channel + h.first_channel), lanes, first_row,
                    rows, slot(p.nodes, w[1], 0));
        w += 3;
        continue;
      }
      const gx_causal_node& n = p.node[op];
      const CausalStep& step = t.steps[op];
      float* const out = slot(op, *w++, 0);
      const int64_t which = step.first_phase + (step.phases > 1 ? *w++ : 0);
      const CausalPhase& phase = t.phases[which];
      w = n.kind == GX_CAUSAL_CONV ? conv(n, phase, packed + t.packed_at[which], w, out) : map(n, phase, w, out);
    }
  }

  // --- Nodes without weights

  const int32_t* map(const gx_causal_node& n, const CausalPhase& phase, const int32_t* w, float* out) const {
    const CausalOperand* const o = t.operands + phase.first_operand;
    const float* const x = slot(o[0].ring, w[0], o[0].first_channel);
    const int64_t count = n.channels * lanes;
    switch (n.kind) {
      case GX_CAUSAL_UNARY:
        unary_vectors(gx_unary_function(n.function), float(n.p), x, out, count);
        break;
      case GX_CAUSAL_BINARY:
        binary(gx_binary_function(n.function), x, slot(o[1].ring, w[1], o[1].first_channel), out, count);
        break;
      case GX_CAUSAL_CONCAT:
        for (int64_t s = 0; s < phase.operands; ++s) {
          const float* const from = slot(o[s].ring, w[s], o[s].first_channel);
          for (int64_t i = 0; i < o[s].channels * lanes; i += kLanes) store(out + i, loadf(from + i));
          out += o[s].channels * lanes;
        }
        break;
      default:
        for (int64_t i = 0; i < count / 2; i += kLanes) {
          const vf z = loadf(x + i);
          store(out + i, activation::Elu::value(z, 1.0f));
          store(out + count / 2 + i, activation::Elu::value(-z, 1.0f));
        }
        break;
    }
    return w + phase.operands;
  }

  static void binary(gx_binary_function f, const float* a, const float* b, float* y, int64_t count) {
    switch (f) {
#define GX_FUNCTION(enumerator, functor)                                                                    \
  case enumerator:                                                                                          \
    for (int64_t i = 0; i < count; i += kLanes) store(y + i, functor::forward(loadf(a + i), loadf(b + i))); \
    break;
      GX_BINARY_FUNCTIONS(GX_FUNCTION)
#undef GX_FUNCTION
    }
  }

  // --- Convolutions

  const int32_t* conv(const gx_causal_node& n, const CausalPhase& phase, const float* weights, const int32_t* w,
                      float* out) const {
    const CausalOperand* const o = t.operands + phase.first_operand;
    if (phase.operands == 1 && o[0].taps == 1) {
      const float* const x = *w < 0 ? scratch + t.zeros_at * lanes : slot(o[0].ring, *w, o[0].first_channel);
      for (int64_t at = 0; at < lanes; at += kTileColumns) product(n, phase, weights, x + at, lanes, at, out);
      finish(n, out);
      return w + 1;
    }
    float* const panel = scratch + t.panel_at * lanes;
    const int32_t* next = w;
    for (int64_t at = 0; at < lanes; at += kTileColumns) {
      next = lanes - at > kLanes ? gather<2>(phase, w, at, panel) : gather<1>(phase, w, at, panel);
      product(n, phase, weights, panel, lanes - at > kLanes ? kTileColumns : kLanes, at, out);
    }
    finish(n, out);
    return next;
  }

  template <int vectors>
  const int32_t* gather(const CausalPhase& phase, const int32_t* w, int64_t at, float* to) const {
    const CausalOperand* const operands = t.operands + phase.first_operand;
    for (const CausalOperand* o = operands; o != operands + phase.operands; ++o) {
      const int64_t step = o->taps * vectors * kLanes;
      for (int64_t k = 0; k < o->taps; ++k, ++w) {
        float* tap = to + k * vectors * kLanes;
        if (*w < 0) {
          for (int64_t c = 0; c < o->channels; ++c, tap += step) {
            for (int v = 0; v < vectors; ++v) store(tap + v * kLanes, vf{});
          }
          continue;
        }
        const float* from = slot(o->ring, *w, o->first_channel) + at;
        for (int64_t c = 0; c < o->channels; ++c, tap += step, from += lanes) {
          for (int v = 0; v < vectors; ++v) store(tap + v * kLanes, loadf(from + v * kLanes));
        }
      }
      to += o->channels * step;
    }
    return w;
  }

  // Lanes [at, at + 1 or 2 vectors) of the sums, from a panel whose rows are `stride` apart.
  void product(const gx_causal_node& n, const CausalPhase& phase, const float* weights, const float* panel,
               int64_t stride, int64_t at, float* out) const {
    const TileFunction* const tile = kTiles[kAcross][lanes - at > kLanes ? 1 : 0];
    const int64_t* const cuts = t.cuts + phase.first_cut;
    const RowParts parts(n.channels);
    for (int64_t block = 0; block < phase.blocks; ++block) {
      const int64_t depth = cuts[block + 1] - cuts[block];
      for (int64_t r = 0; r < parts.count; ++r) {
        const int64_t row = parts.begin(r), rows_here = parts.begin(r + 1) - row;
        tile[rows_here - 1](weights, rows_here, panel + cuts[block] * stride, stride, depth, out + row * lanes + at,
                            lanes, kLanes, block > 0);
        weights += depth * rows_here;
      }
    }
  }

  // + b, then f.
  void finish(const gx_causal_node& n, float* out) const {
    const float* const b = n.b ? static_cast<const float*>(n.b) + n.first_row : nullptr;
    const float p = float(n.p);
    if (!b && n.function == GX_ACTIVATION_NONE) return;
    activation::with(gx_activation(n.function), [&](auto f) {
      for (int64_t c = 0; c < n.channels; ++c) {
        float* const y = out + c * lanes;
        if (b) {
          for (int64_t i = 0; i < lanes; i += kLanes) store(y + i, f.value(loadf(y + i) + b[c], p));
        } else {
          for (int64_t i = 0; i < lanes; i += kLanes) store(y + i, f.value(loadf(y + i), p));
        }
      }
    });
  }
};

}  // namespace

// As the tiles read them: block by block, tile by tile, [k][rows of the tile].
void causal_sample_pack_slices(const gx_causal_program& p, const CausalTables& t, float* packed) {
  for (int64_t i = 0; i < p.nodes; ++i) {
    const gx_causal_node& n = p.node[i];
    if (n.kind != GX_CAUSAL_CONV) continue;
    const float* const W = static_cast<const float*>(n.W) + n.first_row * n.row_step;
    for (int64_t f = t.steps[i].first_phase; f < t.steps[i].first_phase + t.steps[i].phases; ++f) {
      float* to = packed + t.packed_at[f];
      const int64_t* const cuts = t.cuts + t.phases[f].first_cut;
      const RowParts parts(n.channels);
      for (int64_t block = 0; block < t.phases[f].blocks; ++block) {
        for (int64_t r = 0; r < parts.count; ++r) {
          for (int64_t k = cuts[block]; k < cuts[block + 1]; ++k) {
            const float* const from = W + t.weights[t.phases[f].first_term + k];
            for (int64_t row = parts.begin(r); row < parts.begin(r + 1); ++row) *to++ = from[row * n.row_step];
          }
        }
      }
    }
  }
}

void causal_sample_slices(const CausalDraws<float>& draws, const CausalTables& tables, const float* packed,
                          int64_t first_row, int64_t rows, int64_t lanes, float* scratch) {
  const Slice slice = {draws, tables, packed, first_row, rows, lanes, scratch};
  slice.begin();
  slice.run();
}

}  // namespace gx::GX_ISA
