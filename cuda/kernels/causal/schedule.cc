// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/causal/schedule.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <mutex>

#include "runtime/status.h"

namespace gx::cuda::causal {
namespace {

constexpr int64_t kThreads = 256;        // that a convolution's outputs are shared among, where they are few
constexpr int64_t kLeastChunk = 1024;    // words
constexpr int64_t kMostWords = 1 << 14;  // of an instruction, so that its chunk fits into shared memory

// A step of the plan's tape.
struct Step {
  int32_t node;  // or -1 - head
  int32_t slot;  // of the result
  int64_t phase;
  const int32_t* words;  // of the operands, one after another
  int32_t pixel;         // of a head
};

// An activation from its computation to its last use.
struct Value {
  int32_t reads = 0;
  int32_t last = -1;  // step that reads or writes it
  int32_t channels = 0;
  int32_t place = -1;
  bool freed = false;
};

// Places of a block's memory. What was freed longest ago is used first: the more apart, the fewer barriers.
class Places {
 public:
  int64_t size() const { return size_; }
  int32_t take(int64_t channels) {
    const int64_t room = (channels + 3) / 4 * 4;
    std::deque<int32_t>& free = free_[room];
    if (free.empty()) {
      size_ += room;
      if (size_ > INT32_MAX / 16)
        fail(GX_UNSUPPORTED, "an image's activations must be less than 2^27 numbers on a GPU");
      return int32_t(size_ - room);
    }
    const int32_t place = free.front();
    free.pop_front();
    return place;
  }
  void give(int32_t place, int64_t channels) { free_[(channels + 3) / 4 * 4].push_back(place); }

 private:
  int64_t size_ = 0;
  std::map<int64_t, std::deque<int32_t>> free_;
};

class Maker {
 public:
  explicit Maker(const gx_causal_program& program) : p_(program), plan_(causal_plan(program)) {}

  Schedule make() {
    for (size_t f = 0; f < plan_.phases.size(); ++f) add_phase(plan_.phases[f]);
    lay_out_convolutions();
    heads_ = int32_t(s_.instructions.size());
    for (int64_t h = 0; h < p_.heads; ++h) add_head(int32_t(h));
    known_.resize(plan_.phases.size());
    count_uses();
    place_fixed();
    write_tape();
    cut_tape();
    s_.places = places_.size();
    s_.evaluations = plan_.evaluations;
    return static_cast<Schedule&&>(s_);
  }

 private:
  // --- What does not change

  void add_phase(const CausalPhase& phase) {
    int64_t words = 0;
    for (int64_t o = phase.first_operand; o < phase.first_operand + phase.operands; ++o) {
      words += plan_.operands[size_t(o)].taps;
    }
    words_.push_back(words);
    layouts_.push_back({});
  }

  struct Layout {
    int32_t log_splits, rounds, table, weights, bias;
  };

  // As many threads to an output as make it fast: a round costs some 24 cycles, a halving of the sums by a shuffle 26.
  // Not looked at: images at a time, on which the order of a sum must not depend.
  static int32_t splits_for(int64_t quads, int64_t outputs) {
    int32_t best = 0;
    int64_t least = INT64_MAX;
    for (int32_t l = 0; l <= 5; ++l) {
      if (l > 0 && outputs << l > kThreads) break;
      const int64_t rounds = (quads + (1 << l) - 1) >> l, cost = 24 * rounds + 26 * l;
      if (cost < least) least = cost, best = l;
    }
    return best;
  }

  void lay_out_convolutions() {
    for (int64_t i = 0; i < p_.nodes; ++i) {
      const gx_causal_node& n = p_.node[i];
      const CausalStep& step = plan_.steps[size_t(i)];
      for (int64_t f = step.first_phase; n.kind == GX_CAUSAL_CONV && f < step.first_phase + step.phases; ++f) {
        lay_out(i, n, plan_.phases[size_t(f)], layouts_[size_t(f)]);
      }
    }
  }

