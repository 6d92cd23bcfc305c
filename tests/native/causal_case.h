// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Programs for the sampler, put together node by node. A program is built in double and copied to float, so that both
// formats compute the same network.
#ifndef GENERATRIX_TESTS_NATIVE_CAUSAL_CASE_H_
#define GENERATRIX_TESTS_NATIVE_CAUSAL_CASE_H_

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "support.h"

namespace gx::test {

struct Tap {
  int32_t dh, dw;
};

// The live taps of a masked kernel of odd size n: those before the centre in raster order, and the centre if asked.
inline std::vector<Tap> causal_taps(int32_t n, bool centre) {
  std::vector<Tap> taps;
  for (int32_t i = 0; i <= n / 2; ++i) {
    for (int32_t j = 0; j < n; ++j) {
      if (i < n / 2 || j < n / 2 || (centre && j == n / 2)) taps.push_back({i - n / 2, j - n / 2});
    }
  }
  return taps;
}

struct From {
  int64_t node;
  std::vector<Tap> taps = {{0, 0}};
  int64_t first_channel = 0, channels = -1;  // -1: all
};

class CausalCase {
 public:
  int64_t channels, height, width;

  CausalCase(int64_t image_channels, int64_t image_height, int64_t image_width, uint64_t seed = 1)
      : channels(image_channels), height(image_height), width(image_width), source_(seed) {}

  gx_causal_node& node(int64_t i) { return nodes_[size_t(i)]; }
  gx_causal_head& head(int64_t i) { return heads_[size_t(i)]; }
  gx_causal_source& source(int64_t i) { return sources_[size_t(i)]; }
  gx_causal_tap& tap(int64_t i) { return taps_[size_t(i)]; }
  int64_t nodes() const { return int64_t(nodes_.size()); }

  int64_t input(int64_t first = 0, int64_t count = -1) {
    gx_causal_node n = blank(GX_CAUSAL_INPUT, count < 0 ? channels : count, height, width);
    n.first_channel = first;
    return add(n, {});
  }
  int64_t example(int64_t rows, int64_t count) {
    const int64_t i = add(blank(GX_CAUSAL_EXAMPLE, count, height, width), {});
    values_.push_back({i, -1, numbers(rows * count, -1, 1)});
    return i;
  }
  // Weights are dense: [out][all source channels][taps], where taps of all sources are counted through.
  int64_t conv(int64_t out, const std::vector<From>& from, int activation = 0, bool bias = true, int64_t stride = 1,
               bool transposed = false, int64_t h = -1, int64_t w = -1) {
    gx_causal_node n = blank(GX_CAUSAL_CONV, out, h < 0 ? nodes_[size_t(from[0].node)].height : h,
                             w < 0 ? nodes_[size_t(from[0].node)].width : w);
    n.function = activation;
    n.p = 0.5;
    n.transposed = transposed;
    n.stride[0] = n.stride[1] = stride;
    int64_t columns = 0, taps = 0;
    for (const From& f : from) taps = std::max(taps, int64_t(f.taps.size()));
    const int64_t i = add(n, from);
    for (int64_t s = 0; s < int64_t(from.size()); ++s) {
      gx_causal_source& source = sources_[size_t(nodes_[size_t(i)].first_source + s)];
      source.first_column = columns;
      source.first_tap = int64_t(taps_.size());
      source.taps = int64_t(from[size_t(s)].taps.size());
      for (int32_t t = 0; t < source.taps; ++t) {
        taps_.push_back({from[size_t(s)].taps[size_t(t)].dh, from[size_t(s)].taps[size_t(t)].dw, t});
      }
      columns += source.channels;
    }
    gx_causal_node& made = nodes_[size_t(i)];
    made.column_step = taps;
    made.row_step = columns * taps;
    made.weights = out * columns * taps;
    made.biases = bias ? out : 0;
    const double size = 1.5 / std::sqrt(double(columns * taps));
    weights_.push_back({i, numbers(made.weights, -size, size), numbers(made.biases, -0.5, 0.5)});
    return i;
  }
  int64_t unary(int64_t x, gx_unary_function f, double p = 0) {
    gx_causal_node n = like(GX_CAUSAL_UNARY, x);
    n.function = f;
    n.p = p;
    return add(n, {{x}});
  }
  int64_t binary(gx_binary_function f, From a, From b) {
    gx_causal_node n = like(GX_CAUSAL_BINARY, a.node);
    n.function = f;
    if (a.channels >= 0) n.channels = a.channels;
    return add(n, {a, b});
  }
  int64_t concat(const std::vector<From>& from) {
    gx_causal_node n = like(GX_CAUSAL_CONCAT, from[0].node);
    n.channels = 0;
    for (const From& f : from) n.channels += f.channels < 0 ? nodes_[size_t(f.node)].channels : f.channels;
    return add(n, from);
  }
  int64_t concat_elu(int64_t x) {
    gx_causal_node n = like(GX_CAUSAL_CONCAT_ELU, x);
    n.channels *= 2;
    return add(n, {{x}});
  }
  void draws(gx_causal_distribution d, int64_t node, int64_t first_channel, int64_t image_channel, int64_t drawn,
             int64_t levels = 2, int64_t components = 0) {
    heads_.push_back({d, node, first_channel, image_channel, drawn, levels, components, -7, nullptr});
    std::vector<double> values;
    for (int64_t k = 0; k < levels; ++k) {
      values.push_back(levels == 2 ? double(k) : 2 * double(k) / double(levels - 1) - 1);
    }
    values_.push_back({-1, int64_t(heads_.size()) - 1, values});
  }

