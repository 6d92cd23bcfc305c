// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "kernels/coupling/base_in_double.h"
#include "kernels/coupling/channel_affine/channel_affine.h"
#include "kernels/coupling/scale_in_double.h"

namespace gx::reference {
namespace {

// A channel's map of one element, in the direction asked for.
template <class T>
struct Channel {
  Channel(const ChannelAffine<T>& a, int64_t c)
      : l((a.inverse ? -1 : 1) * (a.log_scale ? double(a.log_scale[c]) : 0)),
        b(a.shift ? double(a.shift[c]) : 0),
        scale(scale_of<T>(l)),
        inverse(a.inverse) {}
  double y(double x) const { return inverse ? (x - b) * scale : x * scale + b; }
  double l, b, scale;
  bool inverse;
};

}  // namespace

template <class T>
void channel_affine(const ChannelAffine<T>& a) {
  for (int64_t n = 0; n < a.examples; ++n) {
    double log_det = a.log_det_in ? a.log_det_in[n] : 0;
    for (int64_t c = 0; c < a.channels && a.spatial > 0; ++c) {
      const Channel<T> channel(a, c);
      log_det += double(a.spatial) * channel.l;
      for (int64_t at = (n * a.channels + c) * a.spatial, end = at + a.spatial; at < end; ++at) {
        const double y = channel.y(double(a.x[at]));
        a.y[at] = T(y);
        log_det += std::isnan(y) ? y : base_log_density(a.base, y);
      }
    }
    a.log_det_out[n] = log_det;
  }
}

template <class T>
void channel_affine_backward(const ChannelAffine<T>& a) {
  for (int64_t c = 0; c < a.channels; ++c) {
    const Channel<T> channel(a, c);
    double dl = 0, db = 0;
    for (int64_t n = 0; n < a.examples && a.spatial > 0; ++n) {
      const double dlog_det = a.dlog_det ? a.dlog_det[n] : 0;
      dl += double(a.spatial) * dlog_det;
      for (int64_t at = (n * a.channels + c) * a.spatial, end = at + a.spatial; at < end; ++at) {
        const double x = a.x[at], y = channel.y(x);
        double g = a.dy[at];
        if (a.dlog_det) g += dlog_det * base_slope(a.base, y);
        if (a.dx) a.dx[at] = T(g * channel.scale);
        dl += g * (a.inverse ? y : x * channel.scale);
        db += a.inverse ? -g * channel.scale : g;
      }
    }
    if (a.dlog_scale) a.dlog_scale[c] = T(a.inverse ? -dl : dl);
    if (a.dshift) a.dshift[c] = T(db);
  }
}

template void channel_affine<float>(const ChannelAffine<float>&);
template void channel_affine<double>(const ChannelAffine<double>&);
template void channel_affine_backward<float>(const ChannelAffine<float>&);
template void channel_affine_backward<double>(const ChannelAffine<double>&);

}  // namespace gx::reference