  void lay_out(int64_t node, const gx_causal_node& n, const CausalPhase& phase, Layout& layout) {
    std::vector<Quad> quads;
    const int64_t first_source = int64_t(s_.sources.size());
    int32_t word = 0;
    int64_t term = phase.first_term;
    for (int64_t o = phase.first_operand; o < phase.first_operand + phase.operands; ++o) {
      const CausalOperand& operand = plan_.operands[size_t(o)];
      s_.zeros = std::max(s_.zeros, operand.channels);
      for (int64_t t = 0; t < operand.taps; ++t, ++word) {
        for (int64_t c = 0; c < operand.channels; c += 4) {
          const int64_t count = std::min<int64_t>(4, operand.channels - c);
          quads.push_back({word, int32_t(8 * c + count)});
          for (int64_t k = 0; k < 4; ++k) {
            s_.sources.push_back(k < count ? plan_.weights[size_t(term + (c + k) * operand.taps + t)] : -1);
          }
        }
      }
      term += operand.channels * operand.taps;
    }
    layout.log_splits = splits_for(int64_t(quads.size()), n.channels);
    const int64_t splits = int64_t(1) << layout.log_splits;
    layout.rounds = int32_t((int64_t(quads.size()) + splits - 1) / splits);
    layout.table = int32_t(s_.quads.size());
    layout.weights = int32_t(s_.packs);
    layout.bias = int32_t(s_.biases);
    quads.resize(size_t(layout.rounds * splits), {0, 0});
    s_.sources.resize(size_t(first_source) + 4 * quads.size(), -1);
    s_.quads.insert(s_.quads.end(), quads.begin(), quads.end());
    s_.packings.push_back(
        {node, layout.log_splits, layout.rounds, int32_t(n.channels), layout.weights, layout.bias, first_source});
    s_.packs += layout.rounds * splits * n.channels;
    s_.biases += n.channels;
    if (s_.packs > INT32_MAX / 4 || s_.quads.size() > INT32_MAX / 4) {
      fail(GX_UNSUPPORTED, "a network's weights must be less than 2^31 numbers on a GPU");
    }
  }

  void add_head(int32_t h) {
    Instruction i = {};
    i.kind = kHead;
    i.words = 4;
    i.bias = h;
    s_.instructions.push_back(i);
  }

  // --- The plan's tape, step by step

  const int32_t* read(const int32_t* w, Step* step) const {
    *step = {*w++, 0, 0, nullptr, 0};
    if (step->node < 0) {
      step->pixel = w[0];
      step->slot = w[1];
      step->words = w + 2;
      return w + 3;
    }
    const CausalStep& of = plan_.steps[size_t(step->node)];
    step->slot = *w++;
    step->phase = of.first_phase + (of.phases > 1 ? *w++ : 0);
    step->words = w;
    return w + words_[size_t(step->phase)];
  }
  const int32_t* tape_begin() const { return plan_.tape.data(); }
  const int32_t* tape_end() const { return plan_.tape.data() + plan_.tape.size(); }

  // body(ring, slot or -1, first channel, channels) for each word of a step's operands.
  template <class Body>
  void each_operand(const Step& s, Body&& body) const {
    if (s.node < 0) {
      const gx_causal_head& h = p_.head[-1 - s.node];
      const CausalStep& from = plan_.steps[size_t(h.node)];
      body(from.ring, s.words[0], from.first_channel + h.first_channel, int64_t(1));
      return;
    }
    const CausalPhase& phase = plan_.phases[size_t(s.phase)];
    const int32_t* w = s.words;
    for (int64_t o = phase.first_operand; o < phase.first_operand + phase.operands; ++o) {
      const CausalOperand& operand = plan_.operands[size_t(o)];
      for (int64_t t = 0; t < operand.taps; ++t) body(operand.ring, *w++, operand.first_channel, operand.channels);
    }
  }

