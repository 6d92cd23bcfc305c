// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What each of the family must be by its mathematics, at its extremes, and what it refuses. The numbers are those of
// ORACLES.

#include <cmath>
#include <limits>

#include "compare.h"
#include "support.h"

namespace gx::test {
namespace {

const double kTwoPi = 8 * std::atan(1.0);

double bernoulli(gx_device* device, double l, double x) {
  double out = 0;
  EXPECT_OK(gx_bernoulli_log_likelihood(device, GX_FLOAT64, 1, 1, &l, &x, &out));
  return out;
}

TEST(BernoulliLogLikelihood, IsTheLogOfTheProbability) {
  Device device;
  for (double l : {-3.0, -0.5, 0.0, 2.0}) {
    const double p = 1 / (1 + std::exp(-l));
    EXPECT_NEAR(bernoulli(device, l, 1), std::log(p), 1e-14);
    EXPECT_NEAR(bernoulli(device, l, 0), std::log(1 - p), 1e-14);
    EXPECT_NEAR(bernoulli(device, l, 0.25), 0.25 * std::log(p) + 0.75 * std::log(1 - p), 1e-14);
  }
}

// Oracle 28.
TEST(BernoulliLogLikelihood, IsFiniteAndPreciseAtSureUnits) {
  Device device;
  const float logits[] = {100, 100, -100, -100, 30}, x[] = {1, 0, 1, 0, 1};
  const double want[] = {-3.720075976020836e-44, -100, -100, -3.720075976020836e-44, -9.357622968839737e-14};
  for (int i = 0; i < 5; ++i) {
    float out = 1, dlogit = 1;
    const float one = 1;
    ASSERT_OK(gx_bernoulli_log_likelihood(device, GX_FLOAT32, 1, 1, logits + i, x + i, &out));
    ASSERT_OK(
        gx_bernoulli_log_likelihood_backward(device, GX_FLOAT32, 1, 1, logits + i, x + i, &one, &dlogit, nullptr));
    EXPECT_NEAR(out, want[i], 1e-6 * std::fabs(want[i]) + 1e-38) << i;
    EXPECT_NEAR(dlogit, i == 1 ? -1 : i == 2 ? 1 : 0, 1e-7) << i;
  }
}

TEST(BernoulliLogLikelihood, OfBitsIsThatOfZerosAndOnes) {
  Device device;
  const int64_t rows = 3, units = 77;
  const std::vector<uint32_t> bits = packed(rows, units, 0.4, 5);
  const std::vector<float> l = reals(rows * units, -4, 4, 6);
  std::vector<float> x(l.size()), want(3), got(3);
  const gx_states from = {const_cast<uint32_t*>(bits.data()), rows, units, GX_BITS};
  gx_states to = {x.data(), rows, units, GX_FLOAT32};
  ASSERT_OK(gx_states_convert(device, &from, 0, &to));
  ASSERT_OK(gx_bernoulli_log_likelihood(device, GX_FLOAT32, rows, units, l.data(), x.data(), want.data()));
  ASSERT_OK(gx_bernoulli_log_likelihood_bits(device, GX_FLOAT32, l.data(), &from, got.data()));
  EXPECT_EQ(got, want);
  EXPECT_REFUSED("the format of x must be GX_BITS",
                 gx_bernoulli_log_likelihood_bits(device, GX_FLOAT32, l.data(), &to, got.data()));
  EXPECT_REFUSED("x must not be null",
                 gx_bernoulli_log_likelihood_bits(device, GX_FLOAT32, l.data(), nullptr, got.data()));
  EXPECT_REFUSED("dlogits must not be null",
                 gx_bernoulli_log_likelihood_bits_backward(device, GX_FLOAT32, l.data(), &from, got.data(), nullptr));
}

// Oracle 28.
TEST(CategoricalLogLikelihood, DoesNotChangeWithAShiftAndSumsToOne) {
  Device device;
  const int64_t classes = 11;
  const std::vector<float> l = reals(classes, -4, 4, 5);
  std::vector<float> far = l, steep = l;
  for (float& v : far) v += 1024;  // exact up to the float's rounding
  double sum = 0;
  for (int64_t k = 0; k < classes; ++k) {
    float out = 0, shifted = 0;
    ASSERT_OK(gx_categorical_log_likelihood(device, GX_FLOAT32, 1, classes, l.data(), &k, nullptr, &out));
    ASSERT_OK(gx_categorical_log_likelihood(device, GX_FLOAT32, 1, classes, far.data(), &k, nullptr, &shifted));
    EXPECT_NEAR(out, shifted, 2e-4);
    sum += std::exp(double(out));
  }
  EXPECT_NEAR(sum, 1, 1e-6);
  for (float& v : steep) v *= 1e4f;
  const int64_t label = 0;
  const float one = 1;
  float out = NAN;
  std::vector<float> gradient(steep.size(), NAN);
  ASSERT_OK(gx_categorical_log_likelihood(device, GX_FLOAT32, 1, classes, steep.data(), &label, nullptr, &out));
  ASSERT_OK(gx_categorical_log_likelihood_backward(device, GX_FLOAT32, 1, classes, steep.data(), &label, nullptr, &one,
                                                   gradient.data(), nullptr));
  EXPECT_TRUE(std::isfinite(out));
  for (float g : gradient) EXPECT_TRUE(std::isfinite(g));
}

TEST(CategoricalLogLikelihood, AClassThatCannotBeAddsNothingWhereItsTargetIsZero) {
  Device device;
  const float inf = std::numeric_limits<float>::infinity();
  const float logits[] = {0.5f, -inf, 1.0f}, target[] = {0.25f, 0, 0.75f}, two[] = {0.5f, 1.0f},
              rest[] = {0.25f, 0.75f};
  float out = 0, want = 0;
  ASSERT_OK(gx_categorical_log_likelihood(device, GX_FLOAT32, 1, 3, logits, nullptr, target, &out));
  ASSERT_OK(gx_categorical_log_likelihood(device, GX_FLOAT32, 1, 2, two, nullptr, rest, &want));
  EXPECT_NEAR(out, want, 1e-6);
  const int64_t impossible = 1;
  ASSERT_OK(gx_categorical_log_likelihood(device, GX_FLOAT32, 1, 3, logits, &impossible, nullptr, &out));
  EXPECT_EQ(out, -inf);
}

TEST(CategoricalLogLikelihood, RefusesBadTargets) {
  Device device;
  const float l[6] = {}, p[6] = {};
  float out[2] = {}, d[6] = {};
  const int64_t labels[] = {0, 3}, negative[] = {-1, 0}, right[] = {0, 2};
  EXPECT_REFUSED("exactly one of labels and probabilities must be given, got neither",
                 gx_categorical_log_likelihood(device, GX_FLOAT32, 2, 3, l, nullptr, nullptr, out));
  EXPECT_REFUSED("got both", gx_categorical_log_likelihood(device, GX_FLOAT32, 2, 3, l, right, p, out));
  EXPECT_REFUSED("labels must be between 0 and 2, got 3 in row 1",
                 gx_categorical_log_likelihood(device, GX_FLOAT32, 2, 3, l, labels, nullptr, out));
  EXPECT_REFUSED("got -1 in row 0", gx_categorical_log_likelihood(device, GX_FLOAT32, 2, 3, l, negative, nullptr, out));
  EXPECT_REFUSED("classes must be at least 1",
                 gx_categorical_log_likelihood(device, GX_FLOAT32, 2, 0, l, right, nullptr, out));
  EXPECT_REFUSED("rows must be at least 0",
                 gx_categorical_log_likelihood(device, GX_FLOAT32, -1, 3, l, right, nullptr, out));
  EXPECT_REFUSED(
      "aligned to 8",
      gx_categorical_log_likelihood(device, GX_FLOAT32, 1, 3, l,
                                    reinterpret_cast<const int64_t*>(p + 1 + (reinterpret_cast<uintptr_t>(p) % 8 != 0)),
                                    nullptr, out));
  EXPECT_REFUSED("dprobabilities must be null",
                 gx_categorical_log_likelihood_backward(device, GX_FLOAT32, 2, 3, l, right, nullptr, out, nullptr, d));
  EXPECT_OK(gx_categorical_log_likelihood(device, GX_FLOAT32, 0, 3, nullptr, nullptr, nullptr, nullptr));
}

// Oracle 41: the closed form against the mean of log q - log p over draws from q.
TEST(GaussianKl, EqualsMonteCarlo) {
  Device device;
  const double mean = 0.7, logvar = -0.4, p_mean = -0.2, p_logvar = 0.5;
  const int64_t n = quick() ? 20000 : 200000;
  for (bool standard : {true, false}) {
    double closed = 0;
    ASSERT_OK(gx_gaussian_kl(device, GX_FLOAT64, 1, 1, &mean, &logvar, standard ? nullptr : &p_mean,
                             standard ? nullptr : &p_logvar, &closed));
    std::vector<double> z(static_cast<size_t>(n)), log_q(z.size()), log_p(z.size());
    std::vector<float> eps(z.size());
    ASSERT_OK(gx_random_normal(device, GX_FLOAT32, {3, 4}, 0, 1, n, 1, eps.data()));
    for (size_t i = 0; i < z.size(); ++i) z[i] = mean + std::exp(0.5 * logvar) * double(eps[i]);
    const double zero = 0;
    ASSERT_OK(gx_gaussian_log_density(device, GX_FLOAT64, n, 1, GX_SHARED, GX_SHARED, z.data(), &mean, &logvar,
                                      log_q.data()));
    ASSERT_OK(gx_gaussian_log_density(device, GX_FLOAT64, n, 1, GX_SHARED, GX_SHARED, z.data(),
                                      standard ? &zero : &p_mean, standard ? &zero : &p_logvar, log_p.data()));
    double sum = 0, square = 0;
    for (size_t i = 0; i < z.size(); ++i) {
      const double d = log_q[i] - log_p[i];
      sum += d, square += d * d;
    }
    const double average = sum / double(n), error = std::sqrt((square / double(n) - average * average) / double(n));
    EXPECT_NEAR(closed, average, 5 * error);
  }
}

TEST(GaussianKl, OfEqualDistributionsIsZeroAndOfNearOnesPrecise) {
  Device device;
  const std::vector<float> m = reals(40, -3, 3, 1), v = reals(40, -3, 3, 2);
  float out = 1;
  ASSERT_OK(gx_gaussian_kl(device, GX_FLOAT32, 1, 40, m.data(), v.data(), m.data(), v.data(), &out));
  EXPECT_EQ(out, 0);
  const float zero = 0, near = 1e-3f;  // v^2 / 4 + ..
  ASSERT_OK(gx_gaussian_kl(device, GX_FLOAT32, 1, 1, &zero, &near, nullptr, nullptr, &out));
  EXPECT_NEAR(out, 0.5 * (std::expm1(double(near)) - double(near)), 1e-10);
}

TEST(GaussianKl, RefusesHalfAPrior) {
  Device device;
  const float v[2] = {};
  float out = 0;
  EXPECT_REFUSED("both be given or both be null", gx_gaussian_kl(device, GX_FLOAT32, 1, 2, v, v, v, nullptr, &out));
  EXPECT_REFUSED("rows", gx_gaussian_kl(device, GX_FLOAT32, -1, 2, v, v, nullptr, nullptr, &out));
  EXPECT_REFUSED("units", gx_gaussian_kl(device, GX_FLOAT32, 1, -2, v, v, nullptr, nullptr, &out));
  EXPECT_REFUSED("63 bits", gx_gaussian_kl(device, GX_FLOAT32, INT64_MAX, 2, v, v, nullptr, nullptr, &out));
}

TEST(GaussianLogDensity, RefusesUnknownExtents) {
  Device device;
  const float v[4] = {};
  float out[2] = {};
  EXPECT_REFUSED("the extent of mean",
                 gx_gaussian_log_density(device, GX_FLOAT32, 2, 2, gx_extent(3), GX_EACH, v, v, v, out));
  EXPECT_REFUSED("the extent of logvar",
                 gx_gaussian_log_density(device, GX_FLOAT32, 2, 2, GX_EACH, gx_extent(-1), v, v, v, out));
  EXPECT_REFUSED("rows", gx_gaussian_log_density(device, GX_FLOAT32, -2, 2, GX_EACH, GX_EACH, v, v, v, out));
  EXPECT_REFUSED("units", gx_gaussian_log_density(device, GX_FLOAT32, 2, -2, GX_EACH, GX_EACH, v, v, v, out));
}

// Oracle 34: a mixture is a density, and with one component the Gaussian's.
TEST(GaussianMixture, IntegratesToOne) {
  Device device;
  const double logits[] = {0.3, -1.0, 2.0}, mean[] = {-1.0, 0.5, 2.0}, log_sigma[] = {-0.7, 0.4, -1.5};
  const int64_t n = 4001;
  const double low = -15, step = 30.0 / double(n - 1);
  for (int64_t components : {1, 3}) {
    std::vector<double> x(static_cast<size_t>(n)), all_logits, all_mean, all_sigma, density(x.size());
    for (size_t i = 0; i < x.size(); ++i) x[i] = low + step * double(i);
    for (int64_t k = 0; k < components; ++k) {
      all_logits.insert(all_logits.end(), x.size(), logits[k]);
      all_mean.insert(all_mean.end(), x.size(), mean[k]);
      all_sigma.insert(all_sigma.end(), x.size(), log_sigma[k]);
    }
    // As units of one row they would be summed: as rows of one unit they are not.
    double integral = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      ASSERT_OK(gx_gaussian_mixture_log_density(device, GX_FLOAT64, 1, 1, components, &x[i], logits, mean, log_sigma,
                                                &density[i]));
      integral += step * std::exp(density[i]);
    }
    EXPECT_NEAR(integral, 1, 1e-9) << components;
    double product = 0, sum = 0;
    ASSERT_OK(gx_gaussian_mixture_log_density(device, GX_FLOAT64, 1, n, components, x.data(), all_logits.data(),
                                              all_mean.data(), all_sigma.data(), &product));
    for (double d : density) sum += d;
    EXPECT_NEAR(product, sum, 1e-9 * std::fabs(sum));
    if (components == 1) {
      const double logvar = 2 * log_sigma[0];
      double gaussian = 0;
      ASSERT_OK(
          gx_gaussian_log_density(device, GX_FLOAT64, 1, n, GX_SHARED, GX_SHARED, x.data(), mean, &logvar, &gaussian));
      EXPECT_NEAR(product, gaussian, 1e-9 * std::fabs(gaussian));
    }
  }
}

TEST(GaussianMixture, PseudoGradientIsTheMeansTimesSigma) {
  Device device;
  const int64_t n = 40, components = 3;
  const auto x = reals(n, -2, 2, 1), l = reals(3 * n, -1, 1, 2), m = reals(3 * n, -2, 2, 3), s = reals(3 * n, -2, 0, 4);
  const float dy = 1;
  std::vector<float> plain(m.size()), pseudo(m.size()), want;
  gx_gaussian_mixture_backward_params p = {};
  p.rows = 1, p.units = n, p.components = components;
  p.x = x.data(), p.logits = l.data(), p.mean = m.data(), p.log_sigma = s.data(), p.dy = &dy;
  p.dmean = plain.data();
  ASSERT_OK(gx_gaussian_mixture_log_density_backward(device, GX_FLOAT32, &p));
  p.pseudo_gradient = 1, p.dmean = pseudo.data();
  ASSERT_OK(gx_gaussian_mixture_log_density_backward(device, GX_FLOAT32, &p));
  for (size_t i = 0; i < s.size(); ++i) want.push_back(plain[i] * std::exp(s[i]));
  EXPECT_TRUE(close(pseudo, want, {1e-6, 1e-5}));
}

TEST(GaussianMixture, RefusesBadShapes) {
  Device device;
  const float v[4] = {};
  float out[2] = {};
  EXPECT_REFUSED("components must be at least 1",
                 gx_gaussian_mixture_log_density(device, GX_FLOAT32, 1, 2, 0, v, v, v, v, out));
  EXPECT_REFUSED("rows", gx_gaussian_mixture_log_density(device, GX_FLOAT32, -1, 2, 1, v, v, v, v, out));
  EXPECT_REFUSED("units", gx_gaussian_mixture_log_density(device, GX_FLOAT32, 1, -2, 1, v, v, v, v, out));
  EXPECT_REFUSED("63 bits", gx_gaussian_mixture_log_density(device, GX_FLOAT32, 1, 2, INT64_MAX, v, v, v, v, out));
  EXPECT_REFUSED("params must not be null", gx_gaussian_mixture_log_density_backward(device, GX_FLOAT32, nullptr));
}

float level(int64_t j, int64_t levels) { return float(2 * double(j) / double(levels - 1) - 1); }

// Oracle 38: the probabilities of the levels sum to 1, for any scale; the outer ones are the tails; gradients are
// finite.
TEST(DiscretisedLogisticMixture, LevelsSumToOneWithFiniteGradients) {
  Device device;
  const int64_t components = 2;
  for (int64_t levels : {2, 3, 256}) {
    for (float log_scale : {-7.0f, -5.0f, -2.0f, 0.0f, 4.0f}) {
      for (float mean : {-1.5f, -1.0f, 0.003f, 0.9f}) {
        const float parameters[] = {0.4f, -0.3f, mean, 0.2f, log_scale, log_scale + 0.5f};
        const gx_logistic_mixture m = {1, 1, 1, components, levels, -7};
        double sum = 0;
        for (int64_t j = 0; j < levels; ++j) {
          const float x = level(j, levels), dy = 1;
          float out = 0, gradient[6];
          ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT32, &m, &x, parameters, &out));
          ASSERT_OK(gx_discretised_logistic_mixture_backward(device, GX_FLOAT32, &m, &x, parameters, &dy, gradient));
          sum += std::exp(double(out));
          EXPECT_TRUE(std::isfinite(out)) << j;
          for (float g : gradient) EXPECT_TRUE(std::isfinite(g)) << "level " << j << ", log scale " << log_scale;
        }
        EXPECT_NEAR(sum, 1, 2e-5) << levels << " levels, log scale " << log_scale << ", mean " << mean;
      }
    }
  }
  // The edges: P(0) = S((x + h - m) / s), P(255) = 1 - S((x - h - m) / s).
  const double mean = 0.3, log_scale = -1, h = 1.0 / 255, logit = 0;
  const double parameters[] = {logit, mean, log_scale};
  const gx_logistic_mixture one = {1, 1, 1, 1, 256, -7};
  for (double x : {-1.0, 1.0}) {
    double out = 0;
    ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT64, &one, &x, parameters, &out));
    const double z = (x - x * h - mean) * std::exp(-log_scale), tail = 1 / (1 + std::exp(x * z));
    EXPECT_NEAR(out, std::log(tail), 1e-12);
  }
}

