// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/causal/program.h"

#include <cmath>
#include <vector>

#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/philox.h"

namespace gx {
namespace {

constexpr int64_t kMostSize = (1 << 15) - 1, kMostNodes = 1 << 11, kMostChannels = 1 << 20, kMostListed = 1 << 24;
constexpr int64_t kMostPositions = 1 << 26;  // so that the schedule fits the memory

void between(int64_t value, int64_t low, int64_t high, const char* what, int64_t of) {
  if (value >= low && value <= high) return;
  fail(GX_INVALID_ARGUMENT, "%s %lld must be between %lld and %lld, got %lld", what, (long long)of, (long long)low,
       (long long)high, (long long)value);
}

// [first, first + count) lies within `size`.
void part(int64_t first, int64_t count, int64_t size, const char* what, int64_t of) {
  if (first >= 0 && count >= 0 && count <= size && first <= size - count) return;
  fail(GX_INVALID_ARGUMENT, "%s %lld must be a part of %lld, got %lld from %lld", what, (long long)of, (long long)size,
       (long long)count, (long long)first);
}

struct Checker {
  gx_device& device;
  gx_format format;
  const gx_causal_program& p;
  const gx_causal_run& run;
  std::vector<check::Range> inputs;
  int64_t positions = 0;

  void lists() {
    for (int64_t size : {p.height, p.width}) check::in_range(double(size), 1, kMostSize, "the size of the image");
    check::in_range(double(p.channels), 1, kMostChannels, "the image's channels");
    check::in_range(double(p.nodes), 1, kMostNodes, "the number of nodes");
    check::in_range(double(p.heads), 1, double(p.channels), "the number of heads");
    check::in_range(double(p.sources), 0, kMostListed, "the number of sources");
    check::in_range(double(p.taps), 0, kMostListed, "the number of taps");
    check::not_null(p.node, "the nodes");
    check::not_null(p.head, "the heads");
    if (p.sources > 0) check::not_null(p.source, "the sources");
    if (p.taps > 0) check::not_null(p.tap, "the taps");
    for (int64_t t = 0; t < p.taps; ++t) {
      between(p.tap[t].dh, -kMostListed, kMostListed, "dh of tap", t);
      between(p.tap[t].dw, -kMostListed, kMostListed, "dw of tap", t);
      between(p.tap[t].weight, 0, kMostListed, "the weight of tap", t);
    }
  }

  void node(int64_t i) {
    const gx_causal_node& n = p.node[i];
    const int kind = check::number_in(n.kind);
    between(kind, GX_CAUSAL_INPUT, GX_CAUSAL_CONCAT_ELU, "the kind of node", i);
    between(n.channels, 1, kMostChannels, "the channels of node", i);
    between(n.height, 1, kMostSize, "the height of node", i);
    between(n.width, 1, kMostSize, "the width of node", i);
    part(n.first_source, n.sources, p.sources, "the sources of node", i);
    const bool several = kind == GX_CAUSAL_CONV || kind == GX_CAUSAL_CONCAT;
    const int64_t wanted = kind == GX_CAUSAL_INPUT || kind == GX_CAUSAL_EXAMPLE ? 0 : kind == GX_CAUSAL_BINARY ? 2 : 1;
    between(n.sources, wanted, several ? kMostListed : wanted, "the number of sources of node", i);
    for (int64_t s = 0; s < n.sources; ++s) source(i, p.source[n.first_source + s], kind);
    switch (kind) {
      case GX_CAUSAL_INPUT:
        part(n.first_channel, n.channels, p.channels, "the image channels of node", i);
        resolution(n, p.height, p.width, "the image", i);
        break;
      case GX_CAUSAL_EXAMPLE:
        inputs.push_back(check::array(n.values, check::product(run.rows, n.channels, "values"), format, "values"));
        break;
      case GX_CAUSAL_CONV:
        conv(i, n);
        break;
      case GX_CAUSAL_UNARY:
        between(n.function, GX_EXP, GX_EXPM1, "the function of node", i);
        break;
      case GX_CAUSAL_BINARY:
        between(n.function, GX_ADD, GX_PRELU, "the function of node", i);
        break;
      default:
        break;
    }
    check::in_range(n.p, -3e38, 3e38, "p of a node");
    positions += n.height * n.width;
    if (positions > kMostPositions) {
      fail(GX_INVALID_ARGUMENT, "all nodes must have at most 2^26 pixels, got more by node %lld", (long long)i);
    }
    if (kind == GX_CAUSAL_CONCAT) {
      int64_t sum = 0;
      for (int64_t s = 0; s < n.sources; ++s) sum += p.source[n.first_source + s].channels;
      same(n.channels, sum, i);
    }
  }

