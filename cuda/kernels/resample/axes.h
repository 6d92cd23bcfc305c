// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The maps along one axis of native/kernels/resample/axis_map.h by formula, tap by tap, there and back: output o is the
// sum of tap(o, k).weight in[tap(o, k).index] for k < most(); a tap of weight 0 is none. For the host and for threads.
#ifndef GENERATRIX_CUDA_KERNELS_RESAMPLE_AXES_H_
#define GENERATRIX_CUDA_KERNELS_RESAMPLE_AXES_H_

#include "generatrix/resample.h"
#include "runtime/cuda.h"

namespace gx::cuda {

struct AxisTap {
  int64_t index;
  double weight;
};

class Axis {
 public:
  static Axis resize(gx_resize_kind kind, int64_t in, int64_t out, bool adjoint) {
    Axis a(kind == GX_RESIZE_NEAREST      ? kRepeat
           : kind == GX_RESIZE_UPPER_LEFT ? kCorner
           : kind == GX_RESIZE_LINEAR     ? kLinear
                                          : kAligned,
           in, out, adjoint);
    a.factor_ = out / in;
    return a;
  }
  static Axis pool(gx_pooling kind, int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t dilation,
                   int64_t padding, bool adjoint) {
    Axis a(kWindow, in, out, adjoint);
    a.kernel_ = kernel, a.stride_ = stride, a.dilation_ = dilation, a.padding_ = padding;
    a.over_ = kind == GX_POOL_SUM ? 1 : kind == GX_POOL_AVERAGE ? kernel : 0;
    return a;
  }
  static Axis pad(gx_padding kind, int64_t in, int64_t before, int64_t after, bool adjoint) {
    Axis a(kind == GX_PAD_ZERO ? kPad : kReflect, in, before + in + after, adjoint);
    a.padding_ = before;
    return a;
  }

  // Elements of what it reads and of what it makes.
  __host__ __device__ int64_t from() const { return adjoint_ ? out_ : in_; }
  __host__ __device__ int64_t to() const { return adjoint_ ? in_ : out_; }

  __host__ __device__ int64_t most() const {
    switch (kind_) {
      case kRepeat:
        return adjoint_ ? factor_ : 1;
      case kCorner:
        return 1;
      case kLinear:
        return adjoint_ ? (2 * out_ + in_ - 1) / in_ : 2;
      case kAligned:
        return !adjoint_ ? 2 : in_ == 1 ? out_ : (2 * over() + in_ - 2) / (in_ - 1) + 1;
      case kWindow: {
        const int64_t windows = dilation_ * (kernel_ - 1) / stride_ + 1;  // that an element can be in
        return !adjoint_ ? kernel_ : windows < out_ ? windows : out_;
      }
      case kPad:
        return 1;
      case kReflect:
        return adjoint_ ? 3 : 1;
    }
    return 0;
  }

  __host__ __device__ AxisTap tap(int64_t o, int64_t k) const {
    switch (kind_) {
      case kRepeat:
        return {adjoint_ ? o * factor_ + k : o / factor_, 1};
      case kCorner:
        return adjoint_ ? AxisTap{o * factor_, 1} : AxisTap{o / factor_, o % factor_ == 0 ? 1.0 : 0.0};
      case kLinear:
      case kAligned:
        return adjoint_ ? weight_of(first_over(o) + k, o) : neighbour(o, k);
      case kWindow:
        return adjoint_ ? window_over(o, k) : window(o, k);
      case kPad:
      case kReflect:
        return adjoint_ ? mirrored(o, k) : source(o);
    }
    return {0, 0};
  }

 private:
  enum Kind { kRepeat, kCorner, kLinear, kAligned, kWindow, kPad, kReflect };

  Axis(Kind kind, int64_t in, int64_t out, bool adjoint) : kind_(kind), adjoint_(adjoint), in_(in), out_(out) {}

  static __host__ __device__ int64_t up(int64_t a, int64_t b) { return (a + b - 1) / b; }  // a >= 0

  // Interpolation: output o stands at low + part; positions are ratios of whole numbers.
  __host__ __device__ int64_t over() const { return kind_ == kLinear ? 2 * out_ : out_ > 1 ? out_ - 1 : 1; }
  __host__ __device__ AxisTap neighbour(int64_t o, int64_t k) const {
    const int64_t raw = kind_ == kLinear ? (2 * o + 1) * in_ - out_ : o * (in_ - 1), at = raw > 0 ? raw : 0;
    const int64_t whole = at / over(), low = whole < in_ - 1 ? whole : in_ - 1;
    const double part = low == in_ - 1 ? 0 : double(at % over()) / double(over());
    return k == 0 ? AxisTap{low, 1 - part} : AxisTap{low + 1, part};
  }
  // The first output whose position is within one element of i: behind i - 1, or at it.
  __host__ __device__ int64_t first_over(int64_t i) const {
    if (i == 0) return 0;
    if (kind_ == kAligned) return up((i - 1) * over(), in_ - 1);
    const int64_t behind = out_ * (2 * i - 1) - in_;
    return behind <= 0 ? 0 : up(behind, 2 * in_);
  }
  __host__ __device__ AxisTap weight_of(int64_t o, int64_t i) const {
    if (o >= out_) return {0, 0};
    for (int64_t k = 0; k < 2; ++k) {
      const AxisTap t = neighbour(o, k);
      if (t.index == i) return {o, t.weight};
    }
    return {0, 0};
  }

  __host__ __device__ double share(int64_t o) const {
    if (over_ > 0) return 1 / double(over_);
    const int64_t start = o * stride_ - padding_, low = start < 0 ? up(-start, dilation_) : 0;
    const int64_t all = start >= in_ ? 0 : up(in_ - start, dilation_), high = all < kernel_ ? all : kernel_;
    return high > low ? 1 / double(high - low) : 0;
  }
  __host__ __device__ AxisTap window(int64_t o, int64_t k) const {
    const int64_t i = o * stride_ + k * dilation_ - padding_;
    return i >= 0 && i < in_ ? AxisTap{i, share(o)} : AxisTap{0, 0};
  }
  __host__ __device__ AxisTap window_over(int64_t i, int64_t k) const {
    const int64_t behind = i + padding_ - dilation_ * (kernel_ - 1);
    const int64_t o = (behind <= 0 ? 0 : up(behind, stride_)) + k, within = i + padding_ - o * stride_;
    return o < out_ && within >= 0 && within % dilation_ == 0 ? AxisTap{o, share(o)} : AxisTap{0, 0};
  }

  __host__ __device__ AxisTap source(int64_t o) const {
    const int64_t i = o - padding_;
    if (i >= 0 && i < in_) return {i, 1};
    if (kind_ == kPad) return {0, 0};
    return {i < 0 ? -i : 2 * (in_ - 1) - i, 1};
  }
  __host__ __device__ AxisTap mirrored(int64_t i, int64_t k) const {
    if (kind_ == kPad || k == 1) return {padding_ + i, 1};
    const int64_t o = k == 0 ? padding_ - i : padding_ + 2 * (in_ - 1) - i;
    const bool there = k == 0 ? i > 0 && o >= 0 : i < in_ - 1 && o < out_;
    return there ? AxisTap{o, 1} : AxisTap{0, 0};
  }

  Kind kind_;
  int32_t adjoint_;
  int64_t in_, out_;  // of the map there
  int64_t factor_ = 1, kernel_ = 1, stride_ = 1, dilation_ = 1, padding_ = 0;
  int64_t over_ = 1;  // what sums of windows are divided by; 0: by how many elements are inside
};

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_RESAMPLE_AXES_H_