// Oracle 38, of three channels: over 3 levels each, the 27 colours sum to 1.
TEST(DiscretisedLogisticMixture, ColoursSumToOne) {
  Device device;
  const std::vector<float> parameters = reals(20, -2, 1, 9);
  const gx_logistic_mixture m = {1, 3, 1, 2, 3, -7};
  double sum = 0;
  for (int64_t colour = 0; colour < 27; ++colour) {
    const float x[] = {level(colour % 3, 3), level(colour / 3 % 3, 3), level(colour / 9, 3)};
    float out = 0;
    ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT32, &m, x, parameters.data(), &out));
    sum += std::exp(double(out));
  }
  EXPECT_NEAR(sum, 1, 1e-6);
}

TEST(DiscretisedLogisticMixture, AScaleBelowTheFloorIsTheFloorWithoutGradient) {
  Device device;
  const float x = 0.25f, dy = 1, low[] = {0, 0.26f, -9}, floor[] = {0, 0.26f, -4};
  const gx_logistic_mixture m = {1, 1, 1, 1, 256, -4};
  float a = 0, b = 0, gradient[3];
  ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT32, &m, &x, low, &a));
  ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT32, &m, &x, floor, &b));
  EXPECT_EQ(a, b);
  ASSERT_OK(gx_discretised_logistic_mixture_backward(device, GX_FLOAT32, &m, &x, low, &dy, gradient));
  EXPECT_EQ(gradient[2], 0);
  EXPECT_NE(gradient[1], 0);
}