  void same(int64_t channels, int64_t expected, int64_t i) {
    if (channels == expected) return;
    fail(GX_INVALID_ARGUMENT, "node %lld must have %lld channels as its sources do, got %lld", (long long)i,
         (long long)expected, (long long)channels);
  }

  void resolution(const gx_causal_node& n, int64_t height, int64_t width, const char* of, int64_t i) {
    if (n.height == height && n.width == width) return;
    fail(GX_INVALID_ARGUMENT, "node %lld must have the resolution of %s, %lldx%lld, got %lldx%lld", (long long)i, of,
         (long long)height, (long long)width, (long long)n.height, (long long)n.width);
  }

  void source(int64_t i, const gx_causal_source& s, int kind) {
    const gx_causal_node& n = p.node[i];
    if (s.node < 0 || s.node >= i) {
      fail(GX_INVALID_ARGUMENT, "a source of node %lld must be a node before it, got node %lld", (long long)i,
           (long long)s.node);
    }
    const gx_causal_node& from = p.node[s.node];
    between(s.channels, 1, from.channels, "the channels of a source of node", i);
    part(s.first_channel, s.channels, from.channels, "the channels of a source of node", i);
    if (kind == GX_CAUSAL_CONV) return;
    resolution(n, from.height, from.width, "its source", i);
    if (kind == GX_CAUSAL_UNARY || kind == GX_CAUSAL_BINARY) same(n.channels, s.channels, i);
    if (kind == GX_CAUSAL_CONCAT_ELU) same(n.channels, 2 * s.channels, i);
  }

  void conv(int64_t i, const gx_causal_node& n) {
    between(n.function, GX_ACTIVATION_NONE, GX_ACTIVATION_SOFTPLUS, "the activation of node", i);
    check::in_range(n.p, 0, 3e38, "p of an activation");
    for (int64_t stride : n.stride) between(stride, 1, kMostSize, "a stride of node", i);
    constexpr int64_t kMost = int64_t(1) << 40;
    for (int64_t size : {n.first_row, n.row_step, n.column_step, n.weights}) {
      between(size, 0, kMost, "a size of the weights of node", i);
    }
    inputs.push_back(check::array(n.W, n.weights, format, "W"));
    if (n.b) inputs.push_back(check::array(n.b, n.biases, format, "b"));
    if (n.b) part(n.first_row, n.channels, n.biases, "the biases of node", i);
    int64_t terms = 0;
    for (int64_t k = 0; k < n.sources; ++k) {
      const gx_causal_source& s = p.source[n.first_source + k];
      part(s.first_tap, s.taps, p.taps, "the taps of a source of node", i);
      between(s.first_column, 0, kMost, "the first column of a source of node", i);
      terms += check::product(s.channels, s.taps, "a convolution");
      between(terms, 0, int64_t(1) << 28, "the terms of a sum of node", i);
      int64_t tap = -1;
      for (int64_t t = 0; t < s.taps; ++t) {
        const int64_t weight = p.tap[s.first_tap + t].weight;
        tap = weight > tap ? weight : tap;
      }
      if (tap < 0) continue;
      const int64_t row = check::product(n.first_row + n.channels - 1, n.row_step, "W");
      const int64_t last = check::product(s.first_column + s.channels - 1, n.column_step, "W");
      if (row >= n.weights || last >= n.weights || row + last + tap >= n.weights) {
        fail(GX_INVALID_ARGUMENT, "node %lld must read its %lld weights only, got weight %lld", (long long)i,
             (long long)n.weights, (long long)row + (long long)last + (long long)tap);
      }
    }
  }

