// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "case.h"

namespace gx::test {
namespace {

Tolerance sums_of(int64_t terms) { return {double(4 + terms) * kEpsilon, 8 * kEpsilon, true}; }

// An output, by an element off the grid of 16 bytes if asked for.
void* out(Run& run, int64_t count, Tolerance t, bool shifted = false) {
  void* const p = run.out(count + shifted, t);
  return static_cast<char*>(p) + (shifted ? (run.format() == GX_FLOAT64 ? 8 : 4) : 0);
}

// --- Maps of rows and columns
// ------------------------------------------------------------------------------------------

struct Resize {
  const char* name;
  gx_resize_kind kind;
  int64_t batch, channels, in[2], out[2], summed;
};
const Resize kResizes[] = {
    {"nearest", GX_RESIZE_NEAREST, 2, 3, {3, 4}, {6, 12}, 1},
    {"nearest_wide", GX_RESIZE_NEAREST, 1, 2, {5, 40}, {5, 160}, 1},
    {"nearest_tiny_planes", GX_RESIZE_NEAREST, 20, 16, {2, 2}, {4, 4}, 1},
    {"nearest_of_one", GX_RESIZE_NEAREST, 2, 2, {1, 1}, {16, 9}, 1},
    {"nearest_summed", GX_RESIZE_NEAREST, 2, 2, {3, 3}, {6, 6}, 3},
    {"upper_left", GX_RESIZE_UPPER_LEFT, 2, 2, {4, 6}, {8, 12}, 1},
    {"upper_left_3", GX_RESIZE_UPPER_LEFT, 1, 3, {3, 3}, {9, 9}, 1},
    {"linear", GX_RESIZE_LINEAR, 2, 3, {4, 4}, {8, 8}, 1},
    {"linear_summed", GX_RESIZE_LINEAR, 2, 2, {5, 6}, {10, 12}, 4},
    {"linear_any", GX_RESIZE_LINEAR, 2, 2, {3, 5}, {10, 17}, 1},
    {"linear_shrink", GX_RESIZE_LINEAR, 2, 2, {5, 7}, {3, 4}, 1},
    {"linear_shrink_much", GX_RESIZE_LINEAR, 1, 2, {40, 33}, {7, 3}, 1},
    {"linear_of_one", GX_RESIZE_LINEAR, 1, 2, {1, 2}, {20, 21}, 1},
    {"linear_to_one", GX_RESIZE_LINEAR, 1, 2, {6, 5}, {1, 1}, 1},
    {"aligned", GX_RESIZE_LINEAR_ALIGNED, 2, 2, {4, 6}, {7, 12}, 1},
    {"aligned_shrink", GX_RESIZE_LINEAR_ALIGNED, 1, 2, {9, 13}, {4, 5}, 1},
    {"aligned_of_one", GX_RESIZE_LINEAR_ALIGNED, 1, 2, {1, 1}, {4, 5}, 1},
    {"aligned_of_two", GX_RESIZE_LINEAR_ALIGNED, 1, 2, {2, 2}, {9, 10}, 1},
    {"aligned_to_one", GX_RESIZE_LINEAR_ALIGNED, 1, 2, {6, 5}, {1, 1}, 1},
    {"large", GX_RESIZE_LINEAR, 1, 1, {40, 70}, {80, 140}, 1},
};

GX_CASES(resize) {
  for (const Resize& r : kResizes) {
    for (const int adjoint : {0, 1}) {
      for (const bool shifted : {false, true}) {
        add_case("resample", std::string("resize_") + r.name + (adjoint ? "_back" : "") + (shifted ? "_shifted" : ""),
                 [=](Run& run) {
                   const gx_resize_params p = {r.batch, r.channels, {r.in[0], r.in[1]}, {r.out[0], r.out[1]}, r.summed,
                                               r.kind,  adjoint};
                   const int64_t x = r.batch * r.channels * r.summed * r.in[0] * r.in[1];
                   const int64_t y = r.batch * r.channels * r.out[0] * r.out[1];
                   const int64_t terms = adjoint ? std::max<int64_t>(4, 4 * y * r.summed / x) : 4 * r.summed;
                   const void* from = run.real(reals(adjoint ? y : x, -2, 2, 1));
                   void* to = out(run, adjoint ? x : y, sums_of(2 * terms), shifted);
                   run.ok(gx_resize(run.device(), run.format(), &p, from, to));
                 });
      }
    }
  }
}

// A neighbour of weight 0 is not read.
GX_CASE(resample, resize_beside_nan) {
  auto x = reals(2 * 5 * 5, -2, 2, 3);
  x[7] = NAN, x[30] = INFINITY;
  const gx_resize_params p = {1, 2, {5, 5}, {9, 9}, 1, GX_RESIZE_LINEAR_ALIGNED, 0};
  const void* from = run.real(x);
  void* to = run.out(2 * 9 * 9, sums_of(8));
  run.ok(gx_resize(run.device(), run.format(), &p, from, to));
}

struct Pad {
  int64_t planes, height, width, top, bottom, left, right;
};
const Pad kPads[] = {{3, 4, 5, 1, 2, 3, 4}, {2, 6, 8, 0, 0, 4, 4},  {2, 3, 3, 2, 2, 2, 2},
                     {1, 1, 1, 0, 0, 0, 0}, {40, 2, 4, 1, 0, 0, 0}, {1, 30, 70, 3, 3, 5, 1}};

GX_CASES(pad) {
  int index = 0;
  for (const Pad& d : kPads) {
    ++index;
    for (const gx_padding kind : {GX_PAD_ZERO, GX_PAD_REFLECT}) {
      for (const int adjoint : {0, 1}) {
        add_case("resample",
                 std::string(kind == GX_PAD_ZERO ? "pad_zero_" : "pad_reflect_") + std::to_string(index) +
                     (adjoint ? "_back" : ""),
                 [=](Run& run) {
                   const gx_pad_params p = {d.planes, d.height, d.width, d.top,  d.bottom,
                                            d.left,   d.right,  kind,    adjoint};
                   const int64_t x = d.planes * d.height * d.width;
                   const int64_t y = d.planes * (d.top + d.height + d.bottom) * (d.left + d.width + d.right);
                   const void* from = run.real(reals(adjoint ? y : x, -2, 2, 2));
                   void* to = run.out(adjoint ? x : y, sums_of(9));
                   run.ok(gx_pad(run.device(), run.format(), &p, from, to));
                 });
      }
    }
  }
}

// --- Pooling
// -------------------------------------------------------------------------------------------------------

struct Pool {
  const char* name;
  int64_t batch, channels, in[2], kernel[2], stride[2], dilation[2], padding[2];