// A scale too large for the level's mass to be a float: log P = log h/2 - log s, which falls by 1 with log s.
TEST(DiscretisedLogisticMixture, HugeScalesKeepTheirLogarithm) {
  Device device;
  for (double log_scale : {8.0, 20.0, 60.0, 90.0, 110.0, 1000.0}) {
    const double h = 1.0 / 255, want = std::log(h / 2) - log_scale;
    const gx_logistic_mixture m = {1, 1, 1, 1, 256, -7};
    const float x = level(100, 256), dy = 1, parameters[] = {0, 0.4f, float(log_scale)};
    const double x64 = x, dy64 = 1, parameters64[] = {0, 0.4, log_scale};
    float out = 0, gradient[3];
    double out64 = 0, gradient64[3];
    ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT32, &m, &x, parameters, &out));
    ASSERT_OK(gx_discretised_logistic_mixture_backward(device, GX_FLOAT32, &m, &x, parameters, &dy, gradient));
    ASSERT_OK(gx_discretised_logistic_mixture(device, GX_FLOAT64, &m, &x64, parameters64, &out64));
    ASSERT_OK(gx_discretised_logistic_mixture_backward(device, GX_FLOAT64, &m, &x64, parameters64, &dy64, gradient64));
    EXPECT_NEAR(out64, want, 1e-6 * -want) << log_scale;
    EXPECT_NEAR(out, want, 1e-6 * -want) << log_scale;
    EXPECT_NEAR(gradient64[2], -1, 1e-6) << log_scale;
    EXPECT_NEAR(gradient[2], -1, 1e-6) << log_scale;
  }
}

