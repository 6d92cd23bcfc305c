// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/causal/plan.h"

#include "runtime/status.h"

namespace gx {
namespace {

constexpr int64_t kDepth = 512;  // the longest block of a sum: linear/product/operands.h

int64_t floor_mod(int64_t a, int64_t n) { return (a % n + n) % n; }

class Planner {
 public:
  explicit Planner(const gx_causal_program& program) : p_(program) {}

  CausalPlan make() {
    for (int64_t i = 0; i < p_.nodes; ++i) add(i);
    plan_.rings.push_back({p_.channels, 1, p_.width});
    top_.assign(plan_.rings.size(), -1);
    plan_.evaluations.assign(size_t(p_.height * p_.width), 0);
    plan_.tape.reserve(size_t(positions_) * 4);
    for (pixel_ = 0; pixel_ < p_.height * p_.width; ++pixel_) {
      for (head_ = 0; head_ < p_.heads; ++head_) draw();
    }
    place();
    return static_cast<CausalPlan&&>(plan_);
  }

 private:
  // --- The program's nodes, once

  void add(int64_t i) {
    const gx_causal_node& n = p_.node[i];
    const bool input = n.kind == GX_CAUSAL_INPUT;
    plan_.rings.push_back({input ? 0 : n.channels, n.kind == GX_CAUSAL_EXAMPLE ? 0 : 1, n.width});
    CausalStep step = {int64_t(plan_.phases.size()), 1, input ? p_.nodes : i, input ? n.first_channel : 0};
    first_.push_back(positions_);
    if (n.kind != GX_CAUSAL_INPUT && n.kind != GX_CAUSAL_EXAMPLE) positions_ += n.height * n.width;
    done_.resize(size_t(positions_), 0);
    int64_t known_after = -1;
    for (int64_t h = 0; input && h < p_.heads; ++h) {
      const gx_causal_head& head = p_.head[h];
      const bool apart =
          head.image_channel >= n.first_channel + n.channels || n.first_channel >= head.image_channel + head.drawn;
      if (!apart) known_after = h;
    }
    known_after_.push_back(known_after);
    const bool phases = n.kind == GX_CAUSAL_CONV && n.transposed;
    for (int64_t a = 0; a < (phases ? n.stride[0] : 1); ++a) {
      for (int64_t b = 0; b < (phases ? n.stride[1] : 1); ++b) phase(n, a, b);
    }
    step.phases = int64_t(plan_.phases.size()) - step.first_phase;
    plan_.steps.push_back(step);
  }

  void phase(const gx_causal_node& n, int64_t a, int64_t b) {
    CausalPhase phase = {int64_t(plan_.operands.size()), n.sources, int64_t(plan_.weights.size()), 0,
                         int64_t(plan_.cuts.size()),     1};
    for (int64_t s = 0; s < n.sources; ++s) {
      const gx_causal_source& source = p_.source[n.first_source + s];
      const CausalStep& from = plan_.steps[size_t(source.node)];
      CausalOperand operand = {from.ring, from.first_channel + source.first_channel, source.channels, 1};
      if (n.kind == GX_CAUSAL_CONV) {
        const size_t first = met_.size();
        for (int64_t t = source.first_tap; t < source.first_tap + source.taps; ++t) {
          const gx_causal_tap& tap = p_.tap[t];
          const bool meets =
              !n.transposed || (floor_mod(a - tap.dh, n.stride[0]) == 0 && floor_mod(b - tap.dw, n.stride[1]) == 0);
          if (meets) met_.push_back(tap);
        }
        operand.taps = int64_t(met_.size() - first);
        for (int64_t c = source.first_column; c < source.first_column + source.channels; ++c) {
          for (size_t t = first; t < met_.size(); ++t) plan_.weights.push_back(c * n.column_step + met_[t].weight);
        }
      } else {
        met_.push_back({0, 0, 0});
      }
      first_tap_.push_back(int64_t(met_.size()) - operand.taps);
      source_.push_back(source.node);
      plan_.operands.push_back(operand);
    }
    phase.terms = int64_t(plan_.weights.size()) - phase.first_term;
    phase.blocks = phase.terms <= kDepth ? 1 : (phase.terms + kDepth - 1) / kDepth;
    for (int64_t cut = 0; cut <= phase.blocks; ++cut) plan_.cuts.push_back(phase.terms * cut / phase.blocks);
    plan_.phases.push_back(phase);
  }

  // --- The walk

  static constexpr int32_t word(int64_t i, int64_t j) { return int32_t(i << 16 | j); }

  void draw() {
    const gx_causal_head& h = p_.head[head_];
    const int64_t i = pixel_ / p_.width, j = pixel_ % p_.width;
    need(h.node, i, j);
    plan_.tape.push_back(int32_t(-1 - head_));
    plan_.tape.push_back(int32_t(pixel_));
    push(p_.nodes, word(i, j));
    wrote(p_.nodes, i);
    push(plan_.steps[size_t(h.node)].ring, word(i, j));
  }