  gx_pool_params params(gx_pooling kind, int adjoint) const {
    return {batch,
            channels,
            {in[0], in[1]},
            {kernel[0], kernel[1]},
            {stride[0], stride[1]},
            {dilation[0], dilation[1]},
            {padding[0], padding[1]},
            kind,
            adjoint};
  }
  int64_t size(int a) const { return (in[a] + 2 * padding[a] - dilation[a] * (kernel[a] - 1) - 1) / stride[a] + 1; }
  int64_t x() const { return batch * channels * in[0] * in[1]; }
  int64_t y() const { return batch * channels * size(0) * size(1); }
};
const Pool kPools[] = {
    {"2", 2, 3, {8, 8}, {2, 2}, {2, 2}, {1, 1}, {0, 0}},
    {"2_odd", 2, 2, {7, 9}, {2, 2}, {2, 2}, {1, 1}, {0, 0}},
    {"3_padded", 2, 2, {8, 16}, {3, 3}, {2, 2}, {1, 1}, {1, 1}},
    {"3_dense", 1, 2, {6, 8}, {3, 3}, {1, 1}, {1, 1}, {1, 1}},
    {"uneven", 2, 2, {9, 11}, {3, 2}, {1, 2}, {2, 1}, {1, 0}},
    {"dilated", 1, 2, {12, 12}, {3, 3}, {2, 3}, {3, 2}, {3, 2}},
    {"apart", 1, 2, {11, 10}, {2, 2}, {4, 5}, {1, 1}, {0, 0}},
    {"global", 3, 5, {9, 8}, {9, 8}, {1, 1}, {1, 1}, {0, 0}},
    {"empty", 1, 2, {1, 1}, {2, 2}, {1, 1}, {4, 4}, {2, 2}},
    {"large", 1, 2, {20, 24}, {9, 8}, {3, 2}, {1, 1}, {4, 4}},
    {"tiny_planes", 30, 11, {2, 2}, {2, 2}, {2, 2}, {1, 1}, {0, 0}},
    {"five", 1, 1, {30, 68}, {5, 5}, {1, 1}, {1, 1}, {2, 2}},
};

GX_CASES(pool) {
  struct Kind {
    const char* name;
    gx_pooling kind;
  };
  for (const Pool& s : kPools) {
    for (const Kind k :
         {Kind{"sum", GX_POOL_SUM}, Kind{"average", GX_POOL_AVERAGE}, Kind{"average_inside", GX_POOL_AVERAGE_INSIDE}}) {
      for (const int adjoint : {0, 1}) {
        add_case("resample", std::string("pool_") + k.name + "_" + s.name + (adjoint ? "_back" : ""), [=](Run& run) {
          const gx_pool_params p = s.params(k.kind, adjoint);
          const void* from = run.real(reals(adjoint ? s.y() : s.x(), -2, 2, 4));
          void* to = run.out(adjoint ? s.x() : s.y(), sums_of(2 * s.kernel[0] * s.kernel[1]));
          run.ok(gx_pool(run.device(), run.format(), &p, from, to, nullptr));
        });
      }
    }
  }
}

GX_CASES(max_pool) {
  for (const Pool& s : kPools) {
    for (const bool shifted : {false, true}) {
      for (const bool special : {false, true}) {
        add_case("resample",
                 std::string("max_pool_") + s.name + (special ? "_special" : "") + (shifted ? "_shifted" : ""),
                 [=](Run& run) {
                   const gx_pool_params p = s.params(GX_POOL_MAX, 0);
                   auto x = integers(s.x(), -3, 3, 5);  // with equal ones
                   if (special) {
                     for (size_t i = 0; i < x.size(); ++i) x[i] = i % 17 == 5 ? NAN : i % 13 == 2 ? -INFINITY : x[i];
                   }
                   const void* from = run.real(x);
                   void* to = out(run, s.y(), {0, 0, true}, shifted);
                   void* index = out(run, s.y(), {0, 0, true}, shifted);
                   run.ok(gx_pool(run.device(), run.format(), &p, from, to, index));
                   void* alone = run.out(s.y(), {0, 0, true});
                   run.ok(gx_pool(run.device(), run.format(), &p, from, alone, nullptr));
                 });
      }
    }
  }
}

struct Unpool {
  const char* name;
  int64_t planes, in, out, modulo;
};
const Unpool kUnpools[] = {{"apart", 3, 100, 400, 400},   {"some", 2, 600, 2000, 300}, {"all_at_one", 2, 300, 5, 1},
                           {"slots", 1, 700, 5000, 5000}, {"more_in", 4, 513, 31, 31}, {"one", 1, 1, 1, 1}};

GX_CASES(unpool) {
  for (const Unpool& u : kUnpools) {
    for (const int adjoint : {0, 1}) {
      add_case("resample", std::string("unpool_") + u.name + (adjoint ? "_back" : ""), [=](Run& run) {
        const gx_unpool_params p = {u.planes, u.in, u.out, adjoint};
        // Strides of 1024 in "slots": pixels that share a slot.
        auto index = integers(u.planes * u.in, 0, u.modulo - 1, 6);
        if (u.out > 4096) {
          for (size_t i = 0; i < index.size(); i += 3) index[i] = float(int(index[i]) % 5 * 1024);
        }
        if (index.size() > 40) index[3] = -1, index[17] = NAN, index[20] = 0.5f, index[33] = float(u.out);
        const void* from = run.real(integers(u.planes * (adjoint ? u.out : u.in), 1, 9, 7));
        const void* at = run.real(index);
        void* to = run.out(u.planes * (adjoint ? u.in : u.out), {0, 0, true});
        run.ok(gx_unpool(run.device(), run.format(), &p, from, at, to));
      });
    }
  }
}

// --- Rearrangement and grids
// ---------------------------------------------------------------------------------------

GX_CASES(space_to_depth) {
  struct Shape {
    const char* name;
    int64_t batch, channels, height, width, block;
  };
  for (const Shape s : {Shape{"pairs", 2, 3, 4, 16, 2}, Shape{"narrow", 2, 3, 6, 6, 2}, Shape{"of_3", 2, 2, 6, 9, 3},
                        Shape{"of_1", 1, 2, 3, 5, 1}, Shape{"of_4", 1, 3, 8, 32, 4}, Shape{"wide", 1, 2, 2, 600, 2}}) {
    for (const gx_block_order order : {GX_BLOCK_BY_CHANNEL, GX_BLOCK_BY_PIXEL, GX_BLOCK_BY_CHECKERBOARD}) {
      if (order == GX_BLOCK_BY_CHECKERBOARD && s.block != 2) continue;
      for (const int adjoint : {0, 1}) {
        for (const bool shifted : {false, true}) {
          add_case("resample",
                   std::string("space_to_depth_") + s.name + "_" + std::to_string(order) + (adjoint ? "_back" : "") +
                       (shifted ? "_shifted" : ""),
                   [=](Run& run) {
                     const gx_space_to_depth_params p = {s.batch, s.channels, s.height, s.width,
                                                         s.block, order,      adjoint};
                     const int64_t n = s.batch * s.channels * s.height * s.width;
                     const void* from = run.real(reals(n, -2, 2, 8));
                     run.ok(gx_space_to_depth(run.device(), run.format(), &p, from, out(run, n, {}, shifted)));
                   });
        }
      }
    }
  }
}

GX_CASES(affine_grid) {
  struct Shape {
    int64_t batch, height, width;
  };
  for (const Shape s : {Shape{3, 5, 7}, Shape{1, 1, 1}, Shape{2, 20, 33}, Shape{70, 2, 2}}) {
    for (const int align : {0, 1}) {
      for (const int adjoint : {0, 1}) {
        for (const bool shifted : {false, true}) {
          add_case("resample",
                   "affine_grid_" + std::to_string(s.batch) + "_" + std::to_string(s.width) +
                       (align ? "_aligned" : "") + (adjoint ? "_back" : "") + (shifted ? "_shifted" : ""),
                   [=](Run& run) {
                     const gx_affine_grid_params p = {s.batch, s.height, s.width, align, adjoint};
                     const int64_t theta = 6 * s.batch, grid = 2 * s.batch * s.height * s.width;
                     const void* from = run.real(reals(adjoint ? grid : theta, -2, 2, 9));
                     void* to = out(run, adjoint ? theta : grid, {8 * kEpsilon, 8 * kEpsilon, true}, shifted);
                     run.ok(gx_affine_grid(run.device(), run.format(), &p, from, to));
                   });
        }
      }
    }
  }
}

GX_CASES(grid_sample) {
  struct Shape {
    const char* name;
    int64_t batch, channels, in[2], out[2];
    float reach;  // of the grid's coordinates
  };
  for (const Shape s : {Shape{"plain", 2, 3, {6, 7}, {5, 8}, 1.3f}, Shape{"large", 1, 2, {12, 9}, {20, 31}, 1},
                        Shape{"channels", 2, 37, {5, 5}, {6, 6}, 1.5f}, Shape{"one", 1, 1, {1, 1}, {3, 3}, 1},
                        Shape{"at_a_point", 1, 2, {9, 9}, {15, 20}, 0.01f}, Shape{"small", 3, 5, {3, 3}, {1, 2}, 3}}) {
    for (const int align : {0, 1}) {
      const auto inputs = [=](Run& run, std::vector<const void*>& arrays) {
        auto grid = reals(s.batch * s.out[0] * s.out[1] * 2, -s.reach, s.reach, 10);
        if (grid.size() > 30) grid[4] = NAN, grid[7] = INFINITY, grid[12] = -1e30f;
        arrays = {run.real(reals(s.batch * s.channels * s.in[0] * s.in[1], -1, 1, 11)), run.real(grid)};
        return gx_grid_sample_params{s.batch, s.channels, {s.in[0], s.in[1]}, {s.out[0], s.out[1]}, align};
      };
      // A coordinate is off by some units of the last place of the picture's size.
      const double size = double(std::max(s.in[0], s.in[1]));
      const int64_t x = s.batch * s.channels * s.in[0] * s.in[1], y = s.batch * s.channels * s.out[0] * s.out[1];
      const std::string name = std::string("grid_sample_") + s.name + (align ? "_aligned" : "");
      add_case("resample", name, [=](Run& run) {
        std::vector<const void*> arrays;
        const gx_grid_sample_params p = inputs(run, arrays);
        void* to = run.out(y, {8 * size * kEpsilon, 8 * kEpsilon, true});
        run.ok(gx_grid_sample(run.device(), run.format(), &p, arrays[0], arrays[1], to));
      });
      for (const int which : {1, 2, 3}) {
        add_case("resample", name + "_back_" + std::to_string(which), [=](Run& run) {
          std::vector<const void*> arrays;
          const gx_grid_sample_params p = inputs(run, arrays);
          const void* dy = run.real(reals(y, -1, 1, 12));
          const double meet = double(y) / double(x) * 4 + 8 + (s.reach < 0.1f ? 300 : 0);
          void* dx = which & 1 ? run.out(x, {4 * size * meet * kEpsilon, 8 * kEpsilon, true}) : nullptr;
          void* dgrid = which & 2 ? run.out(s.batch * s.out[0] * s.out[1] * 2,
                                            {16 * size * size * double(s.channels) * kEpsilon, 8 * kEpsilon, true})
                                  : nullptr;
          run.ok(gx_grid_sample_backward(run.device(), run.format(), &p, arrays[0], arrays[1], dy, dx, dgrid));
        });
      }
    }
  }
}

// Without channels the gradient of the grid is there, and 0.
GX_CASE(resample, grid_sample_back_of_nothing) {
  const gx_grid_sample_params p = {2, 0, {3, 3}, {4, 4}, 0};
  const void* grid = run.real(reals(64, -1, 1, 1));
  void* dgrid = run.out(64, {0, 0, true});
  run.ok(gx_grid_sample_backward(run.device(), run.format(), &p, nullptr, grid, nullptr, nullptr, dgrid));
}

}  // namespace
}  // namespace gx::test