TEST(DiscretisedLogisticMixture, RefusesBadShapes) {
  Device device;
  const float v[16] = {};
  float out[2] = {}, d[16];
  const auto refused = [&](const char* part, gx_logistic_mixture m) {
    EXPECT_REFUSED(part, gx_discretised_logistic_mixture(device, GX_FLOAT32, &m, v, v, out));
    EXPECT_REFUSED(part, gx_discretised_logistic_mixture_backward(device, GX_FLOAT32, &m, v, v, out, d));
  };
  refused("channels must be 1 or 3, got 2", {1, 2, 1, 1, 256, -7});
  refused("components must be at least 1", {1, 1, 1, 0, 256, -7});
  refused("levels must be at least 2", {1, 1, 1, 1, 1, -7});
  refused("rows", {-1, 1, 1, 1, 256, -7});
  refused("pixels", {1, 1, -1, 1, 256, -7});
  refused("min_log_scale must be between -30 and 30", {1, 1, 1, 1, 256, NAN});
  refused("63 bits", {INT64_MAX, 3, 1, 1, 256, -7});
  EXPECT_REFUSED("mixture must not be null", gx_discretised_logistic_mixture(device, GX_FLOAT32, nullptr, v, v, out));
}

// Oracle 57.
TEST(ParzenLogLikelihood, OfOneSampleIsTheGaussians) {
  Device device;
  const int64_t units = 37;
  const std::vector<float> x = reals(3 * units, 0, 1, 1), sample = reals(units, 0, 1, 2);
  const double sigma = 0.2;
  const float logvar = float(2 * std::log(sigma));
  float parzen[3], gaussian[3];
  ASSERT_OK(gx_parzen_log_likelihood(device, GX_FLOAT32, sigma, 3, 1, units, x.data(), sample.data(), parzen));
  ASSERT_OK(gx_gaussian_log_density(device, GX_FLOAT32, 3, units, GX_PER_UNIT, GX_SHARED, x.data(), sample.data(),
                                    &logvar, gaussian));
  EXPECT_TRUE(close(parzen, gaussian, 3, {1e-3, 1e-6}));
}

