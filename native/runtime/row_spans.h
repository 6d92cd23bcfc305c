// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Cuts a [rows][units] array into work items of about equal size: several short rows, or a part of a long one.
#ifndef GENERATRIX_RUNTIME_ROW_SPANS_H_
#define GENERATRIX_RUNTIME_ROW_SPANS_H_

#include <algorithm>
#include <cstdint>

namespace gx {

class RowSpans {
 public:
  // span: the most units of one item's part of a row; parts begin at its multiples.
  RowSpans(int64_t rows, int64_t units, int64_t span)
      : rows_(rows),
        units_(units),
        span_(span),
        spans_(units > 0 ? (units + span - 1) / span : 0),
        rows_per_item_(spans_ > 1 ? 1 : std::max<int64_t>(1, span / std::max<int64_t>(1, units))) {}

  int64_t items() const { return (rows_ + rows_per_item_ - 1) / rows_per_item_ * spans_; }

  // body(row, first unit, count) for every part of an item.
  template <class Body>
  void each(int64_t item, Body&& body) const {
    const int64_t first = item % spans_ * span_, begin = item / spans_ * rows_per_item_;
    for (int64_t row = begin; row < std::min(rows_, begin + rows_per_item_); ++row) {
      body(row, first, std::min(span_, units_ - first));
    }
  }

  // body(first row, end row, first unit, count) for all of an item at once.
  template <class Body>
  void whole(int64_t item, Body&& body) const {
    const int64_t first = item % spans_ * span_, begin = item / spans_ * rows_per_item_;
    body(begin, std::min(rows_, begin + rows_per_item_), first, std::min(span_, units_ - first));
  }

 private:
  int64_t rows_, units_, span_, spans_, rows_per_item_;
};

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_ROW_SPANS_H_
