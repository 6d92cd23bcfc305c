// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Copies along strides, gathers, values. All but sums and rounded values are equal bit for bit.

#include <algorithm>
#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

struct Copy {
  const char* name;
  std::vector<int64_t> shape, from_strides, to_strides;
  int64_t from_offset = 0, to_offset = 0;
};

// A whole array of these dimensions with its axes in another order.
Copy permuted(const char* name, const std::vector<int64_t>& dims, const std::vector<int>& order) {
  std::vector<int64_t> strides(dims.size(), 1);
  for (size_t d = dims.size() - 1; d > 0; --d) strides[d - 1] = strides[d] * dims[d];
  Copy copy = {name, {}, {}, {}, 0, 0};
  for (const int d : order) {
    copy.shape.push_back(dims[size_t(d)]);
    copy.from_strides.push_back(strides[size_t(d)]);
  }
  copy.to_strides.assign(dims.size(), 1);
  for (size_t d = dims.size() - 1; d > 0; --d) copy.to_strides[d - 1] = copy.to_strides[d] * copy.shape[d];
  return copy;
}

std::vector<Copy> copies() {
  return {
      {"one", {}, {}, {}, 3, 1},
      {"run", {1030}, {1}, {1}, 0, 0},
      {"run_shifted", {1030}, {1}, {1}, 1, 1},
      {"run_half_shifted", {1030}, {1}, {1}, 2, 2},
      {"run_crossed", {1030}, {1}, {1}, 1, 2},
      {"run_more_than_a_grid", {600000}, {1}, {1}, 0, 0},
      {"rows_of_32", {5, 32}, {40, 1}, {32, 1}, 4, 0},
      {"rows_of_6", {7, 6}, {10, 1}, {8, 1}, 2, 2},
      {"rows_of_7", {9, 7}, {11, 1}, {7, 1}, 3, 0},
      {"rows_into_rows", {5, 3, 8}, {48, 16, 1}, {60, 12, 1}, 8, 4},
      {"rows_swapped", {6, 5, 12}, {12, 72, 1}, {60, 12, 1}, 0, 0},
      {"repeated", {7, 32}, {1, 0}, {32, 1}, 0, 0},
      {"repeated_7", {9, 7}, {1, 0}, {7, 1}, 0, 0},
      {"repeated_rows", {4, 3, 16}, {16, 0, 1}, {48, 16, 1}, 0, 0},
      {"repeated_everywhere", {33, 5}, {0, 0}, {5, 1}, 2, 0},
      {"reversed", {77}, {-1}, {1}, 76, 0},
      {"reversed_rows", {6, 8}, {-8, 1}, {8, 1}, 40, 0},
      {"every_second", {50}, {2}, {1}, 1, 0},
      {"into_every_third", {50}, {1}, {3}, 0, 1},
      {"diagonal", {17}, {18}, {1}, 0, 0},
      {"transposed_into_gaps", {40, 50}, {1, 40}, {64, 1}, 0, 3},
      {"transposed_from_gaps", {50, 60}, {1, 70}, {60, 1}, 5, 0},
      permuted("transposed", {65, 33}, {1, 0}),
      permuted("transposed_small", {5, 7}, {1, 0}),
      permuted("transposed_2_rows", {2, 700}, {1, 0}),
      permuted("transposed_2_columns", {1100, 2}, {1, 0}),
      permuted("transposed_3_columns", {2, 600, 3}, {0, 2, 1}),
      permuted("transposed_3_rows", {2, 3, 600}, {0, 2, 1}),
      permuted("transposed_16", {9, 16, 16}, {0, 2, 1}),
      permuted("transposed_28", {3, 28, 28}, {0, 2, 1}),
      permuted("transposed_64_by_128", {64, 128}, {1, 0}),
      permuted("transposed_more_than_a_grid", {700, 500}, {1, 0}),
      permuted("channels_last", {2, 3, 20, 28}, {0, 2, 3, 1}),
      permuted("channels_first", {2, 20, 28, 3}, {0, 3, 1, 2}),
      permuted("heads", {2, 9, 4, 16}, {0, 2, 1, 3}),
      permuted("turned_around", {4, 5, 6, 7}, {3, 2, 1, 0}),
      permuted("eight_axes", {2, 3, 2, 3, 2, 3, 2, 3}, {7, 0, 5, 2, 3, 4, 1, 6}),
      permuted("planes_of_three", {30, 40, 6}, {2, 1, 0}),
  };
}

// One more than the last element that the strides reach.
int64_t reach(const Copy& c, int64_t offset, const std::vector<int64_t>& strides) {
  int64_t last = offset;
  for (size_t d = 0; d < c.shape.size(); ++d) last += std::max<int64_t>(0, (c.shape[d] - 1) * strides[d]);
  return last + 1;
}

GX_CASES(copy_strided) {
  for (const Copy& c : copies()) {
    add_case("copy_strided", c.name, [c](Run& run) {
      gx_copy_strided_params p = {};
      p.rank = int64_t(c.shape.size());
      for (size_t d = 0; d < c.shape.size(); ++d) {
        p.shape[d] = c.shape[d];
        p.from_strides[d] = c.from_strides[d];
        p.to_strides[d] = c.to_strides[d];
      }
      p.from_offset = c.from_offset;
      p.to_offset = c.to_offset;
      const int64_t from_count = reach(c, c.from_offset, c.from_strides),
                    to_count = reach(c, c.to_offset, c.to_strides);
      const void* from = run.real(reals(from_count, -1, 1, 1));
      void* to = run.out(to_count, {});
      run.ok(gx_copy_strided(run.device(), run.format(), &p, from_count, from, to_count, to));
    });
  }
}