TEST(ParzenLogLikelihood, HoldsFarFromEverySample) {
  Device device;
  const std::vector<float> x(8, 100.0f), samples = reals(300 * 8, 0, 1, 2);
  float out = 0;
  ASSERT_OK(gx_parzen_log_likelihood(device, GX_FLOAT32, 0.1, 1, 300, 8, x.data(), samples.data(), &out));
  std::vector<double> wide_x(x.begin(), x.end()), wide(samples.begin(), samples.end());
  double want = 0;
  ASSERT_OK(gx_parzen_log_likelihood(device, GX_FLOAT64, 0.1, 1, 300, 8, wide_x.data(), wide.data(), &want));
  EXPECT_TRUE(std::isfinite(want));
  EXPECT_NEAR(out, want, 1e-6 * std::fabs(want));
}

TEST(ParzenLogLikelihood, RefusesBadArguments) {
  Device device;
  const float v[4] = {};
  float out[2] = {};
  EXPECT_REFUSED("sigma must be greater than 0, got 0",
                 gx_parzen_log_likelihood(device, GX_FLOAT32, 0, 1, 1, 2, v, v, out));
  EXPECT_REFUSED("sigma must be finite", gx_parzen_log_likelihood(device, GX_FLOAT32, NAN, 1, 1, 2, v, v, out));
  EXPECT_REFUSED("n must be at least 1", gx_parzen_log_likelihood(device, GX_FLOAT32, 1, 1, 0, 2, v, v, out));
  EXPECT_REFUSED("rows", gx_parzen_log_likelihood(device, GX_FLOAT32, 1, -1, 1, 2, v, v, out));
  EXPECT_REFUSED("units", gx_parzen_log_likelihood(device, GX_FLOAT32, 1, 1, 1, -2, v, v, out));
}