  void need(int64_t node, int64_t i, int64_t j) {
    const gx_causal_node& n = p_.node[node];
    if (n.kind == GX_CAUSAL_EXAMPLE) return;
    if (n.kind == GX_CAUSAL_INPUT) {
      const int64_t pixel = i * p_.width + j;
      if (pixel < pixel_ || (pixel == pixel_ && known_after_[size_t(node)] < head_)) return;
      fail(GX_INVALID_ARGUMENT,
           "a network to draw from must be causal: head %lld at pixel (%lld, %lld) needs pixel (%lld, %lld) of node "
           "%lld, whose image channels %lld to %lld are drawn later",
           (long long)head_, (long long)(pixel_ / p_.width), (long long)(pixel_ % p_.width), (long long)i, (long long)j,
           (long long)node, (long long)n.first_channel, (long long)(n.first_channel + n.channels - 1));
    }
    uint8_t& done = done_[size_t(first_[size_t(node)] + i * n.width + j)];
    if (done) return;
    done = 1;
    evaluate(node, n, i, j);
  }

  void evaluate(int64_t node, const gx_causal_node& n, int64_t i, int64_t j) {
    const CausalStep& step = plan_.steps[size_t(node)];
    int64_t which = step.first_phase;
    if (step.phases > 1) which += i % n.stride[0] * n.stride[1] + j % n.stride[1];
    const CausalPhase& phase = plan_.phases[size_t(which)];
    const bool conv = n.kind == GX_CAUSAL_CONV;
    const size_t begin = words_.size();
    for (int64_t o = phase.first_operand; o < phase.first_operand + phase.operands; ++o) {
      const int64_t source = source_[size_t(o)], taps = plan_.operands[size_t(o)].taps;
      const int64_t height = p_.node[source].height, width = p_.node[source].width;
      const gx_causal_tap* const tap = met_.data() + first_tap_[size_t(o)];
      for (int64_t t = 0; t < taps; ++t) {
        int64_t r = i, c = j;
        if (conv && !(causal_meets(n, 0, i, tap[t].dh, height, &r) && causal_meets(n, 1, j, tap[t].dw, width, &c))) {
          words_.push_back(-1);
          continue;
        }
        need(source, r, c);
        words_.push_back(word(r, c));
      }
    }
    plan_.tape.push_back(int32_t(node));
    wrote(node, i);
    plan_.tape.push_back(word(i, j));
    if (step.phases > 1) plan_.tape.push_back(int32_t(which - step.first_phase));
    size_t at = begin;
    for (int64_t o = phase.first_operand; o < phase.first_operand + phase.operands; ++o) {
      const CausalOperand& operand = plan_.operands[size_t(o)];
      for (int64_t t = 0; t < operand.taps; ++t) push(operand.ring, words_[at++]);
    }
    words_.resize(begin);
    ++plan_.evaluations[size_t(pixel_)];
  }

  // --- Rings: a row stays until the row that takes its place is written

  void push(int64_t ring, int32_t word) {
    plan_.tape.push_back(word);
    if (word >= 0) keep(ring, word >> 16);
  }
  void wrote(int64_t ring, int64_t row) {
    if (row > top_[size_t(ring)]) top_[size_t(ring)] = row;
    keep(ring, row);
  }
  void keep(int64_t ring, int64_t row) {
    CausalRing& r = plan_.rings[size_t(ring)];
    if (r.rows > 0 && top_[size_t(ring)] - row + 1 > r.rows) r.rows = top_[size_t(ring)] - row + 1;
  }

  // Pixels on the tape become slots.
  void place() {
    std::vector<std::vector<int32_t>> row_at(plan_.rings.size());
    for (size_t r = 0; r < row_at.size(); ++r) {
      const CausalRing& ring = plan_.rings[r];
      const int64_t height = int64_t(r) == p_.nodes ? p_.height : p_.node[r].height;
      for (int64_t i = 0; i < height; ++i)
        row_at[r].push_back(int32_t(ring.rows == 0 ? 0 : i % ring.rows * ring.width));
    }
    const auto place = [&](int64_t ring, int32_t& word) {
      if (word < 0) return;
      word = plan_.rings[size_t(ring)].rows == 0 ? 0 : row_at[size_t(ring)][size_t(word >> 16)] + (word & 0xFFFF);
    };
    for (int32_t* w = plan_.tape.data(); w != plan_.tape.data() + plan_.tape.size();) {
      const int32_t op = *w++;
      if (op < 0) {
        place(p_.nodes, w[1]);
        place(plan_.steps[size_t(p_.head[-1 - op].node)].ring, w[2]);
        w += 3;
        continue;
      }
      const CausalStep& step = plan_.steps[size_t(op)];
      place(op, *w++);
      const CausalPhase& phase = plan_.phases[size_t(step.first_phase + (step.phases > 1 ? *w++ : 0))];
      for (int64_t o = phase.first_operand; o < phase.first_operand + phase.operands; ++o) {
        const CausalOperand& operand = plan_.operands[size_t(o)];
        for (int64_t t = 0; t < operand.taps; ++t) place(operand.ring, *w++);
      }
    }
  }

  const gx_causal_program& p_;
  CausalPlan plan_;
  int64_t pixel_ = 0, head_ = 0, positions_ = 0;
  std::vector<int64_t> first_, known_after_;       // per node: where its flags begin; the head that completes an INPUT
  std::vector<int64_t> source_, first_tap_, top_;  // per operand: node, taps; per ring: its greatest row so far
  std::vector<gx_causal_tap> met_;                 // of each operand, those that meet something in its phase
  std::vector<uint8_t> done_;
  std::vector<int32_t> words_;  // of the evaluations that wait for their operands, one on top of another
};

}  // namespace

CausalPlan causal_plan(const gx_causal_program& program) { return Planner(program).make(); }

}  // namespace gx