  // The value in a slot, by a walk that makes the same values in the same order every time.
  struct Slots {
    std::vector<std::vector<int32_t>> value;
    std::vector<int32_t> pixel;  // of the image's slots
    int32_t values = 0;
  };
  Slots slots() const {
    Slots s;
    for (const CausalRing& r : plan_.rings) s.value.emplace_back(size_t(r.slots()), -1);
    s.pixel.assign(size_t(plan_.rings.back().slots()), -1);
    for (int64_t i = 0; i < p_.nodes; ++i) {
      if (p_.node[i].kind == GX_CAUSAL_EXAMPLE) s.value[size_t(i)][0] = s.values++;
    }
    return s;
  }
  // A step's result: a new value, but for a head that is not its pixel's first.
  int32_t write(Slots& s, const Step& step) const {
    const size_t ring = step.node < 0 ? size_t(p_.nodes) : size_t(step.node), slot = size_t(step.slot);
    if (step.node < 0 && s.pixel[slot] == step.pixel) return s.value[ring][slot];
    if (step.node < 0) s.pixel[slot] = step.pixel;
    return s.value[ring][slot] = s.values++;
  }

  void count_uses() {
    Slots s = slots();
    values_.resize(size_t(s.values));
    Step step;
    int32_t at = 0;
    for (const int32_t* w = tape_begin(); w != tape_end(); ++at) {
      w = read(w, &step);
      each_operand(step, [&](int64_t ring, int32_t slot, int64_t, int64_t) {
        if (slot < 0) return;
        Value& v = values_[size_t(s.value[size_t(ring)][size_t(slot)])];
        ++v.reads;
        v.last = at;
      });
      const int32_t written = write(s, step);
      if (size_t(written) == values_.size()) values_.emplace_back();
      values_[size_t(written)].last = at;
      values_[size_t(written)].channels = int32_t(step.node < 0 ? p_.channels : p_.node[step.node].channels);
    }
  }

  void place_fixed() {
    if (s_.zeros > 0) places_.take(s_.zeros);  // place 0
    int32_t value = 0;
    for (int64_t i = 0; i < p_.nodes; ++i) {
      if (p_.node[i].kind != GX_CAUSAL_EXAMPLE) continue;
      Value& v = values_[size_t(value++)];
      v.place = places_.take(p_.node[i].channels);
      v.last = INT32_MAX;
      s_.examples.push_back({i, v.place});
    }
  }

  // --- The tape

  void write_tape() {
    Slots s = slots();
    Step step, next;
    for (const int32_t* w = tape_begin(); w != tape_end();) {
      w = read(w, &step);
      group_.clear();
      read_values_.clear();
      reads(s, step);
      const int32_t value = write(s, step);
      group_.push_back({step, value, 0, -1});
      const bool map = step.node >= 0 && (kind(step) == GX_CAUSAL_CONV || kind(step) == GX_CAUSAL_UNARY ||
                                          kind(step) == GX_CAUSAL_BINARY);
      while (map && w != tape_end() && int(group_.size()) <= kAfters) {
        const int32_t* const after = read(w, &next);
        Member member = {next, -1, 0, -1};
        if (!follows(s, next, &member)) break;
        w = after;
        if (member.other >= 0) read_values_.push_back(member.other);
        member.value = write(s, next);
        group_.push_back(member);
      }
      last_step_ += int32_t(group_.size());
      emit();
      free_what_is_done();
    }
  }

  gx_causal_kind kind(const Step& s) const { return p_.node[s.node].kind; }

  struct Member {
    Step step;
    int32_t value;
    int32_t swapped;  // the group's value is the second operand
    int32_t other;    // the value of the other operand, or -1
  };

  // Whether a step is a function of what the group has just computed, number by number.
  bool follows(const Slots& s, const Step& step, Member* member) const {
    if (step.node < 0 || (kind(step) != GX_CAUSAL_UNARY && kind(step) != GX_CAUSAL_BINARY)) return false;
    const CausalPhase& phase = plan_.phases[size_t(step.phase)];
    const int32_t last = group_.back().value;
    if (p_.node[step.node].channels != values_[size_t(last)].channels) return false;
    int found = 0;
    for (int64_t k = 0; k < phase.operands; ++k) {
      const CausalOperand& o = plan_.operands[size_t(phase.first_operand + k)];
      const int32_t value = s.value[size_t(o.ring)][size_t(step.words[k])];
      if (value == last && o.first_channel == 0) {
        ++found;
        member->swapped = k == 1;
      } else {
        for (const Member& m : group_) {
          if (value == m.value) return false;  // not in memory yet
        }
        member->other = value;
      }
    }
    return found == 1;
  }