// Oracle 52.
TEST(Mmd, OfASetWithItselfIsExactlyZero) {
  Device device;
  const double bandwidths[] = {0.7, 2};
  for (int64_t n : {1, 5, 131}) {
    for (int64_t units : {1, 3, 40}) {
      const std::vector<float> x = reals(n * units, -1, 1, 3);
      const std::vector<float> same = x;
      const gx_mmd_params p = {n, n, units, 2, bandwidths, 0};
      float out = 1;
      ASSERT_OK(gx_mmd(device, GX_FLOAT32, &p, x.data(), same.data(), &out));
      EXPECT_EQ(out, 0) << n << " points of " << units;
    }
  }
}

// Oracle 52: the closed form for N(m, s^2) and N(n, t^2), and the mean 0 of the U statistic for equal distributions.
TEST(Mmd, HasTheClosedFormOfGaussians) {
  Device device;
  const double w = 1.3, m = 0.4, s = 0.8, n = -0.5, t = 1.4;
  const double closed =
      w / std::sqrt(w * w + 2 * s * s) + w / std::sqrt(w * w + 2 * t * t) -
      2 * w / std::sqrt(w * w + s * s + t * t) * std::exp(-(m - n) * (m - n) / (2 * (w * w + s * s + t * t)));
  const int64_t sets = quick() ? 30 : 200, size = 60;
  for (bool equal : {false, true}) {
    double sum = 0, square = 0;
    for (int64_t set = 0; set < sets; ++set) {
      std::vector<float> x(static_cast<size_t>(size)), y(x.size());
      const uint64_t step = uint64_t(2 * set);
      ASSERT_OK(gx_random_normal(device, GX_FLOAT32, {8, step}, float(m), float(s), size, 1, x.data()));
      ASSERT_OK(gx_random_normal(device, GX_FLOAT32, {8, step + 1}, float(equal ? m : n), float(equal ? s : t), size, 1,
                                 y.data()));
      const gx_mmd_params p = {size, size, 1, 1, &w, 1};
      float out = 0;
      ASSERT_OK(gx_mmd(device, GX_FLOAT32, &p, x.data(), y.data(), &out));
      sum += out, square += double(out) * out;
    }
    const double mean = sum / double(sets), error = std::sqrt((square / double(sets) - mean * mean) / double(sets));
    EXPECT_NEAR(mean, equal ? 0 : closed, 5 * error);
    EXPECT_LT(error, 0.01);
  }
}

