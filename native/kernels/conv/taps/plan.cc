// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conv/taps/plan.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <vector>

namespace gx {
namespace {

using Triple = std::array<int64_t, 3>;

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }
int64_t floor_mod(int64_t a, int64_t b) { return a - floor_div(a, b) * b; }

// The tap's place along axis a, without padding.
int64_t reach(const ConvShape& s, const ConvTap& tap, int a) { return tap.at[a] + s.p.padding[a]; }

// The taps that make the same pixels of y: all of a plain convolution, a residue of the stride of a transposed one.
std::vector<std::vector<const ConvTap*>> phases(const ConvShape& s) {
  std::vector<std::vector<const ConvTap*>> all;
  std::map<Triple, size_t> at;
  for (int64_t t = 0; t < s.live_taps; ++t) {
    Triple phase = {0, 0, 0};
    for (int a = 0; s.p.transposed && a < 3; ++a) phase[size_t(a)] = reach(s, s.taps[t], a) % s.p.stride[a];
    const auto found = at.emplace(phase, all.size());
    if (found.second) all.emplace_back();
    all[found.first->second].push_back(&s.taps[t]);
  }
  return all;
}

// Whether input channel c and the output channels of a colour, of which `row` is one, meet at a tap.
bool meets(const ConvShape& s, const ConvTap& tap, int64_t c, int64_t row) {
  return s.p.transposed ? row < s.live_columns(tap, c) : c < s.live_columns(tap, row);
}

}  // namespace

// Tables are kept in deques, whose elements stay where they are.
struct TapsPlan::Parts {
  std::vector<TapsProduct> products;
  std::deque<std::vector<TapsPlace>> places;
  std::deque<std::vector<std::array<int32_t, 3>>> taps;
  std::deque<std::vector<int64_t>> numbers;
  std::deque<std::vector<int32_t>> term_taps;
  TapsSource source = {};
  int64_t packed_floats = kTapsHeader, row_step = 0, most_taps = 0;
  int64_t out_step[3] = {1, 1, 1};
  bool gaps = false;

  const int64_t* keep(std::vector<int64_t> v) {
    numbers.push_back(std::move(v));
    return numbers.back().data();
  }

  // The planes of the source: of each axis the residues of the stride that a tap reads.
  void split(const ConvShape& s) {
    source.copied = false;
    for (int a = 0; a < 3; ++a) {
      const int64_t step = s.p.transposed ? 1 : s.p.stride[a];
      std::vector<int64_t> residues;
      for (int64_t t = 0; t < s.live_taps; ++t) residues.push_back(floor_mod(s.taps[t].at[a], step));
      std::sort(residues.begin(), residues.end());
      residues.erase(std::unique(residues.begin(), residues.end()), residues.end());
      if (step > 1) source.copied = true;
      source.planes[a] = int64_t(residues.size());
      source.length[a] = std::max<int64_t>(1, (s.p.in_size[a] - residues[0] + step - 1) / step);
      source.residue[a] = keep(residues);
    }
    source.channel = 1;
    for (int a = 0; a < 3; ++a) source.channel *= source.planes[a] * source.length[a];
  }

  // The places of a phase's taps along an axis, and of each tap which and at which offset of the source.
  void axis(const ConvShape& s, const std::vector<const ConvTap*>& phase, int a, TapsProduct& product,
            std::vector<std::array<int32_t, 3>>& own, std::vector<int64_t>& plane, std::vector<int64_t>& shift) {
    const int64_t step = s.p.stride[a];
    TapsAxis& to = product.axis[a];
    to.from = s.p.transposed ? floor_mod(phase[0]->at[a], step) : 0;
    to.size = s.p.transposed ? std::max<int64_t>(0, (s.out_size[a] - to.from + step - 1) / step) : s.out_size[a];
    places.emplace_back();
    std::vector<TapsPlace>& list = places.back();
    std::map<int64_t, int32_t> known;
    for (size_t t = 0; t < phase.size(); ++t) {
      const int64_t at = phase[t]->at[a];
      const int64_t* const residues = source.residue[a];
      const int64_t residue = s.p.transposed ? 0 : floor_mod(at, step);
      const int64_t i = std::lower_bound(residues, residues + source.planes[a], residue) - residues;
      int64_t by = s.p.transposed ? (to.from - at) / step : floor_div(at, step);
      int64_t length = s.p.transposed ? s.p.in_size[a] : (s.p.in_size[a] - residue + step - 1) / step;
      if (length <= 0 || by >= length || by + to.size <= 0) by = length = 0;  // reads nothing anywhere
      const auto found = known.emplace(at, int32_t(list.size()));
      if (found.second) list.push_back({int32_t(by), int32_t(length)});
      own[t][size_t(a)] = found.first->second;
      plane[t] = plane[t] * source.planes[a] + i;
      shift[t] = shift[t] * source.length[a] + by;
    }
    to.places = list.data();
    to.count = int64_t(list.size());
  }

