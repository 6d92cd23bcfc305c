// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The gradient of the weights as a product of the rows' side and patches of the columns' side, summed along pixels.
// dW is cut into parts, and where it is small the examples are cut into spans as well: an item is a part over a span.
// It walks over boxes of pixels; a box's sums are float32, a lane of a vector each, and boxes and spans are added up in
// double in their order, so that a gradient over a million pixels is as accurate as one over a thousand. All cuts
// depend on the shapes alone. Contract: conv_weight_gradient.h.

#include "kernels/conv/conv_weight_gradient/conv_weight_gradient.h"
#include "kernels/conv/conv_weight_gradient/patches.h"
#include "kernels/linear/product/run.h"

namespace gx::GX_ISA {
namespace {

// Pixels of a box: a tile's patches of as many stay in the L1 cache while rows pass by. With at most a tile's rows
// nothing passes by, and longer sums are better.
constexpr int64_t kBox = 1024, kLongBox = 256 * kLanes;
constexpr int64_t kPatchStride = kBox + 16;  // an odd number of cache lines
// A part's rows and (column, tap) pairs: packed patches of a box, a group of rows and the part's sums fit the L2 cache.
constexpr int64_t kPartRows = 256, kPartColumns = 96, kGroupTiles = 8;

class WeightGradient {
 public:
  WeightGradient(const ConvShape& s, const float* rows_side, const float* columns_side, float* dW, Team& team)
      : s_(s),
        rows_side_(rows_side),
        dW_(dW),
        rows_(s.rows()),
        columns_(s.columns() * s.live_taps),
        row_pixels_(s.p.transposed ? s.in_pixels : s.out_pixels),
        masked_(s.live_taps < s.kernel_taps || s.p.colours > 1),
        patches_(s, columns_side, s.rows() <= kDotRows ? kLongBox : kBox, team) {
    const int64_t line = patches_.merges() ? row_pixels_ : (s.p.transposed ? s.p.in_size : s.out_size)[2];
    // Lines of patches are read where they lie if few rows share them, unless their vectors would be half empty.
    packs_ = rows_ > kDotRows && ((rows_ > 2 * kLanes && !patches_.merges()) || line * 4 < kLanes * 3);
    row_parts_ = parts_of(rows_, kPartRows);
    column_parts_ = parts_of(columns_, kPartColumns);
    tile_rows_ = rows_ == 1 ? 1 : kDotRows;
    tile_columns_ = rows_ == 1 ? kDotSingle : kDotColumns;
    tile_sums_ = dot_sums(tile_rows_, tile_columns_);
    part_sums_ = tile_sums_ * parts_of(parts_of(rows_, row_parts_), tile_rows_) *
                 parts_of(parts_of(columns_, column_parts_), tile_columns_);
    const int64_t boxes = patches_.boxes();
    const double work = double(rows_) * double(columns_) * double(row_pixels_) * double(s.p.batch);
    spans_ = parts_of(kItems, parts());
    if (spans_ > boxes / 2) spans_ = boxes < 4 ? 1 : boxes / 2;
    if (double(spans_) > work / kThreadWork) spans_ = int64_t(work / kThreadWork) + 1;
    if (spans_ > 1) partial_ = reinterpret_cast<double*>(team.scratch(2 * parts() * spans_ * part_sums_));
  }

  void run(Team& team) const {
    const Scratch at(*this);
    auto work = [&](int64_t item, float* scratch) { this->item(item, at, scratch); };
    run_items(team, parts() * spans_, at.end, work);
    if (spans_ == 1) return;
    auto add = [&](int64_t i, float*) { write(i, partial_ + i * spans_ * part_sums_); };
    run_items(team, parts(), 0, add);
  }

 private:
  static constexpr int64_t kItems = 32;  // enough for balance

