// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/axis_map.h"

#include <algorithm>

namespace gx {

void AxisMap::tap(int64_t index, double weight) {
  if (weight == 0) return;
  index_.push_back(int32_t(index));
  weight_.push_back(float(weight));
}

// Positions are ratios of whole numbers, so that equal weights are the same float wherever they stand.
AxisMap AxisMap::resize(gx_resize_kind kind, int64_t in, int64_t out) {
  const bool grows = out % in == 0, shrinks = in % out == 0;
  AxisMap map(in, grows ? out / in : 1, grows ? 1 : shrinks ? in / out : 1);
  const int64_t factor = out / in;
  for (int64_t o = 0; o < out; ++o) {
    if (kind == GX_RESIZE_NEAREST || kind == GX_RESIZE_UPPER_LEFT) {
      if (kind == GX_RESIZE_NEAREST || o % factor == 0) map.tap(o / factor, 1);
    } else {
      const bool aligned = kind == GX_RESIZE_LINEAR_ALIGNED;
      const int64_t over = aligned ? std::max<int64_t>(1, out - 1) : 2 * out;
      const int64_t at = aligned ? o * (in - 1) : std::max<int64_t>(0, (2 * o + 1) * in - out);
      const int64_t low = std::min(at / over, in - 1);
      const double part = low == in - 1 ? 0 : double(at % over) / double(over);
      map.tap(low, 1 - part);
      map.tap(low + 1, part);
    }
    map.end_output();
  }
  if (kind >= GX_RESIZE_LINEAR && map.taps().repeats * map.period_ < out / 2) map.pair_up();
  return map;
}

void AxisMap::pair_up() {
  const size_t out = begin_.size() - 1;
  for (size_t o = 0; o < out + 16; ++o) {
    const size_t k = size_t(begin_[std::min(o, out - 1)]), end = size_t(begin_[std::min(o, out - 1) + 1]);
    low_.push_back(index_[k]);
    below_.push_back(weight_[k]);
    above_.push_back(end - k == 2 ? weight_[k + 1] : 0);
  }
}

AxisMap AxisMap::pool(gx_pooling kind, int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t dilation,
                      int64_t padding) {
  AxisMap map(in, 1, stride);
  for (int64_t o = 0; o < out; ++o) {
    const int64_t start = o * stride - padding;
    const int64_t low = start < 0 ? (-start + dilation - 1) / dilation : 0;
    const int64_t high = start >= in ? 0 : std::min(kernel, (in - start + dilation - 1) / dilation);
    const double over = kind == GX_POOL_SUM ? 1 : kind == GX_POOL_AVERAGE ? double(kernel) : double(high - low);
    for (int64_t t = low; t < high; ++t) map.tap(start + t * dilation, 1 / over);
    map.end_output();
  }
  return map;
}

AxisMap AxisMap::pad(gx_padding kind, int64_t in, int64_t before, int64_t after) {
  AxisMap map(in, 1, 1);
  for (int64_t o = -before; o < in + after; ++o) {
    if (o >= 0 && o < in) {
      map.tap(o, 1);
    } else if (kind == GX_PAD_REFLECT) {
      map.tap(o < 0 ? -o : 2 * (in - 1) - o, 1);
    }
    map.end_output();
  }
  return map;
}

AxisMap AxisMap::transposed() const {
  const int64_t out = int64_t(begin_.size()) - 1, taps = int64_t(index_.size());
  AxisMap map(out, step_, period_);
  map.begin_.assign(size_t(in_) + 1, 0);
  for (int32_t i : index_) ++map.begin_[size_t(i) + 1];
  for (int64_t i = 0; i < in_; ++i) map.begin_[size_t(i) + 1] += map.begin_[size_t(i)];
  map.index_.resize(size_t(taps));
  map.weight_.resize(size_t(taps));
  std::vector<int64_t> next(map.begin_);
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t k = begin_[size_t(o)]; k < begin_[size_t(o) + 1]; ++k) {
      const size_t to = size_t(next[size_t(index_[size_t(k)])]++);
      map.index_[to] = int32_t(o);
      map.weight_[to] = weight_[size_t(k)];
    }
  }
  return map;
}

bool AxisMap::same(int64_t output) const {
  const int64_t a = begin_[size_t(output)], b = begin_[size_t(output + period_)];
  const int64_t count = begin_[size_t(output) + 1] - a;
  if (begin_[size_t(output + period_) + 1] - b != count) return false;
  for (int64_t k = 0; k < count; ++k) {
    if (index_[size_t(b + k)] != index_[size_t(a + k)] + step_ || weight_[size_t(b + k)] != weight_[size_t(a + k)]) {
      return false;
    }
  }
  return true;
}

AxisTaps AxisMap::taps() const {
  const int64_t out = int64_t(begin_.size()) - 1;
  AxisTaps t = {in_,
                out,
                begin_.data(),
                index_.data(),
                weight_.data(),
                0,
                period_,
                step_,
                0,
                1,
                low_.empty() ? nullptr : low_.data(),
                below_.data(),
                above_.data()};
  // The longest run of outputs that go on as they are, first of equal ones.
  int64_t longest = -1;
  for (int64_t o = 0; o + period_ <= out;) {
    int64_t end = o;
    while (end + period_ < out && same(end)) ++end;
    if (end - o > longest) longest = end - o, t.first = o, t.repeats = (end - o) / period_ + 1;
    o = end + 1;
  }
  for (int64_t o = 0; o < out; ++o) {
    const auto low = index_.begin() + begin_[size_t(o)], high = index_.begin() + begin_[size_t(o) + 1];
    if (low == high) continue;
    const auto ends = std::minmax_element(low, high);
    t.span = std::max<int64_t>(t.span, *ends.second - *ends.first + 1);
  }
  return t;
}

}  // namespace gx