  void reads(const Slots& s, const Step& step) {
    each_operand(step, [&](int64_t ring, int32_t slot, int64_t, int64_t) {
      if (slot >= 0) read_values_.push_back(s.value[size_t(ring)][size_t(slot)]);
    });
  }

  // The group as an instruction on the tape. By now its results stand in the slots, so that the main step's operands
  // come from `read_values_`, in their order.
  void emit() {
    const Member& main = group_.front();
    // Places of the results that somebody reads from memory.
    for (size_t k = 0; k < group_.size(); ++k) {
      Value& v = values_[size_t(group_[k].value)];
      const int32_t from_memory = v.reads - (k + 1 < group_.size() ? 1 : 0);
      if (v.place < 0 && (main.step.node < 0 || from_memory > 0)) v.place = places_.take(v.channels);
    }
    const bool wait = must_wait();
    if (main.step.node < 0) {
      begin_instruction(heads_ + (-1 - main.step.node), wait);
      words().push_back(main.step.pixel);
      words().push_back(place_of(main));
      operand_places(main.step);
      return;
    }
    switch (kind(main.step)) {
      case GX_CAUSAL_CONCAT:
      case GX_CAUSAL_CONCAT_ELU:
        return pieces(main, wait);
      default:
        break;
    }
    begin_instruction(instruction(), wait);
    words().push_back(place_of(main));
    for (size_t k = 1; k < group_.size(); ++k) {
      const Member& m = group_[k];
      words().push_back(m.other < 0 ? -1 : other_place(m));
      words().push_back(place_of(m));
    }
    operand_places(main.step);
  }

  int32_t place_of(const Member& m) const { return values_[size_t(m.value)].place; }
  int32_t other_place(const Member& m) const {
    const CausalPhase& phase = plan_.phases[size_t(m.step.phase)];
    const CausalOperand& o = plan_.operands[size_t(phase.first_operand + (m.swapped ? 0 : 1))];
    return values_[size_t(m.other)].place + int32_t(o.first_channel);
  }
  void operand_places(const Step& step) {
    size_t next = 0;
    each_operand(step, [&](int64_t, int32_t slot, int64_t first_channel, int64_t) {
      words().push_back(slot < 0 ? 0 : values_[size_t(read_values_[next++])].place + int32_t(first_channel));
    });
  }

  // Copies of sources side by side, or the two halves of a concatenated ELU.
  void pieces(const Member& main, bool wait) {
    const gx_causal_node& n = p_.node[main.step.node];
    const CausalPhase& phase = plan_.phases[size_t(main.step.phase)];
    const bool elu = n.kind == GX_CAUSAL_CONCAT_ELU;
    int32_t to = place_of(main);
    for (int64_t k = 0; k < (elu ? 2 : phase.operands); ++k) {
      const CausalOperand& o = plan_.operands[size_t(phase.first_operand + (elu ? 0 : k))];
      Instruction i = {};
      i.kind = kMap;
      i.channels = int32_t(o.channels);
      i.operands = 1;
      i.operand_word = 2;
      i.words = 3;
      i.function = {!elu ? GX_ACTIVATION_NONE : k == 0 ? int32_t(GX_ACTIVATION_ELU) : kEluOfNegative, 0, 1.0};
      begin_instruction(known(main.step.phase, {int32_t(-1 - k)}, i), wait && k == 0);
      words().push_back(to);
      words().push_back(values_[size_t(read_values_[size_t(elu ? 0 : k)])].place + int32_t(o.first_channel));
      to += i.channels;
    }
  }

  // --- Instructions, each once

  int32_t known(int64_t phase, const std::vector<int32_t>& key, const Instruction& made) {
    for (const Known& k : known_[size_t(phase)]) {
      if (k.key == key) return k.instruction;
    }
    known_[size_t(phase)].push_back({key, int32_t(s_.instructions.size())});
    s_.instructions.push_back(made);
    return known_[size_t(phase)].back().instruction;
  }

