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
constexpr int64_t kPatchStride = kBox + 16;                                   // an odd number of cache lines
constexpr int64_t kTileFloats = dot_sums(kDotRows + 1, kDotSingle) + kLanes;  // the largest tile and a vector
// A part's rows and (column, tap) pairs. Parts are not smaller than this for the sake of spans or threads.
constexpr int64_t kPartRows = 1024, kPartColumns = 384, kLeastColumns = 96, kGroupRows = 128;

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
    const bool crowded = rows_ > kLanes && row_pixels_ > kBox && row_pixels_ % 512 == 0;
    packs_ = rows_ > kDotRows && (crowded || (rows_ > kLanes && !patches_.merges()) || line * 4 < kLanes * 3);
    packs_rows_ = packs_ && (crowded || patches_.most_examples() > 1);
    row_parts_ = parts_of(rows_, kPartRows);
    tile_rows_ = rows_ == 1 ? 1 : kDotRows;
    tile_columns_ = rows_ == 1 ? kDotSingle : kDotColumns;
    column_parts_ = parts_of(columns_, kPartColumns);
    tile_sums_ = dot_sums(tile_rows_, tile_columns_);
    const int64_t boxes = patches_.boxes();
    const double work = double(rows_) * double(columns_) * double(row_pixels_) * double(s.p.batch);
    const int64_t most_parts = parts_of(columns_, kLeastColumns), row_items = s.p.groups * row_parts_;
    spans_ = parts_of(kItems, row_items * most_parts);
    if (spans_ > boxes / 2) spans_ = boxes < 4 ? 1 : boxes / 2;
    if (double(spans_) > work / kThreadWork) spans_ = int64_t(work / kThreadWork) + 1;
    // Parts of dW change no bits and may follow the threads.
    const int64_t wanted = team.threads() == 1 ? 1 : parts_of(4 * team.threads(), row_items * spans_);
    if (wanted > column_parts_) column_parts_ = lesser(wanted, most_parts);
    part_sums_ =
        tile_sums_ * parts_of(parts_of(rows_, row_parts_), tile_rows_) * parts_of(part_columns(), tile_columns_);
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
  static constexpr int64_t kItems = 16;  // enough for balance

  struct Part {
    int64_t group, row, rows, column, columns;
  };
  int64_t parts() const { return s_.p.groups * row_parts_ * column_parts_; }
  int64_t part_columns() const {  // at most
    return parts_of(parts_of(columns_, tile_columns_), column_parts_) * tile_columns_;
  }
  Part part_at(int64_t i) const {
    const int64_t c = i % column_parts_, r = i / column_parts_ % row_parts_;
    const int64_t across = parts_of(columns_, tile_columns_);  // parts are of whole tiles
    Part p = {i / column_parts_ / row_parts_, part(rows_, row_parts_, r), 0,
              part(across, column_parts_, c) * tile_columns_, 0};
    p.rows = part(rows_, row_parts_, r + 1) - p.row;
    p.columns = lesser(columns_, part(across, column_parts_, c + 1) * tile_columns_) - p.column;
    return p;
  }

  // A thread's scratch, in floats.
  struct Scratch {
    int64_t offsets, lines, sums, rows, packed, copy, end;
    explicit Scratch(const WeightGradient& w) {
      const int64_t columns = w.part_columns();
      const int64_t channels = lesser(w.s_.columns(), columns / w.s_.live_taps + 2);
      offsets = 0;
      lines = offsets + 2 * columns;
      sums = lines + 4 * w.patches_.most_lines();
      sums = (sums + 15) / 16 * 16;
      rows = sums + (w.spans_ == 1 ? 2 * w.part_sums_ : 0);
      packed = rows + (w.packs_rows_ ? (lesser(w.rows_, kGroupRows) + kDotRows) * kPatchStride : 0);
      copy = packed + (w.packs_ ? (w.rows_ > kGroupRows ? columns : kDotColumns) * kPatchStride : 0);
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
    for (int64_t k = 0; k < p.columns; ++k) {
      offsets[k] = patches_.offset((p.column + k) / taps - channel, (p.column + k) % taps);
    }

    const int64_t boxes = patches_.boxes(), end = part(boxes, spans_, i % spans_ + 1);
    for (int64_t b = part(boxes, spans_, i % spans_); b < end; ++b) {
      const Box box = patches_.box(b);
      BoxWork w = {};
      w.patches = patches_.make(box, p.group, channel, channels, scratch + at.copy);
      w.offsets = offsets;
      w.lines = lines;
      w.count = patches_.lines(box, channels, lines, &w.width);
      w.packed = scratch + at.packed;
      w.packed_rows = scratch + at.rows;
      w.box = &box;
      w.rows = rows_side_ + ((box.at[0] * s_.p.groups + p.group) * rows_ + p.row) * row_pixels_ + patches_.row_at(box);
      tiles(p, w, sums);
    }
    if (spans_ == 1) write(i, sums);
  }

  struct BoxWork {
    const Box* box;
    const float* rows;
    const float* patches;
    const int64_t* offsets;
    const DotLine* lines;
    int64_t count, width;
    float *packed_rows, *packed;
  };

  void tiles(const Part& p, const BoxWork& w, double* sums) const {
    static constexpr DotLine kWhole = {0, 0};
    static constexpr int64_t kPackedOffsets[] = {
        0, kPatchStride, 2 * kPatchStride, 3 * kPatchStride, 4 * kPatchStride, 5 * kPatchStride};
    const int64_t down = parts_of(p.rows, tile_rows_), across = parts_of(p.columns, tile_columns_);
    const int64_t groups = parts_of(p.rows, kGroupRows);
    for (int64_t g = 0; g < groups; ++g) {
      const int64_t begin = part(down, groups, g), end = part(down, groups, g + 1);
      const int64_t first = part(p.rows, down, begin);
      if (packs_rows_) pack_rows_side(w, first, part(p.rows, down, end));
      const float* const rows = packs_rows_ ? w.packed_rows : w.rows + first * row_pixels_;
      const int64_t row_stride = packs_rows_ ? kPatchStride : row_pixels_;
      for (int64_t j = 0; j < across; ++j) {
        const int64_t k = part(p.columns, across, j), columns = part(p.columns, across, j + 1) - k;
        // All groups share the packed patches; a single one leaves them in the L1 cache.
        float* const packed = w.packed + (groups > 1 ? k * kPatchStride : 0);
        for (int64_t i = 0; packs_ && g == 0 && i < columns; ++i) pack(w, w.offsets[k + i], packed + i * kPatchStride);
        for (int64_t i = begin; i < end; ++i) {
          const int64_t r = part(p.rows, down, i), height = part(p.rows, down, i + 1) - r;
          const float* const row = rows + (r - first) * row_stride;
          double* const sum = sums + (i * across + j) * tile_sums_;
          if (packs_) {
            dot_function(height, columns)(row, row_stride, packed, kPackedOffsets, &kWhole, 1, w.box->pixels(), sum);
          } else {
            dot_function(height, columns)(row, row_stride, w.patches, w.offsets + k, w.lines, w.count, w.width, sum);
          }
        }
      }
    }
  }
  // Rows of the box's examples, side by side.
  void pack_rows_side(const BoxWork& w, int64_t from, int64_t to) const {
    const int64_t pixels = w.box->pixels() / w.box->size[0];
    for (int64_t r = from; r < to; ++r) {
      for (int64_t e = 0; e < w.box->size[0]; ++e) {
        copy_run(w.rows + (e * s_.p.groups * rows_ + r) * row_pixels_,
                 w.packed_rows + (r - from) * kPatchStride + e * pixels, pixels,
                 w.box->size[0] > 1 ? kAhead : row_pixels_);
      }
    }
  }
  void pack(const BoxWork& w, int64_t offset, float* to) const {
    const float* const from = w.patches + offset;
    if (patches_.in_place()) {
      for (int64_t l = 0; l < w.count; ++l, to += w.width) copy_run(from + w.lines[l].patch, to, w.width, row_pixels_);
    } else {
      copy_lines(from, w.lines, w.count, w.width, to);
    }
  }

  // Adds a part's spans up and writes it.
  void write(int64_t i, const double* sums) const {
    const Part p = part_at(i);
    const int64_t down = parts_of(p.rows, tile_rows_), across = parts_of(p.columns, tile_columns_);
    for (int64_t t = 0; t < down * across; ++t, sums += tile_sums_) {
      const int64_t r = part(p.rows, down, t / across), height = part(p.rows, down, t / across + 1) - r;
      const int64_t k = part(p.columns, across, t % across), columns = part(p.columns, across, t % across + 1) - k;
      float tile[kTileFloats];
      double sum[kTileFloats];
      for (int64_t q = 0; q < tile_sums_; ++q) sum[q] = sums[q];
      for (int64_t s = 1; s < spans_; ++s) {
        for (int64_t q = 0; q < tile_sums_; ++q) sum[q] += sums[s * part_sums_ + q];
      }
      for (int64_t q = 0; q < tile_sums_; ++q) tile[q] = float(sum[q]);
      if (!patches_.in_place()) {
        for (int64_t q = 0; q < height * columns; ++q) {
          if (tile[q] != tile[q]) tile[q] = exact(p, p.row + r + q / columns, p.column + k + q % columns);
        }
      }
      for (int64_t row = 0; row < height; ++row) {
        write_row(p, p.row + r + row, p.column + k, columns, tile + row * columns);
      }
    }
  }
  // A sum that is NaN, over the pixels that the tap meets: zeros that stood for others have met an infinity or a NaN.
  float exact(const Part& p, int64_t row, int64_t column) const {
    double sum = 0;
    for (int64_t n = 0; n < s_.p.batch && sum == sum; ++n) {
      const float* const rows = rows_side_ + ((n * s_.p.groups + p.group) * rows_ + row) * row_pixels_;
      patches_.each_met(n, p.group, column / s_.live_taps, column % s_.live_taps,
                        [&](int64_t pixel, float x) { sum += double(rows[pixel]) * double(x); });
    }
    return float(sum);
  }
  void write_row(const Part& p, int64_t row, int64_t column, int64_t columns, const float* from) const {
    if (!masked_) {
      float* const to = dW_ + (p.group * rows_ + row) * columns_ + column;
      for (int64_t k = 0; k < columns; k += kLanes) {
        store_first(to + k, loadf(from + k), int(lesser<int64_t>(columns - k, kLanes)));
      }
      return;
    }
    float* const to = dW_ + (p.group * rows_ + row) * s_.columns() * s_.kernel_taps;
    int64_t c = column / s_.live_taps, tap = column % s_.live_taps;
    for (int64_t k = 0; k < columns; ++k) {
      const ConvTap& at = s_.taps[tap];
      to[c * s_.kernel_taps + at.index] = at.centre && c >= s_.live_columns(at, row) ? 0.0f : from[k];
      if (++tap == s_.live_taps) tap = 0, ++c;
    }
  }

  const ConvShape& s_;
  const float* rows_side_;
  float* dW_;
  int64_t rows_, columns_, row_pixels_;  // columns_: (column, live tap) pairs
  bool masked_, packs_, packs_rows_;
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