  std::vector<double>& weights_of(int64_t i) {
    for (Weights& w : weights_) {
      if (w.node == i) return w.W;
    }
    return weights_[0].W;
  }

  // Of the first example node.
  std::vector<double>& values_of_example() {
    for (Table& t : values_) {
      if (t.node >= 0) return t.v;
    }
    return values_[0].v;
  }

  // The program in T; what it points to stays until the next call.
  template <class T>
  gx_causal_program program() {
    copies_.clear();
    for (const Weights& w : weights_) {
      nodes_[size_t(w.node)].W = copy<T>(w.W);
      nodes_[size_t(w.node)].b = nodes_[size_t(w.node)].biases > 0 ? copy<T>(w.b) : nullptr;
    }
    for (const Table& t : values_) {
      (t.node >= 0 ? nodes_[size_t(t.node)].values : heads_[size_t(t.head)].values) = copy<T>(t.v);
    }
    return {channels,
            height,
            width,
            nodes(),
            int64_t(sources_.size()),
            int64_t(taps_.size()),
            int64_t(heads_.size()),
            nodes_.data(),
            sources_.data(),
            taps_.data(),
            heads_.data()};
  }

  std::vector<double> numbers(int64_t n, double low, double high) {
    std::vector<double> v;
    for (int64_t i = 0; i < n; ++i) v.push_back(double(float(source_.real(low, high))));
    return v;
  }
  int64_t parameters() const {
    int64_t sum = 0;
    for (const gx_causal_head& h : heads_) {
      sum += h.distribution == GX_CAUSAL_LOGISTIC_MIXTURE ? h.components * (h.drawn == 1 ? 3 : 10)
                                                          : h.drawn * (h.distribution ? h.levels : 1);
    }
    return sum;
  }

 private:
  struct Weights {
    int64_t node;
    std::vector<double> W, b;
  };
  struct Table {
    int64_t node, head;
    std::vector<double> v;
  };

  static gx_causal_node blank(gx_causal_kind kind, int64_t channels, int64_t height, int64_t width) {
    gx_causal_node n = {};
    n.kind = kind;
    n.channels = channels;
    n.height = height;
    n.width = width;
    n.stride[0] = n.stride[1] = 1;
    return n;
  }
  gx_causal_node like(gx_causal_kind kind, int64_t x) const {
    const gx_causal_node& n = nodes_[size_t(x)];
    return blank(kind, n.channels, n.height, n.width);
  }
  int64_t add(gx_causal_node n, const std::vector<From>& from) {
    n.first_source = int64_t(sources_.size());
    n.sources = int64_t(from.size());
    for (const From& f : from) {
      sources_.push_back({f.node, f.first_channel,
                          f.channels < 0 ? nodes_[size_t(f.node)].channels - f.first_channel : f.channels, 0, 0, 0});
    }
    nodes_.push_back(n);
    return nodes() - 1;
  }
  template <class T>
  const void* copy(const std::vector<double>& v) {
    copies_.emplace_back(v.size() * sizeof(T));
    T* const to = reinterpret_cast<T*>(copies_.back().data());
    for (size_t i = 0; i < v.size(); ++i) to[i] = T(v[i]);
    return to;
  }

  Source source_;
  std::vector<gx_causal_node> nodes_;
  std::vector<gx_causal_source> sources_;
  std::vector<gx_causal_tap> taps_;
  std::vector<gx_causal_head> heads_;
  std::vector<Weights> weights_;
  std::vector<Table> values_;
  std::deque<std::vector<char>> copies_;
};

// What a run gives.
template <class T>
struct CausalResult {
  std::vector<T> x, logits;
  std::vector<double> log_likelihood;
  std::vector<int64_t> evaluations;
};

template <class T>
CausalResult<T> sample(gx_device* device, CausalCase& c, int64_t rows, const std::vector<T>& x = {},
                       const std::vector<T>& observed = {}, uint64_t seed = 7) {
  const size_t pixels = size_t(c.height * c.width);
  CausalResult<T> r = {std::vector<T>(size_t(rows * c.channels) * pixels, T(-9)),
                       std::vector<T>(size_t(rows * c.parameters()) * pixels), std::vector<double>(size_t(rows)),
                       std::vector<int64_t>(pixels)};
  if (!x.empty()) r.x = x;
  const gx_causal_program program = c.program<T>();
  gx_causal_run run = {};
  run.rows = rows;
  run.rng = {seed, 3};
  run.observed = observed.empty() ? nullptr : observed.data();
  run.all_observed = !x.empty() && observed.empty();
  run.x = r.x.data();
  run.logits = r.logits.data();
  run.log_likelihood = r.log_likelihood.data();
  run.evaluations = r.evaluations.data();
  EXPECT_OK(gx_causal_sample(device, sizeof(T) == 8 ? GX_FLOAT64 : GX_FLOAT32, &program, &run));
  return r;
}

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_NATIVE_CAUSAL_CASE_H_