  struct Part {
    int64_t group, row, rows, column, columns;
  };
  int64_t parts() const { return s_.p.groups * row_parts_ * column_parts_; }
  Part part_at(int64_t i) const {
    const int64_t c = i % column_parts_, r = i / column_parts_ % row_parts_;
    Part p = {i / column_parts_ / row_parts_, part(rows_, row_parts_, r), 0, part(columns_, column_parts_, c), 0};
    p.rows = part(rows_, row_parts_, r + 1) - p.row;
    p.columns = part(columns_, column_parts_, c + 1) - p.column;
    return p;
  }

  // A thread's scratch, in floats.
  struct Scratch {
    int64_t offsets, lines, sums, packed_rows, packed, copy, end;
    explicit Scratch(const WeightGradient& w) {
      const int64_t columns = parts_of(w.columns_, w.column_parts_);
      const int64_t channels = lesser(w.s_.columns(), columns / w.s_.live_taps + 2);
      offsets = 0;
      lines = offsets + 2 * columns;
      sums = lines + 4 * w.patches_.most_lines();
      sums = (sums + 15) / 16 * 16;
      packed_rows = sums + (w.spans_ == 1 ? 2 * w.part_sums_ : 0);
      packed = packed_rows + (w.packs_ ? parts_of(w.rows_, w.row_parts_) * kPatchStride : 0);
      copy = packed + (w.packs_ ? columns * kPatchStride : 0);
      end = copy + channels * w.patches_.copy_floats() + kLanes;
    }
  };

  void item(int64_t i, const Scratch& at, float* scratch) const {
    const Part p = part_at(i / spans_);
    const int64_t taps = s_.live_taps, channel = p.column / taps;
    const int64_t channels = (p.column + p.columns - 1) / taps - channel + 1;
    int64_t* const offsets = reinterpret_cast<int64_t*>(scratch + at.offsets);
    DotLine* const lines = reinterpret_cast<DotLine*>(scratch + at.lines);
    double* const sums = spans_ == 1 ? reinterpret_cast<double*>(scratch + at.sums) : partial_ + i * part_sums_;
    for (int64_t q = 0; q < part_sums_; ++q) sums[q] = 0;
    const auto patch_offset = [&](int64_t k) {
      return patches_.offset((p.column + k) / taps - channel, (p.column + k) % taps);
    };
    for (int64_t k = 0; k < p.columns; ++k) offsets[k] = packs_ ? k * kPatchStride : patch_offset(k);

    const int64_t boxes = patches_.boxes(), end = part(boxes, spans_, i % spans_ + 1);
    for (int64_t b = part(boxes, spans_, i % spans_); b < end; ++b) {
      const Box box = patches_.box(b);
      const float* from = patches_.make(box, p.group, channel, channels, scratch + at.copy);
      const float* rows =
          rows_side_ + ((box.at[0] * s_.p.groups + p.group) * rows_ + p.row) * row_pixels_ + patches_.row_at(box);
      int64_t row_stride = row_pixels_, width;
      int64_t count = patches_.lines(box, channels, lines, &width);
      if (packs_) {
        for (int64_t k = 0; k < p.columns; ++k) {
          float* to = scratch + at.packed + k * kPatchStride;
          const float* const patch = from + patch_offset(k);
          for (int64_t l = 0; l < count; ++l, to += width) copy_run(patch + lines[l].patch, to, width);
        }
        from = scratch + at.packed;
        if (box.size[0] > 1) {
          pack_rows_side(box, rows, p.rows, scratch + at.packed_rows);
          rows = scratch + at.packed_rows;
          row_stride = kPatchStride;
        }
        lines[0] = {0, 0};
        count = 1;
        width = box.pixels();
      }
      tiles(p, rows, row_stride, from, offsets, lines, count, width, sums);
    }
    if (spans_ == 1) write(i, sums);
  }

  // Whole examples side by side.
  void pack_rows_side(const Box& box, const float* rows, int64_t count, float* packed) const {
    for (int64_t r = 0; r < count; ++r, rows += row_pixels_, packed += kPatchStride) {
      for (int64_t e = 0; e < box.size[0]; ++e) {
        copy_run(rows + e * s_.p.groups * rows_ * row_pixels_, packed + e * row_pixels_, row_pixels_);
      }
    }
  }