std::vector<int64_t> indices(int64_t count, int64_t size, uint64_t seed) {
  Source source(seed);
  std::vector<int64_t> index(static_cast<size_t>(count));
  for (int64_t& k : index) k = source.integer(0, size - 1);
  return index;
}

struct Gather {
  int64_t outer, size, inner, count;
};

GX_CASES(gather) {
  for (const Gather g : {Gather{1, 7, 1, 5}, Gather{3, 7, 1, 40}, Gather{1, 10, 32, 33}, Gather{2, 5, 3, 9},
                         Gather{2, 5, 6, 9}, Gather{3, 60, 4, 11}, Gather{1, 1, 130, 17}, Gather{1, 300, 2, 3},
                         Gather{1, 40, 1, 2000}, Gather{1, 9, 1000, 160}, Gather{1, 50, 1, 140000}}) {
    for (const int64_t shift : {0, 1}) {
      if (shift && g.inner * g.count > 10000) continue;
      const std::string name = std::to_string(g.outer) + "x" + std::to_string(g.size) + "x" + std::to_string(g.inner) +
                               "_" + std::to_string(g.count) + (shift ? "_shifted" : "");
      add_case("gather", name, [g, shift](Run& run) {
        const int64_t size = run.format() == GX_FLOAT64 ? 8 : 4;
        const std::vector<int64_t> index = indices(g.count, g.size, 1);
        const int64_t whole = g.outer * g.size * g.inner, taken = g.outer * g.count * g.inner;
        const char* x = static_cast<const char*>(run.real(reals(whole + shift, -1, 1, 2)));
        const char* dy = static_cast<const char*>(run.real(reals(taken + shift, -1, 1, 3)));
        char* y = static_cast<char*>(run.out(taken + shift, {}));
        char* dx = static_cast<char*>(run.out(whole + shift, {kEpsilon, kEpsilon}));
        run.ok(gx_gather(run.device(), run.format(), g.outer, g.size, g.inner, g.count, x + shift * size, index.data(),
                         y + shift * size));
        run.ok(gx_gather_backward(run.device(), run.format(), g.outer, g.size, g.inner, g.count, dy + shift * size,
                                  index.data(), dx + shift * size));
      });
    }
  }
}

// Every row once: nothing is left to be cleared; and no row at all.
GX_CASE(gather, permutation) {
  const std::vector<int64_t> index = {4, 2, 0, 3, 1};
  const void* dy = run.real(reals(2 * 5 * 8, -1, 1, 1));
  void* dx = run.out(2 * 5 * 8, {});
  run.ok(gx_gather_backward(run.device(), run.format(), 2, 5, 8, 5, dy, index.data(), dx));
  void* nothing = run.out(2 * 5 * 8, {0, 0, true});
  run.ok(gx_gather_backward(run.device(), run.format(), 2, 5, 8, 0, nullptr, nullptr, nothing));
}

GX_CASES(values) {
  for (const int64_t n : {1, 3, 31, 256, 1025, 140003}) {
    for (const int64_t shift : {0, 1}) {
      if (shift && n > 10000) continue;
      add_case("values", std::to_string(n) + (shift ? "_shifted" : ""), [n, shift](Run& run) {
        const int64_t skip = shift * (run.format() == GX_FLOAT64 ? 8 : 4);
        char* filled = static_cast<char*>(run.out(n + shift, {0, kEpsilon}));
        run.ok(gx_fill(run.device(), run.format(), 0.1, n, filled + skip));
        char* counted = static_cast<char*>(run.out(n + shift, {0, kEpsilon, true}));
        run.ok(gx_arange(run.device(), run.format(), -3.7, 0.013, n, counted + skip));
      });
      add_case(
          "convert", std::to_string(n) + (shift ? "_shifted" : ""),
          [n, shift](Run& run) {
            const std::vector<float> values = reals(n + shift, -3, 3, 1);
            std::vector<double> wide(values.begin(), values.end());
            for (double& x : wide) x *= 1.000000012345;
            wide.back() = NAN;
            const float* a = run.floats(values) + shift;
            const double* b = run.doubles(wide) + shift;
            gx_device* d = run.device();
            run.ok(gx_convert(d, n, GX_FLOAT32, a, GX_FLOAT64, run.out_doubles(n + shift, {}) + shift));
            run.ok(gx_convert(d, n, GX_FLOAT64, b, GX_FLOAT32, run.out_floats(n + shift, {}) + shift));
            run.ok(gx_convert(d, n, GX_FLOAT32, a, GX_FLOAT32, run.out_floats(n + shift, {}) + shift));
            run.ok(gx_convert(d, n, GX_FLOAT64, b, GX_FLOAT64, run.out_doubles(n + shift, {}) + shift));
          },
          Formats::kFloat);
    }
  }
  for (const int64_t classes : {1, 2, 3, 10, 16, 1030}) {
    for (const int64_t shift : {0, 1}) {
      add_case("one_hot", std::to_string(classes) + (shift ? "_shifted" : ""), [classes, shift](Run& run) {
        const int64_t count = 37, skip = shift * (run.format() == GX_FLOAT64 ? 8 : 4);
        const std::vector<int64_t> index = indices(count, classes, 1);
        char* y = static_cast<char*>(run.out(count * classes + shift, {}));
        run.ok(gx_one_hot(run.device(), run.format(), count, classes, index.data(), y + skip));
      });
    }
  }
}

}  // namespace
}  // namespace gx::test