  static Function function_of(const gx_causal_node& n, int32_t swapped) {
    const int32_t base = n.kind == GX_CAUSAL_UNARY ? kUnary : n.kind == GX_CAUSAL_BINARY ? kBinary : 0;
    return {base + n.function, swapped, n.p};
  }

  int32_t instruction() {
    const Member& main = group_.front();
    key_.clear();
    for (size_t k = 1; k < group_.size(); ++k) key_.push_back(2 * group_[k].step.node + group_[k].swapped);
    for (const Known& k : known_[size_t(main.step.phase)]) {
      if (k.key == key_) return k.instruction;
    }
    const gx_causal_node& n = p_.node[main.step.node];
    Instruction i = {};
    i.channels = int32_t(n.channels);
    i.afters = int32_t(group_.size()) - 1;
    i.operand_word = 2 + 2 * i.afters;
    const int64_t words = i.operand_word + words_[size_t(main.step.phase)];
    if (words > kMostWords) {
      fail(GX_UNSUPPORTED, "a node must meet at most %lld taps on a GPU, got %lld", (long long)kMostWords,
           (long long)words);
    }
    i.words = int32_t(words);
    i.function = function_of(n, 0);
    for (int32_t k = 0; k < i.afters; ++k) {
      const Member& m = group_[size_t(k) + 1];
      i.after[k] = function_of(p_.node[m.step.node], m.swapped);
    }
    if (n.kind == GX_CAUSAL_CONV) {
      const Layout& l = layouts_[size_t(main.step.phase)];
      i.kind = kConv;
      i.log_splits = l.log_splits, i.rounds = l.rounds, i.table = l.table, i.weights = l.weights, i.bias = l.bias;
    } else {
      i.kind = kMap;
      i.operands = n.kind == GX_CAUSAL_BINARY ? 2 : 1;
    }
    return known(main.step.phase, key_, i);
  }

  // --- Barriers

  // Whether something that the group reads was written since the last barrier, or something that it writes was looked
  // at since.
  bool must_wait() {
    touched_.resize(size_t(places_.size() / 4 + 1), 0);
    written_.resize(touched_.size(), 0);
    bool wait = false;
    const auto at = [&](int32_t value) { return size_t(values_[size_t(value)].place / 4); };
    for (int32_t v : read_values_) wait = wait || written_[at(v)] == epoch_;
    for (const Member& m : group_) {
      if (place_of(m) >= 0) wait = wait || touched_[at(m.value)] == epoch_;
    }
    if (wait) ++epoch_;
    for (int32_t v : read_values_) touched_[at(v)] = epoch_;
    for (const Member& m : group_) {
      if (place_of(m) >= 0) touched_[at(m.value)] = written_[at(m.value)] = epoch_;
    }
    return wait;
  }

  void free_what_is_done() {
    const auto free = [&](int32_t value) {
      Value& v = values_[size_t(value)];
      if (v.last >= last_step_ || v.freed || v.place < 0) return;
      v.freed = true;
      places_.give(v.place, v.channels);
    };
    for (int32_t v : read_values_) free(v);
    for (const Member& m : group_) free(m.value);
  }

  // --- Words

  std::vector<int32_t>& words() { return words_on_tape_; }
  void begin_instruction(int32_t number, bool wait) {
    begins_.push_back(int64_t(words().size()));
    words().push_back(wait ? -1 - number : 1 + number);
    const Instruction& i = s_.instructions[size_t(number)];
    ++s_.steps;
    if (i.kind == kConv) s_.terms += int64_t(i.channels) * i.rounds * 4 << i.log_splits;
  }