  void tiles(const Part& p, const float* rows, int64_t row_stride, const float* patches, const int64_t* offsets,
             const DotLine* lines, int64_t count, int64_t width, double* sums) const {
    const int64_t down = parts_of(p.rows, tile_rows_), across = parts_of(p.columns, tile_columns_);
    for (int64_t first = 0; first < down; first += kGroupTiles) {
      for (int64_t j = 0; j < across; ++j) {
        const int64_t k = part(p.columns, across, j), columns = part(p.columns, across, j + 1) - k;
        for (int64_t i = first; i < lesser(first + kGroupTiles, down); ++i) {
          const int64_t r = part(p.rows, down, i), height = part(p.rows, down, i + 1) - r;
          dot_function(height, columns)(rows + r * row_stride, row_stride, patches, offsets + k, lines, count, width,
                                        sums + (i * across + j) * tile_sums_);
        }
      }
    }
  }

  // Adds a part's spans up and writes it.
  void write(int64_t i, const double* sums) const {
    const Part p = part_at(i);
    const int64_t down = parts_of(p.rows, tile_rows_), across = parts_of(p.columns, tile_columns_);
    for (int64_t t = 0; t < down * across; ++t, sums += tile_sums_) {
      const int64_t r = part(p.rows, down, t / across), height = part(p.rows, down, t / across + 1) - r;
      const int64_t k = part(p.columns, across, t % across), columns = part(p.columns, across, t % across + 1) - k;
      float tile[dot_sums(kDotRows, kDotColumns) > kDotSingle ? dot_sums(kDotRows, kDotColumns) : kDotSingle + kLanes];
      for (int64_t q = 0; q < height * columns; ++q) {
        double sum = sums[q];
        for (int64_t s = 1; s < spans_; ++s) sum += sums[s * part_sums_ + q];
        tile[q] = float(sum);
      }
      for (int64_t row = 0; row < height; ++row) {
        write_row(p, p.row + r + row, p.column + k, columns, tile + row * columns);
      }
    }
  }
  void write_row(const Part& p, int64_t row, int64_t column, int64_t columns, const float* from) const {
    if (!masked_) {
      float* const to = dW_ + (p.group * rows_ + row) * columns_ + column;
      for (int64_t k = 0; k < columns; ++k) to[k] = from[k];
      return;
    }
    float* const to = dW_ + (p.group * rows_ + row) * s_.columns() * s_.kernel_taps;
    for (int64_t k = 0; k < columns; ++k) {
      const int64_t c = (column + k) / s_.live_taps;
      const ConvTap& tap = s_.taps[(column + k) % s_.live_taps];
      to[c * s_.kernel_taps + tap.index] = c < s_.live_columns(tap, row) ? from[k] : 0.0f;
    }
  }

  const ConvShape& s_;
  const float* rows_side_;
  float* dW_;
  int64_t rows_, columns_, row_pixels_;  // columns_: (column, live tap) pairs
  bool masked_, packs_;
  Patches patches_;
  int64_t row_parts_, column_parts_, spans_;
  int64_t tile_rows_, tile_columns_, tile_sums_, part_sums_;
  double* partial_ = nullptr;
};

}  // namespace

bool conv_weight_gradient_suits_taps(const ConvShape&) { return true; }
void conv_weight_gradient_taps(const ConvShape& s, const float* x, const float* dz, float* dW, Team& team) {
  if (s.live_taps < s.kernel_taps) {
    for (int64_t i = 0; i < s.weight_count(); ++i) dW[i] = 0.0f;
  }
  if (s.live_taps == 0) return;
  const WeightGradient gradient(s, s.p.transposed ? x : dz, s.p.transposed ? dz : x, dW, team);
  gradient.run(team);
}

}  // namespace gx::GX_ISA
