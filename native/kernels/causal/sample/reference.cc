// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// An activation is asked for by those who need it and remembered. The program is checked and causal.

#include <cmath>
#include <vector>

#include "kernels/causal/sample/sample.h"
#include "kernels/elementwise/binary/binary.h"
#include "kernels/elementwise/unary/unary.h"
#include "kernels/linear/check.h"

namespace gx::reference {
namespace {

using Values = std::vector<double>;

struct Network {
  const gx_causal_program& p;
  const gx_causal_run& run;
  int64_t row = 0;
  std::vector<std::vector<Values>> known;  // [node][pixel]

  struct Activation {
    int64_t node, i, j;
  };
  std::vector<Activation> waiting;

  Values& memory(const Activation& a) { return known[size_t(a.node)][size_t(a.i * p.node[a.node].width + a.j)]; }

  // A stack of its own: networks are deeper than a thread's stack may bear.
  const Values& at(int64_t node, int64_t i, int64_t j) {
    waiting = {{node, i, j}};
    while (!waiting.empty()) {
      const Activation a = waiting.back();
      const size_t before = waiting.size();
      each_source(p.node[a.node], a.i, a.j, [&](const Activation& s) {
        if (memory(s).empty()) waiting.push_back(s);
      });
      if (waiting.size() > before) continue;
      waiting.pop_back();
      if (memory(a).empty()) memory(a) = compute(p.node[a.node], a.i, a.j);
    }
    return memory({node, i, j});
  }

  template <class Body>
  void each_source(const gx_causal_node& n, int64_t i, int64_t j, Body&& body) {
    for (int64_t k = n.first_source; k < n.first_source + n.sources; ++k) {
      const gx_causal_source& s = p.source[k];
      if (n.kind != GX_CAUSAL_CONV) body(Activation{s.node, i, j});
      for (int64_t t = s.first_tap; n.kind == GX_CAUSAL_CONV && t < s.first_tap + s.taps; ++t) {
        int64_t r, c;
        if (meets(n, s, p.tap[t], i, j, &r, &c)) body(Activation{s.node, r, c});
      }
    }
  }

  bool meets(const gx_causal_node& n, const gx_causal_source& s, const gx_causal_tap& tap, int64_t i, int64_t j,
             int64_t* r, int64_t* c) const {
    const gx_causal_node& from = p.node[s.node];
    return causal_meets(n, 0, i, tap.dh, from.height, r) && causal_meets(n, 1, j, tap.dw, from.width, c);
  }

  Values source(const gx_causal_source& s, int64_t i, int64_t j) {
    const Values& all = memory({s.node, i, j});
    return Values(all.begin() + s.first_channel, all.begin() + s.first_channel + s.channels);
  }

  Values compute(const gx_causal_node& n, int64_t i, int64_t j) {
    const gx_causal_source* const s = p.source + n.first_source;
    Values y;
    switch (n.kind) {
      case GX_CAUSAL_INPUT:
        for (int64_t c = n.first_channel; c < n.first_channel + n.channels; ++c) {
          y.push_back(static_cast<const double*>(run.x)[((row * p.channels + c) * p.height + i) * p.width + j]);
        }
        break;
      case GX_CAUSAL_EXAMPLE:
        for (int64_t c = 0; c < n.channels; ++c) {
          y.push_back(static_cast<const double*>(n.values)[row * n.channels + c]);
        }
        break;
      case GX_CAUSAL_CONV:
        return conv(n, i, j);
      case GX_CAUSAL_UNARY:
        y = source(s[0], i, j);
        unary(gx_unary_function(n.function), n.p, y.data(), y.data(), n.channels);
        break;
      case GX_CAUSAL_BINARY: {
        const Values a = source(s[0], i, j), b = source(s[1], i, j);
        y.resize(a.size());
        for (size_t c = 0; c < a.size(); ++c) {
          binary(gx_binary_function(n.function), Walk<2>(), &a[c], &b[c], &y[c]);
        }
        break;
      }
      case GX_CAUSAL_CONCAT:
        for (int64_t k = 0; k < n.sources; ++k) {
          for (double v : source(s[k], i, j)) y.push_back(v);
        }
        break;
      case GX_CAUSAL_CONCAT_ELU:
        for (double v : source(s[0], i, j)) y.push_back(activation(GX_ACTIVATION_ELU, 1, v));
        for (double v : source(s[0], i, j)) y.push_back(activation(GX_ACTIVATION_ELU, 1, -v));
        break;
    }
    return y;
  }

  Values conv(const gx_causal_node& n, int64_t i, int64_t j) {
    Values z(size_t(n.channels), 0);
    for (int64_t k = n.first_source; k < n.first_source + n.sources; ++k) {
      const gx_causal_source& s = p.source[k];
      for (int64_t t = s.first_tap; t < s.first_tap + s.taps; ++t) {
        const gx_causal_tap& tap = p.tap[t];
        int64_t r, c;
        if (!meets(n, s, tap, i, j, &r, &c)) continue;
        const Values x = source(s, r, c);
        for (size_t o = 0; o < z.size(); ++o) {
          for (size_t a = 0; a < x.size(); ++a) {
            z[o] += x[a] * static_cast<const double*>(n.W)[(n.first_row + int64_t(o)) * n.row_step +
                                                           (s.first_column + int64_t(a)) * n.column_step + tap.weight];
          }
        }
      }
    }
    for (size_t o = 0; o < z.size(); ++o) {
      if (n.b) z[o] += static_cast<const double*>(n.b)[n.first_row + int64_t(o)];
      z[o] = activation(gx_activation(n.function), n.p, z[o]);
    }
    return z;
  }
};

}  // namespace

void causal_sample(const CausalDraws<double>& draws) {
  const gx_causal_program& p = draws.program;
  std::vector<double> image(size_t(p.channels));
  for (int64_t row = 0; row < draws.run.rows; ++row) {
    Network network = {p, draws.run, row, {}, {}};
    for (int64_t n = 0; n < p.nodes; ++n) network.known.emplace_back(size_t(p.node[n].height * p.node[n].width));
    for (int64_t pixel = 0; pixel < p.height * p.width; ++pixel) {
      for (int64_t h = 0; h < p.heads; ++h) {
        const Values& all = network.at(p.head[h].node, pixel / p.width, pixel % p.width);
        causal_draw(draws, h, pixel, all.data() + p.head[h].first_channel, 1, row, 1, image.data());
      }
    }
  }
}

}  // namespace gx::reference
