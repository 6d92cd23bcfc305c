// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The affine coupling and its inverse: every variant against the reference, its log-determinant against the numeric
// Jacobian, what it does with hostile operands, and what it refuses. Its gradients: coupling_affine_backward_test.cc.

#include <cmath>
#include <cstring>
#include <limits>

#include "coupling_affine_case.h"
#include "kernels/coupling/affine_coupling/affine_coupling.h"
#include "kernels/coupling/check.h"

namespace gx::test {
namespace {

constexpr double kEps = 0x1p-23, kNan = std::numeric_limits<double>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

template <class Body>
void each_variant(Body&& body) {
  int count = 0, ran = 0;
  const AffineCouplingVariant* variants = affine_coupling_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    ++ran;
    body(variants[v]);
  }
  EXPECT_GE(ran, 1);
}

template <class T>
AffineCoupling<T> call_of(const AffineCase& c, const Pattern& pattern) {
  AffineCoupling<T> a = {};
  const gx_affine_coupling_params p = c.params();
  a.pattern = pattern, a.scale = p.scale, a.base = p.base, a.inverse = p.inverse != 0, a.clamp = p.clamp;
  a.stride = p.parameter_stride;
  return a;
}

// The shapes where words, vectors, channels and examples begin and end.
std::vector<CouplingCase> shapes() {
  std::vector<CouplingCase> all;
  for (int64_t w :
       quick() ? std::vector<int64_t>{1, 17, 33} : std::vector<int64_t>{1, 2, 3, 8, 15, 16, 17, 31, 33, 66}) {
    all.push_back(span_case(2, 1, 1, w, w / 2, w));
    all.push_back(span_case(2, w, 1, 1, 0, (w + 1) / 2));
    all.push_back(span_case(2, 3, 1, w, w / 2 + 1, 2 * w));
    all.push_back(checkerboard_case(2, 2, 3, w, int32_t(w % 2)));
    all.push_back(bits_case(2, 3, 1, w, 0.4));
  }
  all.push_back(span_case(2, 4, 4, 8, 32, 96));
  all.push_back(span_case(2, 2, 8, 8, 5, 123));
  all.push_back(checkerboard_case(2, 3, 4, 8, 0));
  all.push_back(checkerboard_case(1, 1, 8, 8, 1));
  all.push_back(block_bits_case(2, 400));
  return all;
}

TEST(AffineCoupling, EveryVariantAgreesWithTheReference) {
  Device handle(2);
  gx_device& device = *static_cast<gx_device*>(handle);
  for (const CouplingCase& shape : shapes()) {
    Workspace workspace(device);
    gx_states view;
    const Pattern pattern =
        with_bits(check_coupling(shape.shape, shape.states(&view)), shape.shape, shape.states(&view), workspace);
    for (AffineCase c : kinds_of(shape)) {
      c.gap = 3;
      SCOPED_TRACE(c.name());
      AffineRun<float> run(c);
      AffineCoupling<float> a = call_of<float>(c, pattern);
      a.x = run.x.data(), a.s = run.s.data(), a.t = run.t.data(),
      a.amplitude = AffineRun<float>::or_null(run.amplitude);
      a.log_det_in = run.log_det_in.data(), a.y = run.y.data(), a.log_det_out = run.log_det.data();
      reference::affine_coupling(a);
      each_variant([&](const AffineCouplingVariant& variant) {
        const Guarded<float> x(run.x, 1), s(run.s, 3), t(run.t, 1), amplitude(run.amplitude, 1);
        const Guarded<double> log_det_in(run.log_det_in, 1);
        Guarded<float> y(c.elements(), 1);
        Guarded<double> log_det(shape.shape.examples, 1);
        AffineCoupling<float> b = call_of<float>(c, pattern);
        b.x = x.data(), b.s = s.data(), b.t = t.data(), b.amplitude = c.amplitude ? amplitude.data() : nullptr;
        b.log_det_in = log_det_in.data(), b.y = y.data(), b.log_det_out = log_det.data();
        affine_coupling(variant, device, b);
        // |y| is below 2 e^1.5 + 1 (inverse 3 e^2.3), the factor's error some units of it; and of the base of y its
        // slope.
        ASSERT_TRUE(close(y, run.y, {64 * kEps, 16 * kEps, true}));
        ASSERT_TRUE(close(log_det, run.log_det, {double(shape.size()) * (c.base ? 1e-4 : 1e-6), 1e-6, true}));
        for (int64_t i = 0; i < y.size(); ++i) {
          ASSERT_TRUE(shape.changes(i % shape.size()) || y[i] == run.x[size_t(i)]) << "kept " << i;
        }
      });
    }
  }
}

// Powers of two as factors of small integers.
TEST(AffineCoupling, IsExactOnIntegers) {
  Device device(2);
  for (const CouplingCase& shape : shapes()) {
    for (gx_coupling_scale scale : {GX_SCALE_NONE, GX_SCALE_EXP, GX_SCALE_TANH}) {
      for (bool inverse : {false, true}) {
        AffineCase c = {shape, scale};
        c.inverse = inverse;
        SCOPED_TRACE(c.name());
        AffineRun<float> run(c);
        run.x = integers(c.elements(), -9, 9, 1), run.t = integers(c.parameters(), -9, 9, 2);
        std::fill(run.s.begin(), run.s.end(), 0.0f);
        ASSERT_OK(run.forward(device));
        for (int64_t i = 0; i < c.elements(); ++i) {
          const int64_t n = i / shape.size(), e = i % shape.size(), number = n * shape.numbers() + shape.number_of(e);
          const float x = run.x[size_t(i)], t = shape.changes(e) ? run.t[size_t(number)] : 0;
          ASSERT_EQ(run.y[size_t(i)], inverse ? x - t : x + t) << i;
        }
        EXPECT_EQ(run.log_det, run.log_det_in);
      }
    }
  }
}

// The parameters are functions of what is kept, so that the Jacobian is triangular after reordering (Dinh et al. 2017,
// eq. 6), and its log-determinant must be what the call says, in either direction.
TEST(AffineCoupling, LogDetIsThatOfTheNumericJacobian) {
  Device device(1);
  const CouplingCase shapes[] = {span_case(1, 4, 1, 2, 2, 6), span_case(1, 8, 1, 1, 0, 4),
                                 checkerboard_case(1, 2, 2, 2, 1), checkerboard_case(1, 1, 2, 3, 0),
                                 bits_case(1, 7, 1, 1, 0.5)};
  for (const CouplingCase& shape : shapes) {
    for (const AffineCase& c : kinds_of(shape)) {
      if (c.base != GX_BASE_NONE) continue;
      SCOPED_TRACE(c.name());
      AffineRun<double> run(c);
      run.log_det_in[0] = 0.25;
      const std::vector<double> start = run.x;
      const auto map = [&](const std::vector<double>& x) {
        double kept = 0;
        for (int64_t e = 0; e < shape.size(); ++e) kept += shape.changes(e) ? 0 : double(e + 1) * x[size_t(e)];
        run.x = x;
        for (size_t i = 0; i < run.t.size(); ++i) {
          if (!run.s.empty()) run.s[i] = 0.7 * std::sin(0.3 * kept + double(i));
          run.t[i] = std::cos(0.2 * kept - double(i));
        }
        EXPECT_OK(run.forward(device));
        return run.y;
      };
      const double want = numeric_log_det(start, map);
      map(start);
      EXPECT_NEAR(run.log_det[0] - 0.25, want, 1e-8);
      EXPECT_EQ(std::fabs(want) > 1e-3, c.scale != GX_SCALE_NONE);
    }
  }
}

TEST(AffineCoupling, ThereAndBackIsTheSame) {
  Device device(2);
  for (const CouplingCase& shape :
       {span_case(3, 4, 4, 8, 64, 128), checkerboard_case(3, 3, 5, 7, 1), bits_case(3, 130, 1, 1, 0.5)}) {
    for (AffineCase c : kinds_of(shape)) {
      if (c.inverse || c.base != GX_BASE_NONE) continue;
      SCOPED_TRACE(c.name());
      AffineRun<float> there(c);
      ASSERT_OK(there.forward(device));
      c.inverse = true;
      AffineRun<float> back(c);
      back.x = there.y, back.log_det_in = there.log_det;
      ASSERT_OK(back.forward(device));
      EXPECT_TRUE(close(back.y, there.x, {32 * kEps, 8 * kEps}));
      EXPECT_TRUE(close(back.log_det, there.log_det_in, {1e-12, 1e-12}));
    }
  }
}

// log det + log p(y), of the y that was given.
TEST(AffineCoupling, ABaseAddsItsLogDensity) {
  Device device(2);
  const double log_two_pi = std::log(8 * std::atan(1.0));
  for (const CouplingCase& shape : {span_case(2, 2, 4, 8, 32, 64), checkerboard_case(2, 1, 5, 7, 0)}) {
    for (gx_base base : {GX_BASE_GAUSSIAN, GX_BASE_LOGISTIC}) {
      AffineCase c = {shape};
      AffineRun<float> plain(c);
      AffineRun<double> plain_wide(c);
      c.base = base;
      AffineRun<float> run(c);
      AffineRun<double> wide(c);
      run.x[3] = plain.x[3] = 1e25f, wide.x[3] = plain_wide.x[3] = 1e25f;  // its square is no float
      ASSERT_OK(plain.forward(device));
      ASSERT_OK(run.forward(device));
      ASSERT_OK(plain_wide.forward(device));
      ASSERT_OK(wide.forward(device));
      EXPECT_EQ(run.y, plain.y);
      const auto add = [&](const auto& y, std::vector<double> sum) {
        for (size_t i = 0; i < y.size(); ++i) {
          const double v = double(y[i]), size = std::fabs(v);
          sum[i / size_t(shape.size())] +=
              base == GX_BASE_GAUSSIAN ? -0.5 * (v * v + log_two_pi) : -size - 2 * std::log1p(std::exp(-size));
        }
        return sum;
      };
      EXPECT_TRUE(close(run.log_det, add(run.y, plain.log_det), {1e-5, 1e-6}));
      EXPECT_TRUE(close(wide.log_det, add(wide.y, plain_wide.log_det), {1e-12, 1e-12}));
    }
  }
}

// Bits of a float that is not a number and of no rounding: what is not touched keeps them.
float strange(int i) {
  const uint32_t bits = 0x7FC01000u + uint32_t(i);
  float f;
  std::memcpy(&f, &bits, sizeof f);
  return f;
}

TEST(AffineCoupling, InPlaceIsTheSameAndLeavesWhatIsKept) {
  Device device(2);
  for (const CouplingCase& shape : shapes()) {
    for (const AffineCase& c : kinds_of(shape)) {
      SCOPED_TRACE(c.name());
      AffineRun<float> apart(c), inside(c);
      ASSERT_OK(apart.forward(device));
      gx_states view;
      const gx_affine_coupling_params p = c.params();
      inside.log_det = inside.log_det_in;
      ASSERT_OK(gx_affine_coupling(device, GX_FLOAT32, &p, shape.states(&view), inside.x.data(),
                                   AffineRun<float>::or_null(inside.s), inside.t.data(),
                                   AffineRun<float>::or_null(inside.amplitude), inside.log_det.data(), inside.x.data(),
                                   inside.log_det.data()));
      EXPECT_EQ(inside.x, apart.y);
      EXPECT_EQ(inside.log_det, apart.log_det);
    }
  }
}

// Whatever the parameters of kept elements hold, and whatever is kept, nothing else sees it.
TEST(AffineCoupling, KeptElementsCountForNothing) {
  Device device(2);
  for (const CouplingCase& shape : shapes()) {
    for (const AffineCase& c : kinds_of(shape)) {
      if (c.base != GX_BASE_NONE) continue;
      SCOPED_TRACE(c.name());
      AffineRun<float> clean(c), odd(c);
      ASSERT_OK(clean.forward(device));
      for (int64_t i = 0; i < c.elements(); ++i) {
        const int64_t n = i / shape.size(), e = i % shape.size();
        if (shape.changes(e)) continue;
        odd.x[size_t(i)] = strange(int(i));
        if (shape.shape.pattern == GX_COUPLING_SPAN) continue;
        if (!odd.s.empty()) odd.s[size_t(n * shape.numbers() + e)] = i % 2 ? strange(1) : 1e30f;
        odd.t[size_t(n * shape.numbers() + e)] = i % 3 ? strange(2) : kInf;
      }
      ASSERT_OK(odd.forward(device));
      EXPECT_EQ(odd.log_det, clean.log_det);
      for (int64_t i = 0; i < c.elements(); ++i) {
        if (shape.changes(i % shape.size())) {
          ASSERT_EQ(odd.y[size_t(i)], clean.y[size_t(i)]) << i;
        } else {
          ASSERT_EQ(std::memcmp(&odd.y[size_t(i)], &odd.x[size_t(i)], 4), 0) << i;
        }
      }
    }
  }
}

// s and t as the two halves of what one network gave.
TEST(AffineCoupling, ParametersMayBeHalvesOfOneArray) {
  Device device(2);
  for (const CouplingCase& shape : {span_case(5, 4, 1, 9, 18, 36), checkerboard_case(5, 2, 3, 5, 1)}) {
    AffineCase c = {shape, GX_SCALE_TANH};
    AffineRun<float> run(c);
    ASSERT_OK(run.forward(device));
    const int64_t numbers = shape.numbers();
    std::vector<float> both(size_t(2 * c.parameters())), y(run.y.size());
    for (int64_t i = 0; i < c.parameters(); ++i) {
      both[size_t(i / numbers * 2 * numbers + i % numbers)] = run.s[size_t(i)];
      both[size_t(i / numbers * 2 * numbers + numbers + i % numbers)] = run.t[size_t(i)];
    }
    c.gap = numbers;
    const gx_affine_coupling_params p = c.params();
    std::vector<double> log_det(5);
    ASSERT_OK(gx_affine_coupling(device, GX_FLOAT32, &p, nullptr, run.x.data(), both.data(), both.data() + numbers,
                                 nullptr, run.log_det_in.data(), y.data(), log_det.data()));
    EXPECT_EQ(y, run.y);
    EXPECT_EQ(log_det, run.log_det);
  }
}

TEST(AffineCoupling, ThreadsChangeNothingAndTwiceIsTheSame) {
  Device device(1);
  for (const CouplingCase& shape : {span_case(3, 2, 100, 101, 5000, 20000), checkerboard_case(2, 3, 64, 64, 1),
                                    bits_case(700, 33, 1, 1, 0.5), span_case(1, 1, 1, 40000, 0, 39999)}) {
    for (AffineCase c : kinds_of(shape)) {
      if (c.scale == GX_SCALE_NONE) continue;
      if (quick() && c.base == GX_BASE_GAUSSIAN) continue;
      SCOPED_TRACE(c.name());
      AffineRun<float> first(c);
      ASSERT_OK(gx_device_set_threads(device, 1));
      ASSERT_OK(first.forward(device));
      for (int32_t threads : thread_counts()) {
        if (quick() && threads != 2) continue;
        ASSERT_OK(gx_device_set_threads(device, threads));
        AffineRun<float> again(c);
        ASSERT_OK(again.forward(device));
        EXPECT_EQ(again.y, first.y) << threads;
        EXPECT_EQ(again.log_det, first.log_det) << threads;
      }
    }
  }
}

// Results past the caches are those of the examples one by one, on the vectors' grid and off it.
TEST(AffineCoupling, LargeResultsAreThoseOfTheirExamples) {
  if (quick()) return;
  Device device(2);
  for (const CouplingCase& shape : {span_case(33, 2, 128, 256, 32768, 65536), span_case(33, 2, 128, 256, 1000, 33333),
                                    checkerboard_case(33, 4, 128, 128, 1), block_bits_case(300, 8000)}) {
    for (int64_t shift : {0, 1}) {
      if (shift > 0 && shape.shape.pattern != GX_COUPLING_CHECKERBOARD) continue;
      AffineCase c = {shape, GX_SCALE_TANH};
      SCOPED_TRACE(c.name());
      AffineRun<float> run(c);
      Guarded<float> y(c.elements(), shift);
      gx_states view;
      gx_affine_coupling_params p = c.params();
      ASSERT_OK(gx_affine_coupling(device, GX_FLOAT32, &p, shape.states(&view), run.x.data(), run.s.data(),
                                   run.t.data(), nullptr, run.log_det_in.data(), y.data(), run.log_det.data()));
      p.coupling.examples = 1;
      std::vector<float> one(static_cast<size_t>(shape.size()));
      for (int64_t n = 0; n < shape.shape.examples; ++n) {
        double log_det = kNan;
        ASSERT_OK(gx_affine_coupling(device, GX_FLOAT32, &p, shape.states(&view), run.x.data() + n * shape.size(),
                                     run.s.data() + n * shape.numbers(), run.t.data() + n * shape.numbers(), nullptr,
                                     run.log_det_in.data() + n, one.data(), &log_det));
        ASSERT_TRUE(std::equal(one.begin(), one.end(), y.begin() + n * shape.size())) << n;
        ASSERT_EQ(log_det, run.log_det[size_t(n)]) << n;
      }
    }
  }
}

// The log-determinant of an example of one element is its log-scale: tanh is the kernel's own.
TEST(AffineCoupling, TanhKeepsItsPromise) {
  Device device(2);
  const int64_t n = quick() ? 4001 : 200001;
  AffineCase c = {span_case(n, 1, 1, 1, 0, 1), GX_SCALE_TANH, 1};
  AffineRun<float> run(c);
  for (int64_t i = 0; i < n; ++i) {
    const double at = double(i - n / 2) / double(n / 2);
    run.s[size_t(i)] = float(i % 2 ? 12 * at : 12 * at * at * at * at * at);
  }
  run.s[0] = -kInf, run.s[1] = 1e30f;
  std::fill(run.log_det_in.begin(), run.log_det_in.end(), 0.0);
  ASSERT_OK(run.forward(device));
  double worst = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double s = double(run.s[size_t(i)]), want = std::tanh(s), got = run.log_det[size_t(i)];
    ASSERT_LE(std::fabs(got), 1) << s;
    ASSERT_EQ(std::signbit(got), std::signbit(want)) << s;
    if (want == 0) continue;
    worst = std::max(worst, std::fabs(got / want - 1));
    ASSERT_LE(std::fabs(got / want - 1), 7 * 0x1p-24) << s;
  }
  EXPECT_GT(worst, 0);
}