TEST(Mmd, RefusesBadArguments) {
  Device device;
  const float v[4] = {};
  float out = 0, d[4];
  const double good = 1, bad = 0, nan = NAN;
  const auto refused = [&](const char* part, gx_mmd_params p) {
    EXPECT_REFUSED(part, gx_mmd(device, GX_FLOAT32, &p, v, v, &out));
    EXPECT_REFUSED(part, gx_mmd_backward(device, GX_FLOAT32, &p, v, v, v, d, nullptr));
  };
  refused("rows must be at least 1", {0, 2, 2, 1, &good, 0});
  refused("rows must be at least 2", {1, 2, 2, 1, &good, 1});
  refused("n must be at least 2", {2, 1, 2, 1, &good, 1});
  refused("units", {2, 2, -1, 1, &good, 0});
  refused("bandwidth_count must be at least 1", {2, 2, 2, 0, &good, 0});
  refused("bandwidths must not be null", {2, 2, 2, 1, nullptr, 0});
  refused("a bandwidth must be greater than 0, got 0", {2, 2, 2, 1, &bad, 0});
  refused("a bandwidth must be finite", {2, 2, 2, 1, &nan, 0});
  EXPECT_REFUSED("params", gx_mmd(device, GX_FLOAT32, nullptr, v, v, &out));
}