  void terms(const ConvShape& s, const std::vector<const ConvTap*>& phase, const std::vector<int64_t>& offset,
             Extent extent, TapsProduct& product) {
    std::vector<int64_t> from = {0}, weight, of_source;
    std::vector<int32_t> tap;
    for (int64_t c = 0; c < s.in_channels; ++c) {
      for (size_t t = 0; t < phase.size(); ++t) {
        if (!meets(s, *phase[t], c, product.row)) continue;
        weight.push_back(c * (s.p.transposed ? s.columns() : 1) * s.kernel_taps + phase[t]->index);
        if (extent == kPacking) continue;
        of_source.push_back(c * source.channel + offset[t]);
        tap.push_back(int32_t(t));
      }
      from.push_back(int64_t(weight.size()));
    }
    product.k = from.back();
    product.weight = keep(std::move(weight));
    product.channel_from = keep(std::move(from));
    if (!of_source.empty()) {
      const auto ends = std::minmax_element(of_source.begin(), of_source.end());
      product.least = *ends.first, product.most = *ends.second;
    }
    product.source = keep(std::move(of_source));
    term_taps.push_back(std::move(tap));
    product.tap = term_taps.back().data();
  }
};

TapsPlan::TapsPlan(const ConvShape& s, Extent extent) : parts_(new Parts) {
  Parts& p = *parts_;
  p.row_step = (s.p.transposed ? 1 : s.columns()) * s.kernel_taps;
  if (extent == kRunning) p.split(s);
  for (int a = 0; a < 3; ++a) p.out_step[a] = s.p.transposed ? s.p.stride[a] : 1;
  int64_t covered = 0;
  for (const std::vector<const ConvTap*>& phase : phases(s)) {
    TapsProduct product = {};
    std::vector<int64_t> offset(phase.size());
    product.tap_count = int64_t(phase.size());
    p.most_taps = std::max(p.most_taps, product.tap_count);
    if (extent == kRunning) {
      p.taps.emplace_back(phase.size());
      std::vector<int64_t> plane(phase.size()), shift(phase.size());
      for (int a = 0; a < 3; ++a) p.axis(s, phase, a, product, p.taps.back(), plane, shift);
      product.taps = reinterpret_cast<const int32_t(*)[3]>(p.taps.back().data());
      product.pixels = product.axis[0].size * product.axis[1].size * product.axis[2].size;
      covered += product.pixels;
      const int64_t pixels = p.source.length[0] * p.source.length[1] * p.source.length[2];
      for (size_t t = 0; t < phase.size(); ++t) offset[t] = plane[t] * pixels + shift[t];
    }
    const bool coloured = std::any_of(phase.begin(), phase.end(), [](const ConvTap* tap) { return tap->centre; });
    const int64_t colours = coloured ? s.p.colours : 1;
    product.rows = s.out_channels / colours;
    for (int64_t colour = 0; colour < colours; ++colour) {
      product.row = colour * product.rows;
      p.terms(s, phase, offset, extent, product);
      product.blocks = product.k <= kTapsDepth ? 1 : (product.k + kTapsDepth - 1) / kTapsDepth;
      const int64_t lines = ((product.k + product.blocks - 1) / product.blocks + 15) / 16;
      product.stride = (lines | 1) * 16;
      product.packed = p.packed_floats;
      p.packed_floats += s.p.groups * product.blocks * product.rows * product.stride;
      p.products.push_back(product);
    }
  }
  p.gaps = covered < s.out_pixels;
}

TapsPlan::~TapsPlan() { delete parts_; }

const TapsProduct* TapsPlan::products() const { return parts_->products.data(); }
int64_t TapsPlan::count() const { return int64_t(parts_->products.size()); }
int64_t TapsPlan::most_taps() const { return parts_->most_taps; }
int64_t TapsPlan::packed_floats() const { return parts_->packed_floats; }
int64_t TapsPlan::row_step() const { return parts_->row_step; }
const TapsSource& TapsPlan::source() const { return parts_->source; }
int64_t TapsPlan::out_step(int axis) const { return parts_->out_step[axis]; }
bool TapsPlan::gaps() const { return parts_->gaps; }

}  // namespace gx
