// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Cuts the concatenation of a model's segments into work items of equal size: parts of long segments, many short ones
// together.
#ifndef GENERATRIX_KERNELS_OPTIM_SPANS_H_
#define GENERATRIX_KERNELS_OPTIM_SPANS_H_

#include <algorithm>
#include <cstdint>

#include "runtime/device.h"

namespace gx::optim {

class Spans {
 public:
  // An item is at most this many elements, 64 KiB of each array. 2^12 to 2^18 are alike for Adam over 10 million
  // parameters; a model of a few layers has work for several threads.
  static constexpr int64_t kElements = 1 << 14;

  template <class Segment>
  Spans(Workspace& workspace, int64_t segments, const Segment* segment) : segments_(segments) {
    begins_ = workspace.get<int64_t>(segments + 1);
    begins_[0] = 0;
    for (int64_t s = 0; s < segments; ++s) begins_[s + 1] = begins_[s] + segment[s].count;
  }

  int64_t items() const { return (begins_[segments_] + kElements - 1) / kElements; }

  // body(segment, first element, count) for every segment's part of the item, in order.
  template <class Body>
  void each(int64_t item, Body&& body) const {
    int64_t at = item * kElements;
    const int64_t end = std::min(at + kElements, begins_[segments_]);
    int64_t s = std::upper_bound(begins_, begins_ + segments_ + 1, at) - begins_ - 1;
    for (; at < end; ++s) {
      const int64_t count = std::min(end, begins_[s + 1]) - at;
      if (count > 0) body(s, at - begins_[s], count);
      at += count;
    }
  }

 private:
  int64_t segments_;
  int64_t* begins_;  // of each segment in the concatenation, and the end
};

}  // namespace gx::optim

#endif  // GENERATRIX_KERNELS_OPTIM_SPANS_H_