// --- Hostile operands

// One call of two examples of `size` elements, all changed; the odd numbers stand at one place of the first.
template <class T>
struct Hostile {
  static constexpr int64_t kSize = 37, kWhere = 20;
  AffineRun<T> run;
  Device device{1};

  explicit Hostile(gx_coupling_scale scale, bool inverse, double clamp = 1.5)
      : run([&] {
          AffineCase c = {span_case(2, kSize, 1, 1, 0, kSize), scale, clamp};
          c.inverse = inverse;
          return c;
        }()) {}
  void expect(bool nan, const char* what) {
    ASSERT_OK(run.forward(device));
    for (int64_t i = 0; i < 2 * kSize; ++i) {
      EXPECT_EQ(std::isnan(run.y[size_t(i)]), nan && i == kWhere) << what << " at " << i;
    }
    EXPECT_EQ(std::isnan(run.log_det[0]), nan) << what;
    EXPECT_FALSE(std::isinf(run.log_det[0])) << what;
    EXPECT_TRUE(std::isfinite(run.log_det[1])) << what;
  }
};

template <class T>
void hostile() {
  const T nan = std::numeric_limits<T>::quiet_NaN(), inf = std::numeric_limits<T>::infinity();
  const T most = T(kMostLogScale<T>), beyond = std::nextafter(most, inf);
  EXPECT_TRUE(std::exp(-(long double)(most)) >= (long double)(std::numeric_limits<T>::min()));
  EXPECT_FALSE(std::exp(-(long double)(beyond)) >= (long double)(std::numeric_limits<T>::min()));
  for (bool inverse : {false, true}) {
    for (T s : {most, -most, T(0), T(1e-30), T(87)}) {
      Hostile<T> h(GX_SCALE_EXP, inverse);
      h.run.s[h.kWhere] = s;
      h.expect(false, "a factor that is normal");
    }
    for (T s : {beyond, -beyond, T(1e30), T(-1e30), inf, -inf, nan}) {
      Hostile<T> h(GX_SCALE_EXP, inverse);
      h.run.s[h.kWhere] = s;
      h.expect(true, "a factor that is not");
    }
    for (T s : {T(1e30), T(-1e30), inf, -inf}) {
      Hostile<T> h(GX_SCALE_TANH, inverse);
      h.run.s[h.kWhere] = s;
      h.expect(false, "tanh");
      Hostile<T> wide(GX_SCALE_TANH, inverse, 1000);
      std::fill(wide.run.s.begin(), wide.run.s.end(), T(0.01));
      wide.run.s[h.kWhere] = s;
      wide.expect(true, "tanh of a large amplitude");
    }
    for (T s : {T(1e30), inf, T(-80), T(80)}) {
      Hostile<T> h(GX_SCALE_SIGMOID, inverse, 2);
      h.run.s[h.kWhere] = s;
      h.expect(false, "sigmoid");
    }
    for (T s : {T(-1e30), -inf, T(-most - 3)}) {
      Hostile<T> h(GX_SCALE_SIGMOID, inverse, 2);
      h.run.s[h.kWhere] = s;
      h.expect(true, "sigmoid of almost 0");
    }
    for (gx_coupling_scale scale : {GX_SCALE_NONE, GX_SCALE_EXP, GX_SCALE_TANH, GX_SCALE_SIGMOID}) {
      Hostile<T> of_x(scale, inverse), of_t(scale, inverse), of_s(scale, inverse), large(scale, inverse);
      of_x.run.x[of_x.kWhere] = nan;
      of_x.expect(true, "x NaN");
      of_t.run.t[of_t.kWhere] = nan;
      of_t.expect(true, "t NaN");
      if (scale != GX_SCALE_NONE) {
        of_s.run.s[of_s.kWhere] = nan;
        of_s.expect(true, "s NaN");
      }
      large.run.x[large.kWhere] = -inf;
      large.expect(false, "x infinite");
      EXPECT_EQ(large.run.y[large.kWhere], -inf);
    }
  }
}