  void heads() {
    std::vector<bool> drawn(size_t(p.channels), false);
    for (int64_t h = 0; h < p.heads; ++h) {
      const gx_causal_head& head = p.head[h];
      const int distribution = check::number_in(head.distribution);
      between(distribution, GX_CAUSAL_BERNOULLI, GX_CAUSAL_LOGISTIC_MIXTURE, "the distribution of head", h);
      between(head.node, 0, p.nodes - 1, "the node of head", h);
      part(head.image_channel, head.drawn, p.channels, "the image channels of head", h);
      between(head.drawn, 1, p.channels, "the drawn channels of head", h);
      between(head.levels, 2, distribution == GX_CAUSAL_BERNOULLI ? 2 : 1 << 16, "the levels of head", h);
      if (distribution == GX_CAUSAL_LOGISTIC_MIXTURE) {
        if (head.drawn != 1 && head.drawn != 3) {
          fail(GX_INVALID_ARGUMENT, "a logistic mixture must draw 1 or 3 channels, got %lld", (long long)head.drawn);
        }
        between(head.components, 1, 1 << 12, "the components of head", h);
        check::in_range(head.min_log_scale, -30, 30, "min_log_scale");
      }
      const gx_causal_node& n = p.node[head.node];
      resolution(n, p.height, p.width, "the image", head.node);
      part(head.first_channel, causal_parameters(head), n.channels, "the parameters of head", h);
      inputs.push_back(check::array(head.values, head.levels, format, "values"));
      with_real(format, [&](auto zero) {
        using T = decltype(zero);
        const auto* v = static_cast<const T*>(head.values);
        std::vector<T> copied;
        if (device.backend) {
          copied.resize(size_t(head.levels));
          require(device.backend, device.backend->copy(device.gpu, copied.data(), v, head.levels * int64_t(sizeof(T))));
          v = copied.data();
        }
        for (int64_t k = 0; k < head.levels; ++k) {
          if (!std::isfinite(double(v[k])) || (k > 0 && !(v[k] > v[k - 1]))) {
            fail(GX_INVALID_ARGUMENT, "the values of head %lld must be finite and increase, got %g at level %lld",
                 (long long)h, double(v[k]), (long long)k);
          }
        }
      });
      for (int64_t c = head.image_channel; c < head.image_channel + head.drawn; ++c) {
        if (drawn[size_t(c)]) {
          fail(GX_INVALID_ARGUMENT, "image channel %lld must be drawn by one head, got head %lld as well", (long long)c,
               (long long)h);
        }
        drawn[size_t(c)] = true;
      }
    }
    for (int64_t c = 0; c < p.channels; ++c) {
      if (!drawn[size_t(c)]) fail(GX_INVALID_ARGUMENT, "image channel %lld must be drawn by a head", (long long)c);
    }
  }

  void arrays() {
    const int64_t pixels = p.height * p.width;
    check::in_range(double(run.rows), 0, double(kMaxRandomRows), "rows");
    check::rng(run.rng, pixels);
    const int64_t images = check::product(check::product(run.rows, p.channels, "x"), pixels, "x");
    int64_t parameters = 0;
    for (int64_t h = 0; h < p.heads; ++h) parameters += causal_parameters(p.head[h]);
    const int64_t logits = check::product(check::product(run.rows, parameters, "logits"), pixels, "logits");
    const std::vector<check::Range> outputs = {
        check::array(run.x, images, format, "x"), check::optional_array(run.logits, logits, format, "logits"),
        check::optional_array(run.log_likelihood, run.rows, GX_FLOAT64, "log_likelihood"),
        check::optional_array(run.evaluations, pixels, GX_FLOAT64, "evaluations")};
    inputs.push_back(check::optional_array(run.observed, images, format, "observed"));
    for (size_t i = 0; i < outputs.size(); ++i) {
      for (size_t j = 0; j < i; ++j) check::disjoint(outputs[i], outputs[j]);
      for (const check::Range& input : inputs) check::disjoint(outputs[i], input);
    }
  }
};

}  // namespace

void check::causal(gx_device& device, gx_format format, const gx_causal_program* program, const gx_causal_run* run) {
  real(format);
  not_null(program, "program");
  not_null(run, "run");
  in_range(double(run->rows), 0, double(kMaxRandomRows), "rows");
  Checker checker{device, format, *program, *run, {}, 0};
  checker.lists();
  for (int64_t i = 0; i < program->nodes; ++i) checker.node(i);
  checker.heads();
  checker.arrays();
}

}  // namespace gx
