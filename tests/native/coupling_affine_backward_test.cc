// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The gradients of the affine coupling: every variant against the reference, the reference against central differences.

#include <cmath>
#include <limits>

#include "coupling_affine_case.h"
#include "kernels/coupling/affine_coupling/affine_coupling.h"
#include "kernels/coupling/check.h"

namespace gx::test {
namespace {

constexpr double kEps = 0x1p-23;

std::vector<CouplingCase> shapes() {
  std::vector<CouplingCase> all;
  for (int64_t w : quick() ? std::vector<int64_t>{1, 17, 33} : std::vector<int64_t>{1, 2, 3, 8, 15, 17, 31, 33, 66}) {
    all.push_back(span_case(3, 1, 1, w, w / 2, w));
    all.push_back(span_case(40, w, 1, 1, 0, (w + 1) / 2));
    all.push_back(span_case(3, 3, 1, w, w / 2 + 1, 2 * w));
    all.push_back(checkerboard_case(3, 2, 3, w, int32_t(w % 2)));
    all.push_back(bits_case(3, 3, 1, w, 0.4));
  }
  all.push_back(span_case(3, 4, 4, 8, 32, 96));
  all.push_back(span_case(3, 2, 8, 8, 5, 123));
  all.push_back(checkerboard_case(3, 3, 4, 8, 0));
  all.push_back(block_bits_case(3, 700));
  all.push_back(span_case(2, 3, 1, 8192 + 32, 100, 3 * (8192 + 32) - 7));  // channels cut into parts
  return all;
}

TEST(AffineCouplingBackward, EveryVariantAgreesWithTheReference) {
  Device handle(2);
  gx_device& device = *static_cast<gx_device*>(handle);
  int count = 0, ran = 0;
  const AffineCouplingVariant* variants = affine_coupling_variants(&count);
  for (const CouplingCase& shape : shapes()) {
    Workspace workspace(device);
    gx_states view;
    const Pattern pattern =
        with_bits(check_coupling(shape.shape, shape.states(&view)), shape.shape, shape.states(&view), workspace);
    for (AffineCase c : kinds_of(shape)) {
      c.gap = 2;
      SCOPED_TRACE(c.name());
      AffineRun<float> run(c);
      const gx_affine_coupling_params p = c.params();
      AffineCouplingBackward<float> a = {};
      a.pattern = pattern, a.scale = p.scale, a.base = p.base, a.inverse = p.inverse != 0, a.clamp = p.clamp;
      a.stride = p.parameter_stride;
      AffineCouplingBackward<float> b = a;
      a.x = run.x.data(), a.s = run.s.data(), a.t = run.t.data(),
      a.amplitude = AffineRun<float>::or_null(run.amplitude);
      a.dy = run.dy.data(), a.dlog_det = run.dlog_det.data(), a.dx = run.dx.data(), a.dt = run.dt.data();
      a.ds = AffineRun<float>::or_null(run.ds), a.damplitude = AffineRun<float>::or_null(run.damplitude);
      reference::affine_coupling_backward(a);
      for (int v = 0; v < count; ++v) {
        if (!usable(variants[v].line.isa)) continue;
        ++ran;
        const Guarded<float> x(run.x, 1), s(run.s, 3), t(run.t, 1), amplitude(run.amplitude, 1), dy(run.dy, 5);
        Guarded<float> dx(c.elements(), 1), ds(int64_t(run.ds.size()), 1), dt(c.parameters(), 3);
        Guarded<float> damplitude(int64_t(run.damplitude.size()), 1);
        b.x = x.data(), b.s = s.data(), b.t = t.data(), b.amplitude = c.amplitude ? amplitude.data() : nullptr;
        b.dy = dy.data(), b.dlog_det = run.dlog_det.data(), b.dx = dx.data(), b.dt = dt.data();
        b.ds = run.ds.empty() ? nullptr : ds.data(), b.damplitude = c.amplitude ? damplitude.data() : nullptr;
        affine_coupling_backward(variants[v], device, b);
        // Products of a few numbers below 14 or so, each rounded; the gaps stay as they were, NaN.
        const Tolerance tolerance = {256 * kEps, 32 * kEps, true};
        ASSERT_TRUE(close(dx, run.dx, tolerance));
        ASSERT_TRUE(close(dt, run.dt, tolerance));
        ASSERT_TRUE(close(ds, run.ds, tolerance));
        const double terms = double(c.elements()) / double(shape.shape.channels);
        ASSERT_TRUE(close(damplitude, run.damplitude, {64 * kEps * terms, 32 * kEps, true}));
      }
    }
  }
  EXPECT_GE(ran, 1);
}

TEST(AffineCouplingBackward, GradientsAreTheSlopes) {
  Device device(1);
  constexpr double kStep = 1e-5;
  const CouplingCase shapes[] = {span_case(2, 3, 1, 2, 2, 5), span_case(2, 4, 1, 1, 0, 4),
                                 checkerboard_case(2, 2, 2, 3, 1), bits_case(2, 5, 1, 1, 0.5)};
  for (const CouplingCase& shape : shapes) {
    for (AffineCase c : kinds_of(shape)) {
      c.gap = 1;
      SCOPED_TRACE(c.name());
      AffineRun<double> run(c, 3);
      ASSERT_OK(run.backward(device));
      const auto value = [&] {
        EXPECT_OK(run.forward(device));
        double sum = 0;
        for (size_t i = 0; i < run.y.size(); ++i) sum += run.dy[i] * run.y[i];
        for (size_t n = 0; n < run.log_det.size(); ++n) sum += run.dlog_det[n] * run.log_det[n];
        return sum;
      };
      const auto check = [&](std::vector<double>& v, const std::vector<double>& gradient, int64_t period,
                             int64_t inside, const char* name) {
        for (size_t i = 0; i < v.size(); ++i) {
          if (int64_t(i) % period >= inside) {
            EXPECT_TRUE(std::isnan(gradient[i])) << name << " writes into a gap at " << i;
            continue;
          }
          const double at = v[i];
          v[i] = at + kStep;
          const double above = value();
          v[i] = at - kStep;
          const double below = value();
          v[i] = at;
          EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 1e-7) << name << " " << i;
        }
      };
      const int64_t numbers = shape.numbers();
      check(run.x, run.dx, 1, 1, "dx");
      check(run.t, run.dt, numbers + 1, numbers, "dt");
      check(run.s, run.ds, numbers + 1, numbers, "ds");
      check(run.amplitude, run.damplitude, 1, 1, "damplitude");
    }
  }
}

TEST(AffineCouplingBackward, GradientsThatAreNotWantedAreLeftOutAndNoneIsZero) {
  Device device(2);
  for (const CouplingCase& shape : {span_case(3, 2, 1, 33, 20, 50), checkerboard_case(3, 2, 4, 8, 1)}) {
    for (const AffineCase& c : kinds_of(shape)) {
      SCOPED_TRACE(c.name());
      AffineRun<float> all(c), zero(c), none(c);
      ASSERT_OK(all.backward(device));
      gx_states view;
      const gx_affine_coupling_params p = c.params();
      for (int wanted = 0; wanted < 4; ++wanted) {
        AffineRun<float> one(c);
        float* const ds = AffineRun<float>::or_null(one.ds);
        float* const damplitude = AffineRun<float>::or_null(one.damplitude);
        ASSERT_OK(gx_affine_coupling_backward(
            device, GX_FLOAT32, &p, shape.states(&view), one.x.data(), AffineRun<float>::or_null(one.s), one.t.data(),
            AffineRun<float>::or_null(one.amplitude), one.dy.data(), one.dlog_det.data(),
            wanted == 0 ? one.dx.data() : nullptr, wanted == 1 ? ds : nullptr, wanted == 2 ? one.dt.data() : nullptr,
            wanted == 3 ? damplitude : nullptr));
        const std::vector<float>* const got[] = {&one.dx, &one.ds, &one.dt, &one.damplitude};
        const std::vector<float>* const want[] = {&all.dx, &all.ds, &all.dt, &all.damplitude};
        EXPECT_EQ(*got[wanted], *want[wanted]) << wanted;
      }
      std::fill(zero.dlog_det.begin(), zero.dlog_det.end(), 0.0);
      ASSERT_OK(zero.backward(device));
      // dlog_det NULL, and dx in the place of dy.
      ASSERT_OK(gx_affine_coupling_backward(
          device, GX_FLOAT32, &p, shape.states(&view), none.x.data(), AffineRun<float>::or_null(none.s), none.t.data(),
          AffineRun<float>::or_null(none.amplitude), none.dy.data(), nullptr, none.dy.data(),
          AffineRun<float>::or_null(none.ds), none.dt.data(), AffineRun<float>::or_null(none.damplitude)));
      EXPECT_EQ(none.dy, zero.dx);
      EXPECT_EQ(none.ds, zero.ds);
      EXPECT_EQ(none.dt, zero.dt);
      EXPECT_EQ(none.damplitude, zero.damplitude);
    }
  }
}

TEST(AffineCouplingBackward, InPlaceIsTheSame) {
  Device device(2);
  for (const CouplingCase& shape : shapes()) {
    for (const AffineCase& c : kinds_of(shape)) {
      SCOPED_TRACE(c.name());
      AffineRun<float> apart(c), inside(c);
      ASSERT_OK(apart.backward(device));
      gx_states view;
      const gx_affine_coupling_params p = c.params();
      ASSERT_OK(gx_affine_coupling_backward(
          device, GX_FLOAT32, &p, shape.states(&view), inside.x.data(), AffineRun<float>::or_null(inside.s),
          inside.t.data(), AffineRun<float>::or_null(inside.amplitude), inside.dy.data(), inside.dlog_det.data(),
          inside.dy.data(), AffineRun<float>::or_null(inside.ds), inside.dt.data(),
          AffineRun<float>::or_null(inside.damplitude)));
      EXPECT_EQ(inside.dy, apart.dx);
      EXPECT_EQ(inside.ds, apart.ds);
      EXPECT_EQ(inside.dt, apart.dt);
      EXPECT_EQ(inside.damplitude, apart.damplitude);
    }
  }
}

TEST(AffineCouplingBackward, GradientsMayBeHalvesOfOneArray) {
  Device device(2);
  const CouplingCase shape = checkerboard_case(4, 2, 3, 5, 1);
  AffineCase c = {shape};
  AffineRun<float> apart(c);
  ASSERT_OK(apart.backward(device));
  const int64_t numbers = shape.numbers(), n = c.parameters();
  std::vector<float> both(size_t(2 * n)), gradient(size_t(2 * n));
  for (int64_t i = 0; i < n; ++i) {
    both[size_t(i / numbers * 2 * numbers + i % numbers)] = apart.s[size_t(i)];
    both[size_t(i / numbers * 2 * numbers + numbers + i % numbers)] = apart.t[size_t(i)];
  }
  c.gap = numbers;
  gx_affine_coupling_params p = c.params();
  std::vector<float> dx(apart.dx.size());
  const auto call = [&](float* ds, float* dt) {
    return gx_affine_coupling_backward(device, GX_FLOAT32, &p, nullptr, apart.x.data(), both.data(),
                                       both.data() + numbers, nullptr, apart.dy.data(), apart.dlog_det.data(),
                                       dx.data(), ds, dt, nullptr);
  };
  ASSERT_OK(call(gradient.data(), gradient.data() + numbers));
  EXPECT_EQ(dx, apart.dx);
  for (int64_t i = 0; i < n; ++i) {
    ASSERT_EQ(gradient[size_t(i / numbers * 2 * numbers + i % numbers)], apart.ds[size_t(i)]);
    ASSERT_EQ(gradient[size_t(i / numbers * 2 * numbers + numbers + i % numbers)], apart.dt[size_t(i)]);
  }
  ASSERT_OK(call(gradient.data() + numbers, gradient.data()));
  EXPECT_REFUSED("ds and dt must not overlap", call(gradient.data(), gradient.data() + numbers - 1));
  EXPECT_REFUSED("ds and dt must not overlap", call(gradient.data(), gradient.data()));
  p.parameter_stride = numbers + 5;
  EXPECT_REFUSED("ds and dt must not overlap", call(gradient.data(), gradient.data() + numbers));
}

TEST(AffineCouplingBackward, ThreadsChangeNothingAndTwiceIsTheSame) {
  Device device(1);
  for (const CouplingCase& shape :
       {span_case(3, 2, 100, 101, 5000, 20000), checkerboard_case(2, 3, 64, 64, 1), bits_case(700, 33, 1, 1, 0.5)}) {
    for (const AffineCase& c : kinds_of(shape)) {
      if (c.scale != GX_SCALE_TANH) continue;
      if (quick() && c.base == GX_BASE_GAUSSIAN) continue;
      SCOPED_TRACE(c.name());
      AffineRun<float> first(c);
      ASSERT_OK(gx_device_set_threads(device, 1));
      ASSERT_OK(first.backward(device));
      for (int32_t threads : thread_counts()) {
        if (quick() && threads != 2) continue;
        ASSERT_OK(gx_device_set_threads(device, threads));
        AffineRun<float> again(c);
        ASSERT_OK(again.backward(device));
        EXPECT_EQ(again.dx, first.dx) << threads;
        EXPECT_EQ(again.ds, first.ds) << threads;
        EXPECT_EQ(again.dt, first.dt) << threads;
        EXPECT_EQ(again.damplitude, first.damplitude) << threads;
      }
    }
  }
}

TEST(AffineCouplingBackward, LargeGradientsAreThoseOfTheirExamples) {
  if (quick()) return;
  Device device(2);
  for (const CouplingCase& shape :
       {span_case(33, 2, 128, 256, 32768, 65536), checkerboard_case(33, 4, 128, 128, 1), block_bits_case(300, 8000)}) {
    for (int64_t shift : {0, 1}) {
      if (shift > 0 && shape.shape.pattern != GX_COUPLING_CHECKERBOARD) continue;
      AffineCase c = {shape};
      SCOPED_TRACE(c.name());
      AffineRun<float> run(c);
      Guarded<float> dx(c.elements(), shift), ds(c.parameters(), shift), dt(c.parameters(), shift);
      gx_states view;
      gx_affine_coupling_params p = c.params();
      ASSERT_OK(gx_affine_coupling_backward(device, GX_FLOAT32, &p, shape.states(&view), run.x.data(), run.s.data(),
                                            run.t.data(), nullptr, run.dy.data(), run.dlog_det.data(), dx.data(),
                                            ds.data(), dt.data(), nullptr));
      p.coupling.examples = 1;
      for (int64_t n = 0; n < shape.shape.examples; ++n) {
        const int64_t x = n * shape.size(), s = n * shape.numbers();
        ASSERT_OK(gx_affine_coupling_backward(device, GX_FLOAT32, &p, shape.states(&view), run.x.data() + x,
                                              run.s.data() + s, run.t.data() + s, nullptr, run.dy.data() + x,
                                              run.dlog_det.data() + n, run.dx.data() + x, run.ds.data() + s,
                                              run.dt.data() + s, nullptr));
      }
      EXPECT_TRUE(std::equal(dx.begin(), dx.end(), run.dx.begin()));
      EXPECT_TRUE(std::equal(ds.begin(), ds.end(), run.ds.begin()));
      EXPECT_TRUE(std::equal(dt.begin(), dt.end(), run.dt.begin()));
    }
  }
}

// A factor that is no normal number makes the gradients NaN that hold it; what is kept holds none.
TEST(AffineCouplingBackward, HostileScalesShow) {
  Device device(1);
  const auto check = [&](auto zero) {
    using T = decltype(zero);
    for (bool inverse : {false, true}) {
      for (T s : {T(1e30), T(-1e30), std::numeric_limits<T>::quiet_NaN()}) {
        AffineCase c = {span_case(2, 40, 1, 1, 3, 40)};
        c.inverse = inverse;
        AffineRun<T> run(c);
        run.s[20] = s;
        ASSERT_OK(run.backward(device));
        for (size_t i = 0; i < run.dx.size(); ++i) EXPECT_EQ(std::isnan(run.dx[i]), i == 23) << i;
        for (size_t i = 0; i < run.ds.size(); ++i) {
          EXPECT_EQ(std::isnan(run.ds[i]), i == 20) << i;
          EXPECT_EQ(std::isnan(run.dt[i]), i == 20 && inverse) << i;
        }
      }
    }
  };
  check(0.0f);
  check(0.0);
}

TEST(AffineCouplingBackward, KeptElementsCountForNothing) {
  Device device(2);
  for (const CouplingCase& shape :
       {checkerboard_case(2, 2, 5, 9, 1), bits_case(2, 90, 1, 1, 0.5), block_bits_case(2, 400)}) {
    for (const AffineCase& c : kinds_of(shape)) {
      SCOPED_TRACE(c.name());
      AffineRun<float> clean(c), odd(c);
      ASSERT_OK(clean.backward(device));
      for (int64_t i = 0; i < c.elements(); ++i) {
        if (shape.changes(i % shape.size())) continue;
        if (!odd.s.empty()) odd.s[size_t(i)] = NAN;
        odd.t[size_t(i)] = NAN;
        if (c.base == GX_BASE_NONE) odd.x[size_t(i)] = NAN;
      }
      ASSERT_OK(odd.backward(device));
      EXPECT_EQ(odd.dx, clean.dx);
      EXPECT_EQ(odd.ds, clean.ds);
      EXPECT_EQ(odd.dt, clean.dt);
      EXPECT_EQ(odd.damplitude, clean.damplitude);
    }
  }
}

TEST(AffineCouplingBackward, NothingOfNothing) {
  Device device(1);
  for (gx_format format : {GX_FLOAT32, GX_FLOAT64}) {
    gx_affine_coupling_params p = {{0, 3, 1, 5, GX_COUPLING_SPAN, 0, 0, 10}, GX_SCALE_TANH, 1, 10, 0, GX_BASE_NONE};
    const double amplitude[3] = {1, 1, 1};
    double sums[3] = {7, 7, 7};
    EXPECT_OK(gx_affine_coupling_backward(device, format, &p, nullptr, nullptr, nullptr, nullptr, amplitude, nullptr,
                                          nullptr, nullptr, nullptr, nullptr, sums));
    const size_t bytes = format == GX_FLOAT64 ? 24 : 12;
    for (size_t i = 0; i < bytes; ++i) EXPECT_EQ(reinterpret_cast<const char*>(sums)[i], 0);
  }
}

TEST(AffineCouplingBackward, RefusesWhatItCannotDo) {
  Device device(1);
  AffineCase c = {span_case(2, 4, 2, 2, 4, 12), GX_SCALE_TANH};
  c.amplitude = true;
  AffineRun<float> run(c);
  run.spread();
  struct Arguments {
    gx_device* device;
    gx_format format;
    gx_affine_coupling_params params;
    const void *x, *s, *t, *amplitude, *dy;
    const double* dlog_det;
    void *dx, *ds, *dt, *damplitude;
  };
  const auto call = [](const Arguments& a) {
    return gx_affine_coupling_backward(a.device, a.format, &a.params, nullptr, a.x, a.s, a.t, a.amplitude, a.dy,
                                       a.dlog_det, a.dx, a.ds, a.dt, a.damplitude);
  };
  const Arguments fine = {device,        GX_FLOAT32,           c.params(),           run.x.data(),        run.s.data(),
                          run.t.data(),  run.amplitude.data(), run.dy.data(),        run.dlog_det.data(), run.dx.data(),
                          run.ds.data(), run.dt.data(),        run.damplitude.data()};
  const auto refuse = [&](const char* part, auto change) {
    Arguments a = fine;
    change(a);
    EXPECT_REFUSED(part, call(a));
  };
  EXPECT_OK(call(fine));
  refuse("device", [](auto& a) { a.device = nullptr; });
  refuse("format", [](auto& a) { a.format = GX_BITS; });
  refuse("the scale", [](auto& a) { a.params.scale = gx_coupling_scale(-1); });
  refuse("x must not be null", [](auto& a) { a.x = nullptr; });
  refuse("s must not be null", [](auto& a) { a.s = nullptr; });
  refuse("t must not be null", [](auto& a) { a.t = nullptr; });
  refuse("dy must not be null", [](auto& a) { a.dy = nullptr; });
  refuse("damplitude must be null without amplitude", [](auto& a) { a.amplitude = nullptr; });
  refuse("ds must be null",
         [](auto& a) { a.params.scale = GX_SCALE_NONE, a.s = a.amplitude = nullptr, a.damplitude = nullptr; });
  const auto overlap = [&](const char* part, void* Arguments::*output, const void* input) {
    refuse(part, [&](auto& a) { a.*output = const_cast<void*>(input); });
  };
  for (void* Arguments::*output : {&Arguments::dx, &Arguments::ds, &Arguments::dt, &Arguments::damplitude}) {
    overlap("and x must not overlap", output, run.x.data());
    overlap("and s must not overlap", output, run.s.data());
    overlap("and t must not overlap", output, run.t.data());
    overlap("and amplitude must not overlap", output, run.amplitude.data());
    overlap("and dlog_det must not overlap", output, run.dlog_det.data());
  }
  overlap("dx and dy must not overlap", &Arguments::dx, run.dy.data() + 1);
  overlap("ds and dy must not overlap", &Arguments::ds, run.dy.data());
  overlap("dt and dy must not overlap", &Arguments::dt, run.dy.data());
  overlap("ds and dx must not overlap", &Arguments::ds, run.dx.data());
  overlap("dt and dx must not overlap", &Arguments::dt, run.dx.data());
  overlap("damplitude and dt must not overlap", &Arguments::damplitude, run.dt.data());
}

}  // namespace
}  // namespace gx::test