double wasserstein(gx_device* device, const std::vector<double>& x, const std::vector<double>& y) {
  double out = NAN;
  EXPECT_OK(gx_wasserstein1(device, GX_FLOAT64, int64_t(x.size()), int64_t(y.size()), x.data(), y.data(), &out));
  return out;
}

TEST(Wasserstein1, IsTheDistanceOfSortedNumbers) {
  Device device;
  EXPECT_DOUBLE_EQ(wasserstein(device, {3, 1, 2}, {2.5, 5, 0}), (1 + 0.5 + 2) / 3.0);
  EXPECT_DOUBLE_EQ(wasserstein(device, {0, 1}, {0, 1}), 0);
  EXPECT_DOUBLE_EQ(wasserstein(device, {4}, {1, 2, 6}), (3 + 2 + 2) / 3.0);
  // A set repeated is the same distribution.
  EXPECT_NEAR(wasserstein(device, {0.3, -1, 2}, {0.3, -1, 2, 0.3, -1, 2}), 0, 1e-15);
  // Pieces of 1/6: F^-1 of {0, 1, 2} against {0, 3}: |0-0| 2/6, |1-0| 1/6, |1-3| 1/6, |2-3| 2/6.
  EXPECT_NEAR(wasserstein(device, {0, 1, 2}, {3, 0}), (1 + 2 + 2) / 6.0, 1e-15);
}

TEST(Wasserstein1, RefusesEmptySets) {
  Device device;
  const float v[2] = {};
  float out = 0;
  EXPECT_REFUSED("rows must be at least 1", gx_wasserstein1(device, GX_FLOAT32, 0, 2, v, v, &out));
  EXPECT_REFUSED("n must be at least 1", gx_wasserstein1(device, GX_FLOAT32, 2, 0, v, v, &out));
  EXPECT_REFUSED("63 bits", gx_wasserstein1(device, GX_FLOAT32, INT64_MAX / 2, 3, v, v, &out));
}

}  // namespace
}  // namespace gx::test