TEST(AffineCoupling, HostileFloatsAreNanOrTheDocumentedValue) { hostile<float>(); }
TEST(AffineCoupling, HostileDoublesAreNanOrTheDocumentedValue) { hostile<double>(); }

TEST(AffineCoupling, ANanAmplitudeOrBaseShows) {
  Device device(1);
  AffineCase c = {span_case(2, 3, 4, 8, 0, 96), GX_SCALE_TANH};
  c.amplitude = true;
  AffineRun<float> run(c);
  run.amplitude[1] = NAN;
  ASSERT_OK(run.forward(device));
  for (int64_t i = 0; i < c.elements(); ++i) EXPECT_EQ(std::isnan(run.y[size_t(i)]), i / 32 % 3 == 1) << i;
  EXPECT_TRUE(std::isnan(run.log_det[0]) && std::isnan(run.log_det[1]));
  for (gx_base base : {GX_BASE_GAUSSIAN, GX_BASE_LOGISTIC}) {
    AffineCase based = {span_case(3, 40, 1, 1, 20, 40)};
    based.base = base;
    AffineRun<float> kept(based);
    kept.x[2] = NAN, kept.s[22] = 1e9f, kept.x[99] = kInf;
    ASSERT_OK(kept.forward(device));
    EXPECT_TRUE(std::isnan(kept.log_det[0]));
    EXPECT_TRUE(std::isnan(kept.log_det[1]));
    EXPECT_EQ(kept.log_det[2], -kInf);
  }
}