  // Chunks begin with an instruction, and end with a word that says so.
  void cut_tape() {
    begins_.push_back(int64_t(words().size()));
    int64_t longest = 0;
    for (size_t i = 0; i + 1 < begins_.size(); ++i) longest = std::max(longest, begins_[i + 1] - begins_[i]);
    s_.chunk = std::max(kLeastChunk, (longest + 1 + 3) / 4 * 4);
    s_.tape.reserve(words().size() + words().size() / 32 + size_t(s_.chunk));
    int64_t first = 0;  // of the chunk
    const auto close = [&](int64_t end, int32_t last) {
      s_.tape.insert(s_.tape.end(), words().begin() + first, words().begin() + end);
      s_.tape.push_back(last);
      s_.tape.resize((s_.tape.size() + size_t(s_.chunk) - 1) / size_t(s_.chunk) * size_t(s_.chunk), kEndOfTape);
      first = end;
    };
    for (size_t i = 0; i + 1 < begins_.size(); ++i) {
      if (begins_[i + 1] - first + 1 > s_.chunk) close(begins_[i], kNextChunk);
    }
    close(int64_t(words().size()), kEndOfTape);
  }

  struct Known {
    std::vector<int32_t> key;
    int32_t instruction;
  };

  const gx_causal_program& p_;
  const CausalPlan plan_;
  Schedule s_;
  std::vector<int64_t> words_;  // per phase: words of its operands
  std::vector<Layout> layouts_;
  int32_t heads_ = 0;  // the first head's instruction
  std::vector<std::vector<Known>> known_;
  std::vector<int32_t> key_;
  std::vector<Value> values_;
  Places places_;
  std::vector<Member> group_;
  std::vector<int32_t> read_values_;  // by the group, its main step's operands first
  int32_t last_step_ = 0;             // steps done, with the group's
  std::vector<int32_t> touched_, written_;
  int32_t epoch_ = 1;
  std::vector<int32_t> words_on_tape_;
  std::vector<int64_t> begins_;
};

}  // namespace

Schedule make_schedule(const gx_causal_program& program) { return Maker(program).make(); }

namespace {

// All of a program that its schedule depends on.
std::vector<int64_t> shape_of(const gx_causal_program& p) {
  std::vector<int64_t> shape = {p.channels, p.height, p.width, p.nodes, p.sources, p.taps, p.heads};
  for (int64_t i = 0; i < p.nodes; ++i) {
    const gx_causal_node& n = p.node[i];
    int64_t parameter;
    std::memcpy(&parameter, &n.p, sizeof parameter);
    shape.insert(shape.end(), {n.kind, n.function, parameter, n.channels, n.height, n.width, n.first_source, n.sources,
                               n.first_channel, n.transposed, n.stride[0], n.stride[1], n.column_step});
  }
  for (int64_t i = 0; i < p.sources; ++i) {
    const gx_causal_source& s = p.source[i];
    shape.insert(shape.end(), {s.node, s.first_channel, s.channels, s.first_column, s.first_tap, s.taps});
  }
  for (int64_t i = 0; i < p.taps; ++i) shape.insert(shape.end(), {p.tap[i].dh, p.tap[i].dw, p.tap[i].weight});
  for (int64_t i = 0; i < p.heads; ++i) {
    shape.insert(shape.end(), {p.head[i].node, p.head[i].first_channel, p.head[i].image_channel, p.head[i].drawn});
  }
  return shape;
}

constexpr size_t kKept = 4, kMostKept = size_t(1) << 23;  // schedules, and words of one
struct Kept {
  std::vector<int64_t> shape;
  std::shared_ptr<const Schedule> schedule;
};
std::mutex mutex;
std::list<Kept> kept;  // the last used first

}  // namespace

std::shared_ptr<const Schedule> schedule_of(const gx_causal_program& program) {
  std::vector<int64_t> shape = shape_of(program);
  {
    const std::lock_guard<std::mutex> lock(mutex);
    for (auto k = kept.begin(); k != kept.end(); ++k) {
      if (k->shape != shape) continue;
      kept.splice(kept.begin(), kept, k);
      return k->schedule;
    }
  }
  auto made = std::make_shared<const Schedule>(make_schedule(program));
  if (made->tape.size() > kMostKept) return made;
  const std::lock_guard<std::mutex> lock(mutex);
  kept.push_front({std::move(shape), made});
  if (kept.size() > kKept) kept.pop_back();
  return made;
}

}  // namespace gx::cuda::causal
