// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Invertible matrices from their factors.

#include <cmath>
#include <limits>
#include <numeric>

#include "compare.h"
#include "guarded.h"
#include "jacobian.h"
#include "support.h"

namespace gx::test {
namespace {

template <class T>
constexpr gx_format kFormat = sizeof(T) == 8 ? GX_FLOAT64 : GX_FLOAT32;

template <class T>
struct Matrix {
  int64_t n;
  std::vector<int64_t> permutation;
  std::vector<T> lower, upper, sign, log_scale, dW;

  explicit Matrix(int64_t size) : n(size) {
    const auto take = [](int64_t count, double low, double high, uint64_t seed) {
      const std::vector<float> v = reals(count, low, high, seed);
      return std::vector<T>(v.begin(), v.end());
    };
    const double width = 1 / std::sqrt(double(n + 1));
    lower = take(n * n, -width, width, 1), upper = take(n * n, -width, width, 2);
    log_scale = take(n, -0.7, 0.7, 3), dW = take(n * n, -1, 1, 4);
    Source source(5);
    permutation.resize(size_t(n));
    std::iota(permutation.begin(), permutation.end(), 0);
    for (int64_t i = n - 1; i > 0; --i) std::swap(permutation[size_t(i)], permutation[size_t(source.integer(0, i))]);
    for (int64_t i = 0; i < n; ++i) sign.push_back(source.integer(0, 1) ? T(1) : T(-1));
  }
  std::vector<T> make(gx_device* device, int32_t inverse) const {
    Guarded<T> W(n * n, 1);
    EXPECT_OK(gx_invertible_matrix(device, kFormat<T>, n, inverse, permutation.data(), lower.data(), upper.data(),
                                   sign.data(), log_scale.data(), W.data()));
    return W.values();
  }
};

// Oracle: P L (U + diag(s)) multiplied out.
TEST(InvertibleMatrix, IsTheProductOfItsFactors) {
  Device device;
  for (int64_t n : {1, 2, 3, 8, 17}) {
    const Matrix<double> m(n);
    std::vector<double> want;
    for (int64_t i = 0; i < n; ++i) {
      const int64_t row = m.permutation[size_t(i)];
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t k = 0; k <= row && k <= j; ++k) {
          const double l = k == row ? 1 : m.lower[size_t(row * n + k)];
          sum += l * (k == j ? m.sign[size_t(k)] * std::exp(m.log_scale[size_t(k)]) : m.upper[size_t(k * n + j)]);
        }
        want.push_back(sum);
      }
    }
    EXPECT_TRUE(close(m.make(device, 0), want, {1e-14, 1e-14}));
  }
}

TEST(InvertibleMatrix, TimesItsInverseIsOne) {
  Device device;
  const auto check = [&](auto real, double tolerance) {
    using T = decltype(real);
    for (int64_t n : {1, 2, 5, 12, 48}) {
      const Matrix<T> m(n);
      const std::vector<T> W = m.make(device, 0), V = m.make(device, 1);
      std::vector<double> left, right, one;
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          double wv = 0, vw = 0;
          for (int64_t k = 0; k < n; ++k) {
            wv += double(W[size_t(i * n + k)]) * double(V[size_t(k * n + j)]);
            vw += double(V[size_t(i * n + k)]) * double(W[size_t(k * n + j)]);
          }
          left.push_back(wv), right.push_back(vw), one.push_back(i == j);
        }
      }
      EXPECT_TRUE(close(left, one, {tolerance, 0})) << n;
      EXPECT_TRUE(close(right, one, {tolerance, 0})) << n;
    }
  };
  check(float(), 1e-4);
  check(double(), 1e-11);
}

TEST(InvertibleMatrix, TheLogOfItsDeterminantIsTheSumOfLogScales) {
  Device device;
  for (int64_t n : {1, 3, 12}) {
    const Matrix<double> m(n);
    const double sum = std::accumulate(m.log_scale.begin(), m.log_scale.end(), 0.0);
    EXPECT_NEAR(log_abs_det(m.make(device, 0), size_t(n)), sum, 1e-11);
    EXPECT_NEAR(log_abs_det(m.make(device, 1), size_t(n)), -sum, 1e-11);
  }
}