TEST(AffineCoupling, NothingOfNothing) {
  Device device(1);
  for (gx_format format : {GX_FLOAT32, GX_FLOAT64}) {
    gx_affine_coupling_params p = {{0, 3, 4, 5, GX_COUPLING_SPAN, 0, 0, 30}, GX_SCALE_EXP, 0, 30, 0, GX_BASE_NONE};
    EXPECT_OK(
        gx_affine_coupling(device, format, &p, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
    p.coupling.examples = 2, p.coupling.channels = 0, p.coupling.end = 0, p.parameter_stride = 0;
    double in[2] = {1, 2}, out[2] = {kNan, kNan};
    EXPECT_OK(gx_affine_coupling(device, format, &p, nullptr, nullptr, nullptr, nullptr, nullptr, in, nullptr, out));
    EXPECT_EQ(out[0], 1);
    EXPECT_EQ(out[1], 2);
  }
  // A coupling that keeps all.
  AffineCase c = {span_case(2, 5, 1, 1, 3, 3)};
  AffineRun<float> run(c);
  const gx_affine_coupling_params p = c.params();
  ASSERT_OK(gx_affine_coupling(device, GX_FLOAT32, &p, nullptr, run.x.data(), nullptr, nullptr, nullptr, nullptr,
                               run.y.data(), run.log_det.data()));
  EXPECT_EQ(run.y, run.x);
  EXPECT_EQ(run.log_det, (std::vector<double>{0, 0}));
}

TEST(AffineCoupling, RefusesWhatItCannotDo) {
  Device device(1);
  AffineCase c = {span_case(2, 4, 2, 2, 4, 12), GX_SCALE_TANH};
  c.amplitude = true;
  AffineRun<float> run(c);
  run.spread();
  const gx_affine_coupling_params good = c.params();
  struct Arguments {
    gx_device* device;
    gx_format format;
    gx_affine_coupling_params params;
    const gx_states* kept;
    const void *x, *s, *t, *amplitude;
    const double* log_det_in;
    void* y;
    double* log_det_out;
  };
  const auto call = [](const Arguments& a) {
    return gx_affine_coupling(a.device, a.format, &a.params, a.kept, a.x, a.s, a.t, a.amplitude, a.log_det_in, a.y,
                              a.log_det_out);
  };
  const Arguments fine = {device,       GX_FLOAT32,           good,    nullptr,      run.x.data(),      run.s.data(),
                          run.t.data(), run.amplitude.data(), nullptr, run.y.data(), run.log_det.data()};
  const auto refuse = [&](const char* part, auto change) {
    Arguments a = fine;
    change(a);
    EXPECT_REFUSED(part, call(a));
  };
  EXPECT_OK(call(fine));
  EXPECT_REFUSED("params must not be null",
                 gx_affine_coupling(device, GX_FLOAT32, nullptr, nullptr, run.x.data(), run.s.data(), run.t.data(),
                                    nullptr, nullptr, run.y.data(), run.log_det.data()));
  refuse("device", [](auto& a) { a.device = nullptr; });
  refuse("format", [](auto& a) { a.format = GX_BITS; });
  refuse("the scale must be between 0 and 3", [](auto& a) { a.params.scale = gx_coupling_scale(4); });
  refuse("clamp must be finite", [](auto& a) { a.params.clamp = NAN; });
  refuse("parameter_stride must be at least 8, got 7", [](auto& a) { a.params.parameter_stride = 7; });
  refuse("the size of s must fit", [](auto& a) { a.params.parameter_stride = INT64_MAX; });
  refuse("the base must be between 0 and 2, got 3", [](auto& a) { a.params.base = gx_base(3); });
  refuse("the base of an inverse", [](auto& a) { a.params.base = GX_BASE_GAUSSIAN, a.params.inverse = 1; });
  refuse("0 <= begin", [](auto& a) { a.params.coupling.begin = 13; });
  refuse("s must be null", [](auto& a) { a.params.scale = GX_SCALE_NONE, a.amplitude = nullptr; });
  refuse("amplitude must be null", [](auto& a) { a.params.scale = GX_SCALE_EXP; });
  refuse("x must not be null", [](auto& a) { a.x = nullptr; });
  refuse("s must not be null", [](auto& a) { a.s = nullptr; });
  refuse("t must not be null", [](auto& a) { a.t = nullptr; });
  refuse("y must not be null", [](auto& a) { a.y = nullptr; });
  refuse("log_det_out must not be null", [](auto& a) { a.log_det_out = nullptr; });
  refuse("aligned", [&](auto& a) { a.x = reinterpret_cast<const char*>(run.x.data()) + 2; });
  refuse("aligned", [&](auto& a) { a.log_det_out = reinterpret_cast<double*>(run.y.data() + 1); });
  refuse("y and x must not overlap", [&](auto& a) { a.y = run.x.data() + 1; });
  refuse("y and s must not overlap", [&](auto& a) { a.y = run.s.data(); });
  refuse("y and t must not overlap", [&](auto& a) { a.y = run.t.data(); });
  refuse("y and amplitude must not overlap", [&](auto& a) { a.y = run.amplitude.data(); });
  refuse("log_det_out and y must not overlap",
         [&](auto& a) { a.log_det_out = reinterpret_cast<double*>(run.y.data()); });
  refuse("overlap", [&](auto& a) { a.log_det_in = run.log_det.data() - 1; });
}

}  // namespace
}  // namespace gx::test
