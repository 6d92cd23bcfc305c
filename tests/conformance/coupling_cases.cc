// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Affine couplings, scalings of channels and base densities.

#include <cmath>
#include <limits>

#include "case.h"
#include "coupling_case.h"

namespace gx::test {
namespace {

// An array's element i, in the format of the run.
const void* at(const Run& run, const void* p, int64_t i) {
  return static_cast<const char*>(p) + i * (run.format() == GX_FLOAT64 ? 8 : 4);
}
void* at(const Run& run, void* p, int64_t i) {
  return static_cast<char*>(p) + i * (run.format() == GX_FLOAT64 ? 8 : 4);
}

std::vector<double> doubles(int64_t n, uint64_t seed) {
  const std::vector<float> v = reals(n, -1, 1, seed);
  return {v.begin(), v.end()};
}

// A result, and a sum of `terms` of them.
Tolerance value() { return {32 * kEpsilon, 32 * kEpsilon, true}; }
Tolerance gradient() { return {128 * kEpsilon, 64 * kEpsilon, true}; }
Tolerance sum_of(int64_t terms) { return {16 * kEpsilon * double(terms + 1), 16 * kEpsilon, true}; }

// --- Affine coupling
// ---------------------------------------------------------------------------------------------------

struct Affine {
  CouplingCase coupling;
  gx_coupling_scale scale = GX_SCALE_EXP;
  bool amplitude = false, inverse = false;
  gx_base base = GX_BASE_NONE;
  int64_t gap = 0;  // of parameters, between examples
  int64_t off = 0;  // elements by which arrays miss the grid of 16 bytes
  bool in_place = false;
};

std::vector<Affine> kinds_of(const CouplingCase& coupling) {
  std::vector<Affine> all;
  for (int scale = 0; scale < 5; ++scale) {
    for (int direction = 0; direction < 4; ++direction) {
      Affine c = {coupling};
      c.scale = scale == 4 ? GX_SCALE_TANH : gx_coupling_scale(scale);
      c.amplitude = scale == 4;
      c.inverse = direction == 3;
      c.base = direction == 3 ? GX_BASE_NONE : gx_base(direction);
      all.push_back(c);
    }
  }
  return all;
}

void run_affine(const Affine& c, Run& run) {
  const CouplingCase& k = c.coupling;
  const int64_t examples = k.shape.examples, size = k.size(), stride = k.numbers() + c.gap;
  const int64_t elements = examples * size + c.off, parameters = examples * stride + c.off;
  const gx_affine_coupling_params params = {k.shape, c.scale, 1.25, stride, c.inverse, c.base};
  gx_states view = {};
  const gx_states* kept = nullptr;
  if (k.shape.pattern == GX_COUPLING_BITS) view = run.bits(1, size, k.kept), kept = &view;
  const bool scaled = c.scale != GX_SCALE_NONE;
  const std::vector<float> xs = reals(elements, -2, 2, 1), dys = reals(elements, -1, 1, 2);
  const void* x = at(run, run.real(xs), c.off);
  const void* s = scaled ? at(run, run.real(reals(parameters, -1.5, 1.5, 3)), c.off) : nullptr;
  const void* t = at(run, run.real(reals(parameters, -1, 1, 4)), c.off);
  const void* amplitude = c.amplitude ? run.real(reals(k.shape.channels, 0.2, 1.5, 5)) : nullptr;
  double* log_det = run.inout_doubles(doubles(examples, 6), sum_of(size));
  void* y = at(run, c.in_place ? run.inout(xs, value()) : run.out(elements, value()), c.off);
  run.ok(gx_affine_coupling(run.device(), run.format(), &params, kept, c.in_place ? y : x, s, t, amplitude, log_det, y,
                            log_det));

  void* dx = at(run, c.in_place ? run.inout(dys, gradient()) : run.out(elements, gradient()), c.off);
  const void* dy = c.in_place ? dx : at(run, run.real(dys), c.off);
  const double* dlog_det = run.doubles(doubles(examples, 7));
  void* ds = scaled ? at(run, run.out(parameters, gradient()), c.off) : nullptr;
  void* dt = at(run, run.out(parameters, gradient()), c.off);
  void* damplitude = c.amplitude ? run.out(k.shape.channels, sum_of(8 * examples * size)) : nullptr;
  run.ok(gx_affine_coupling_backward(run.device(), run.format(), &params, kept, x, s, t, amplitude, dy, dlog_det, dx,
                                     ds, dt, damplitude));
}

struct NamedCoupling {
  const char* name;
  CouplingCase coupling;
  int64_t gap;
};

GX_CASES(affine_coupling) {
  // Every kind: packs, single elements; whole, mixed and kept ones; a row's sum in a warp, a block, several blocks.
  const NamedCoupling all_kinds[] = {
      {"halves", span_case(3, 2, 4, 8, 32, 64), 0},
      {"checkerboard", checkerboard_case(3, 3, 8, 8, 1), 4},
      {"odd_checkerboard", checkerboard_case(2, 3, 5, 7, 0), 1},
      {"bits", block_bits_case(2, 1036), 0},
  };
  for (const NamedCoupling& c : all_kinds) {
    int number = 0;
    for (Affine kind : kinds_of(c.coupling)) {
      kind.gap = c.gap;
      add_case("affine_coupling", std::string(c.name) + "_" + std::to_string(number++),
               [kind](Run& run) { run_affine(kind, run); });
    }
  }
  const NamedCoupling shapes[] = {
      {"points", span_case(65, 2, 1, 1, 1, 2), 0},
      {"one", span_case(1, 1, 1, 1, 0, 1), 0},
      {"nothing_changed", span_case(3, 4, 1, 1, 2, 2), 1},
      {"all_changed", span_case(5, 8, 2, 2, 0, 32), 0},
      {"ragged_end", span_case(2, 1, 1, 1040, 4, 1031), 1},
      {"ragged_begin", span_case(2, 1, 1, 1040, 3, 1040), 3},
      {"odd_size", span_case(2, 1030, 1, 1, 515, 1030), 0},
      {"narrow_checkerboard", checkerboard_case(2, 4, 5, 3, 1), 0},
      {"column_checkerboard", checkerboard_case(2, 4, 9, 1, 0), 0},
      {"odd_width", checkerboard_case(2, 4, 3, 5, 0), 0},
      {"large_checkerboard", checkerboard_case(2, 3, 64, 48, 0), 4},
      {"large_channels", checkerboard_case(2, 2, 65, 64, 1), 0},
      {"odd_channels", checkerboard_case(3, 3, 7, 11, 1), 0},
      {"many_examples", checkerboard_case(70, 3, 4, 4, 1), 0},
      {"few_bits", bits_case(3, 33, 1, 1, 0.5), 0},
      {"many_bits", block_bits_case(2, 5000), 0},
      {"no_examples", span_case(0, 4, 1, 1, 2, 4), 0},
      {"no_elements", span_case(3, 0, 1, 1, 0, 0), 0},
  };
  for (const NamedCoupling& c : shapes) {
    for (int variant = 0; variant < 4; ++variant) {
      Affine kind = {c.coupling};
      kind.scale = variant == 3 ? GX_SCALE_EXP : GX_SCALE_TANH;
      kind.amplitude = variant == 0 || variant == 2;
      kind.inverse = variant == 1;
      kind.base = variant == 2 ? GX_BASE_GAUSSIAN : GX_BASE_NONE;
      kind.gap = c.gap, kind.off = variant == 2 ? 1 : 0, kind.in_place = variant == 3;
      add_case("affine_coupling", std::string(c.name) + "_" + std::to_string(variant),
               [kind](Run& run) { run_affine(kind, run); });
    }
  }
}

// What is not wanted is not written.
GX_CASE(affine_coupling, no_operands) {
  const gx_affine_coupling_params params = {
      checkerboard_case(2, 2, 6, 6, 1).shape, GX_SCALE_TANH, 1, 72, 0, GX_BASE_NONE};
  const void *x = run.real(reals(144, -2, 2, 1)), *s = run.real(reals(144, -1, 1, 2));
  const void *t = run.real(reals(144, -1, 1, 3)), *amplitude = run.real(reals(2, 0.5, 1, 4));
  const void* dy = run.real(reals(144, -1, 1, 5));
  void *y = run.out(144, value()), *dx = run.out(144, gradient()), *ds = run.out(144, gradient());
  void *dt = run.out(144, gradient()), *damplitude = run.out(2, sum_of(144));
  double* log_det = run.out_doubles(2, sum_of(72));
  gx_device* const d = run.device();
  const gx_format f = run.format();
  run.ok(gx_affine_coupling(d, f, &params, nullptr, x, s, t, amplitude, nullptr, y, log_det));
  const auto backward = [&](void* to_x, void* to_s, void* to_t, void* to_amplitude) {
    run.ok(gx_affine_coupling_backward(d, f, &params, nullptr, x, s, t, amplitude, dy, nullptr, to_x, to_s, to_t,
                                       to_amplitude));
  };
  backward(nullptr, nullptr, nullptr, nullptr);
  backward(dx, nullptr, nullptr, nullptr);
  backward(nullptr, ds, nullptr, nullptr);
  backward(nullptr, nullptr, dt, nullptr);
  backward(nullptr, nullptr, nullptr, damplitude);
}

// Scales that are no normal floats, NaN, infinities: in float alone, whose limits these are.
void not_normal(Run& run, gx_coupling_scale scale, bool inverse) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  const std::vector<float> s = {0.5f, 100, -100, nan, inf, -inf, 1, 87, 87.5f, 1, -0.25f, 0};
  const std::vector<float> x = {nan, 1, 1, 1, 1, 1, inf, 0.5f, 1, -inf, 2, nan};
  const int64_t n = int64_t(x.size());  // an example each, of one changed and one kept element
  std::vector<float> xs;
  for (int64_t i = 0; i < n; ++i) xs.push_back(x[size_t(i)]), xs.push_back(i == 1 ? nan : 1);
  const gx_affine_coupling_params params = {span_case(n, 2, 1, 1, 0, 1).shape, scale, 90, 1, inverse, GX_BASE_NONE};
  void* y = run.out(2 * n, value());
  double* log_det = run.out_doubles(n, sum_of(100));
  run.ok(gx_affine_coupling(run.device(), run.format(), &params, nullptr, run.real(xs), run.real(s),
                            run.real(reals(n, -1, 1, 3)), nullptr, nullptr, y, log_det));
}
GX_CASES(affine_coupling_not_normal) {
  for (bool inverse : {false, true}) {
    const std::string direction = inverse ? "_inverse" : "";
    for (gx_coupling_scale scale : {GX_SCALE_EXP, GX_SCALE_TANH}) {
      add_case(
          "affine_coupling", "not_normal_" + std::to_string(scale) + direction,
          [=](Run& run) { not_normal(run, scale, inverse); }, Formats::kFloat);
    }
  }
}

// --- Scaling of channels
// -----------------------------------------------------------------------------------------------

struct Channels {
  int64_t examples, channels, spatial;
  bool inverse = false;
  gx_base base = GX_BASE_NONE;
  int64_t off = 0;
  bool factors = true, in_place = false;
};

void run_channels(const Channels& c, Run& run) {
  const int64_t units = c.channels * c.spatial, elements = c.examples * units + c.off;
  const gx_channel_affine_params params = {c.examples, c.channels, c.spatial, c.inverse, c.base};
  const std::vector<float> xs = reals(elements, -2, 2, 1), dys = reals(elements, -1, 1, 2);
  const void* x = at(run, run.real(xs), c.off);
  const void* l = c.factors ? at(run, run.real(reals(c.channels + c.off, -1, 1, 3)), c.off) : nullptr;
  const void* b = c.factors ? at(run, run.real(reals(c.channels + c.off, -1, 1, 4)), c.off) : nullptr;
  double* log_det = run.inout_doubles(doubles(c.examples, 5), sum_of(units));
  void* y = at(run, c.in_place ? run.inout(xs, value()) : run.out(elements, value()), c.off);
  run.ok(gx_channel_affine(run.device(), run.format(), &params, c.in_place ? y : x, l, b, log_det, y, log_det));
  void* dx = at(run, c.in_place ? run.inout(dys, gradient()) : run.out(elements, gradient()), c.off);
  const void* dy = c.in_place ? dx : at(run, run.real(dys), c.off);
  void* dl = run.out(c.channels, sum_of(8 * c.examples * c.spatial));
  void* db = run.out(c.channels, sum_of(8 * c.examples * c.spatial));
  const double* dlog_det = c.in_place ? nullptr : run.doubles(doubles(c.examples, 6));
  run.ok(gx_channel_affine_backward(run.device(), run.format(), &params, x, l, b, dy, dlog_det, dx, dl, db));
  void* dx_alone = run.out(c.examples * units, gradient());
  run.ok(gx_channel_affine_backward(run.device(), run.format(), &params, x, l, b, at(run, run.real(dys), c.off),
                                    dlog_det, dx_alone, nullptr, nullptr));
}

GX_CASES(channel_affine) {
  const Channels shapes[] = {{3, 1, 1},  {5, 33, 1},  {4, 784, 1},  {40, 5, 4}, {3, 3, 49}, {2, 3, 64}, {2, 2, 4100},
                             {2, 3, 77}, {2, 700, 3}, {40, 130, 1}, {0, 3, 4},  {3, 0, 4},  {3, 4, 0}};
  for (Channels c : shapes) {
    const std::string name =
        std::to_string(c.examples) + "x" + std::to_string(c.channels) + "x" + std::to_string(c.spatial) + "_";
    for (int variant = 0; variant < 5; ++variant) {
      c.inverse = variant == 1;
      c.base = variant == 2 ? GX_BASE_GAUSSIAN : variant == 3 ? GX_BASE_LOGISTIC : GX_BASE_NONE;
      c.off = variant == 3, c.factors = variant != 4, c.in_place = variant == 4;
      add_case("channel_affine", name + std::to_string(variant), [c](Run& run) { run_channels(c, run); });
    }
  }
}

void channels_not_normal(Run& run) {
  const float nan = std::nanf("");
  const gx_channel_affine_params params = {3, 4, 1, 0, GX_BASE_NONE};
  const void* x = run.real({1, 2, 3, 4, 1, nan, 3, 4, 1, 2, 3, 4});
  for (const std::vector<float>& l : {std::vector<float>{0, 0, 0, 0.5f}, {0, 100, 0, 0}, {0, nan, -100, 0}}) {
    void* y = run.out(12, value());
    double* log_det = run.out_doubles(3, sum_of(4));
    run.ok(gx_channel_affine(run.device(), run.format(), &params, x, run.real(l), nullptr, nullptr, y, log_det));
  }
}
GX_CASES(channel_affine_not_normal) { add_case("channel_affine", "not_normal", channels_not_normal, Formats::kFloat); }

// --- Base densities
// ----------------------------------------------------------------------------------------------------

GX_CASES(base_log_density) {
  struct Shape {
    int64_t rows, units, stride, off;
  };
  const Shape shapes[] = {{3, 1, 1, 0},       {65, 2, 3, 0},      {5, 33, 33, 0},     {4, 96, 100, 0}, {2, 96, 96, 1},
                          {2, 1028, 1032, 0}, {2, 8196, 8200, 0}, {3, 4099, 4099, 0}, {0, 5, 5, 0},    {3, 0, 2, 0}};
  for (const Shape& s : shapes) {
    for (gx_base base : {GX_BASE_GAUSSIAN, GX_BASE_LOGISTIC}) {
      const std::string name = std::to_string(s.rows) + "x" + std::to_string(s.units) + "_" + std::to_string(s.off) +
                               "_" + std::to_string(base);
      add_case("base_log_density", name, [s, base](Run& run) {
        const void* z = at(run, run.real(reals(s.rows * s.stride + s.off, -6, 6, 1)), s.off);
        double* out = run.inout_doubles(doubles(s.rows, 2), sum_of(s.units));
        void* dz = at(run, run.out(s.rows * s.units + s.off, value()), s.off);
        run.ok(gx_base_log_density(run.device(), run.format(), s.rows, s.units, s.stride, base, z, out, out));
        run.ok(gx_base_log_density_backward(run.device(), run.format(), s.rows, s.units, s.stride, base, z,
                                            run.doubles(doubles(s.rows, 3)), dz));
        double* alone = run.out_doubles(s.rows, sum_of(s.units));
        run.ok(gx_base_log_density(run.device(), run.format(), s.rows, s.units, s.stride, base, z, nullptr, alone));
      });
    }
  }
}

}  // namespace
}  // namespace gx::test
