// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A sparse linear map along one axis. Up-sampling, pooling by sums and padding are such a map along the rows and one
// along the columns of each plane, and their adjoints are those with the maps transposed: separable/ runs them all.
#ifndef GENERATRIX_KERNELS_RESAMPLE_AXIS_MAP_H_
#define GENERATRIX_KERNELS_RESAMPLE_AXIS_MAP_H_

#include <cstdint>
#include <vector>

#include "generatrix/resample.h"

namespace gx {

// What a kernel sees. Output o is the sum of weight[k] in[index[k]] for begin[o] <= k < begin[o + 1], in that order.
//
// Most outputs repeat a rhythm: from `first` on, `repeats` times `period` outputs have the taps of the `period` ones
// before, moved by `step` inputs. Those are done by vectors.
struct AxisTaps {
  int64_t in, out;
  const int64_t* begin;
  const int32_t* index;
  const float* weight;
  int64_t first, period, step, repeats;
  int64_t span;  // the most inputs between an output's lowest and highest, both included
  // Not null for interpolations without a rhythm: output o is below[o] in[low[o]] + above[o] in[low[o] + 1], the latter
  // only where above[o] is not 0. The arrays go on for 16 elements with the last output's.
  const int32_t* low;
  const float *below, *above;
};

class AxisMap {
 public:
  static AxisMap resize(gx_resize_kind kind, int64_t in, int64_t out);
  // weight: 1, 1 / kernel or 1 / taps inside.
  static AxisMap pool(gx_pooling kind, int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t dilation,
                      int64_t padding);
  static AxisMap pad(gx_padding kind, int64_t in, int64_t before, int64_t after);

  AxisMap transposed() const;
  AxisTaps taps() const;

 private:
  AxisMap(int64_t in, int64_t period, int64_t step) : in_(in), period_(period), step_(step) {}
  void tap(int64_t index, double weight);
  void end_output() { begin_.push_back(int64_t(index_.size())); }
  bool same(int64_t output) const;  // as the one a period further on, but for the step
  void pair_up();                   // for a map of one or two neighbours each

  int64_t in_, period_, step_;
  std::vector<int64_t> begin_ = {0};
  std::vector<int32_t> index_;
  std::vector<float> weight_;
  std::vector<int32_t> low_;
  std::vector<float> below_, above_;
};

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RESAMPLE_AXIS_MAP_H_