TEST(InvertibleMatrix, ReadsOnlyItsTriangles) {
  Device device;
  const Matrix<float> m(7);
  Matrix<float> marked = m;
  for (size_t i = 0; i < 7; ++i) {
    for (size_t j = 0; j < 7; ++j) {
      if (j >= i) marked.lower[i * 7 + j] = std::numeric_limits<float>::quiet_NaN();
      if (j <= i) marked.upper[i * 7 + j] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  for (int32_t inverse : {0, 1}) EXPECT_EQ(marked.make(device, inverse), m.make(device, inverse));
}

TEST(InvertibleMatrix, GradientsAreTheSlopes) {
  Device device;
  for (int32_t inverse : {0, 1}) {
    for (int64_t n : {1, 2, 6}) {
      SCOPED_TRACE(std::to_string(n) + (inverse ? ", inverse" : ""));
      Matrix<double> m(n);
      Guarded<double> dlower(n * n), dupper(n * n), dlog_scale(n);
      ASSERT_OK(gx_invertible_matrix_backward(device, GX_FLOAT64, n, inverse, m.permutation.data(), m.lower.data(),
                                              m.upper.data(), m.sign.data(), m.log_scale.data(), m.dW.data(),
                                              dlower.data(), dupper.data(), dlog_scale.data()));
      const auto value = [&] {
        const std::vector<double> W = m.make(device, inverse);
        return std::inner_product(W.begin(), W.end(), m.dW.begin(), 0.0);
      };
      // What is not read has slope 0.
      EXPECT_TRUE(close(dlower, slopes_of(m.lower, value), {1e-8, 1e-6, true}));
      EXPECT_TRUE(close(dupper, slopes_of(m.upper, value), {1e-8, 1e-6, true}));
      EXPECT_TRUE(close(dlog_scale, slopes_of(m.log_scale, value), {1e-8, 1e-6}));
      // Floats, and gradients on their own.
      const Matrix<float> f(n);
      Guarded<float> only(n * n), scales(n);
      for (int which = 0; which < 3; ++which) {
        ASSERT_OK(gx_invertible_matrix_backward(device, GX_FLOAT32, n, inverse, f.permutation.data(), f.lower.data(),
                                                f.upper.data(), f.sign.data(), f.log_scale.data(), f.dW.data(),
                                                which == 0 ? only.data() : nullptr, which == 1 ? only.data() : nullptr,
                                                which == 2 ? scales.data() : nullptr));
        if (which < 2) {
          EXPECT_TRUE(close(only, which == 0 ? dlower : dupper, {1e-6, 1e-6, true}));
        }
      }
      EXPECT_TRUE(close(scales, dlog_scale, {1e-6, 1e-6}));
    }
  }
}

TEST(InvertibleMatrix, AScaleThatCannotBeTakenBackIsNan) {
  Device device;
  for (int32_t inverse : {0, 1}) {
    for (float l : {-88.0f, 88.0f, std::numeric_limits<float>::infinity()}) {
      Matrix<float> m(4);
      m.log_scale[2] = l;
      bool nan = false;
      for (float w : m.make(device, inverse)) nan = nan || std::isnan(w);
      EXPECT_TRUE(nan) << l;
    }
  }
}

TEST(InvertibleMatrix, Refusals) {
  Device device;
  Matrix<float> m(3);
  float W[9], d[9], e[9], s[3];
  const auto refused = [&](const char* part, const Matrix<float>& a) {
    EXPECT_REFUSED(part, gx_invertible_matrix(device, GX_FLOAT32, a.n, 0, a.permutation.data(), a.lower.data(),
                                              a.upper.data(), a.sign.data(), a.log_scale.data(), W));
    EXPECT_REFUSED(part, gx_invertible_matrix_backward(device, GX_FLOAT32, a.n, 0, a.permutation.data(), a.lower.data(),
                                                       a.upper.data(), a.sign.data(), a.log_scale.data(), W, d, e, s));
  };
  Matrix<float> bad = m;
  bad.permutation = {0, 3, 1};
  refused("permutation must hold each of 0 to 2 once, got 3 at 1", bad);
  bad.permutation = {-1, 0, 1};
  refused("got -1 at 0", bad);
  bad.permutation = {0, 2, 0};
  refused("got 0 at 2", bad);
  bad = m;
  bad.sign[1] = 0.5f;
  refused("sign must be +1 or -1, got 0.5 at 1", bad);
  bad.sign[1] = std::numeric_limits<float>::quiet_NaN();
  refused("sign must be +1 or -1, got", bad);
  bad = m;
  bad.n = -1;
  refused("n must be at least 0, got -1", bad);
  bad.n = int64_t(1) << 32;
  refused("63 bits", bad);
  const int64_t* p = m.permutation.data();
  const float *l = m.lower.data(), *u = m.upper.data(), *g = m.sign.data(), *c = m.log_scale.data();
  const auto forward = [&](const char* part, gx_device* on, gx_format f, const int64_t* order, const float* lower,
                           const float* upper, const float* sign, const float* scale, float* to) {
    EXPECT_REFUSED(part, gx_invertible_matrix(on, f, 3, 0, order, lower, upper, sign, scale, to));
  };
  forward("device", nullptr, GX_FLOAT32, p, l, u, g, c, W);
  forward("format", device, GX_BITS, p, l, u, g, c, W);
  forward("permutation must not be null", device, GX_FLOAT32, nullptr, l, u, g, c, W);
  forward("lower must not be null", device, GX_FLOAT32, p, nullptr, u, g, c, W);
  forward("upper must not be null", device, GX_FLOAT32, p, l, nullptr, g, c, W);
  forward("sign must not be null", device, GX_FLOAT32, p, l, u, nullptr, c, W);
  forward("log_scale must not be null", device, GX_FLOAT32, p, l, u, g, nullptr, W);
  forward("W must not be null", device, GX_FLOAT32, p, l, u, g, c, nullptr);
  forward("overlap", device, GX_FLOAT32, p, W, u, g, c, W);
  EXPECT_REFUSED("dW must not be null",
                 gx_invertible_matrix_backward(device, GX_FLOAT32, 3, 0, p, l, u, g, c, nullptr, d, e, s));
  EXPECT_REFUSED("overlap", gx_invertible_matrix_backward(device, GX_FLOAT32, 3, 0, p, l, u, g, c, W, d, d, s));
  EXPECT_REFUSED("device", gx_invertible_matrix_backward(nullptr, GX_FLOAT32, 3, 0, p, l, u, g, c, W, d, e, s));
  EXPECT_OK(gx_invertible_matrix(device, GX_FLOAT32, 0, 0, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
}

}  // namespace
}  // namespace gx::test
