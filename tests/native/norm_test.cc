// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The entries of the norms. Every op is a Case: float against double (which runs the reference), the double gradient
// against central differences, threads, absent operands. Then what is particular to each (oracle 69), and the refusals.

#include <cmath>
#include <functional>
#include <limits>

#include "compare.h"
#include "guarded.h"
#include "support.h"

namespace gx::test {
namespace {

// An op with its sizes. An operand is absent (NULL) where its size is 0.
struct Case {
  std::string name;
  std::vector<int64_t> inputs;
  int64_t output;
  int64_t statistics;
  std::function<gx_status(gx_device*, gx_format, const std::vector<const void*>& in, void* y, void* statistics)>
      forward;
  std::function<gx_status(gx_device*, gx_format, const std::vector<const void*>& in, const void* statistics,
                          const void* dy, const std::vector<void*>& gradients)>
      backward;
};

template <class T>
constexpr gx_format format_of = sizeof(T) == 4 ? GX_FLOAT32 : GX_FLOAT64;

template <class T>
struct Result {
  std::vector<T> y;
  std::vector<double> statistics;
  std::vector<std::vector<T>> gradients;
};

std::vector<std::vector<float>> inputs_of(const Case& c) {
  std::vector<std::vector<float>> inputs;
  for (int64_t n : c.inputs) inputs.push_back(reals(n, inputs.empty() ? -1 : 0.4, 2, uint64_t(n) + inputs.size()));
  return inputs;
}
std::vector<float> output_gradient(const Case& c) { return reals(c.output, -1, 1, 77); }

// Everything in guarded buffers, one element off the grid.
template <class T>
Result<T> run(gx_device* device, const Case& c, const std::vector<std::vector<T>>& inputs, const std::vector<T>& dy) {
  std::vector<std::unique_ptr<Guarded<T>>> in, gradients;
  std::vector<const void*> in_pointers;
  std::vector<void*> gradient_pointers;
  for (const std::vector<T>& values : inputs) {
    in.push_back(std::make_unique<Guarded<T>>(values, 1));
    gradients.push_back(std::make_unique<Guarded<T>>(int64_t(values.size()), 1));
    in_pointers.push_back(values.empty() ? nullptr : in.back()->data());
    gradient_pointers.push_back(values.empty() ? nullptr : gradients.back()->data());
  }
  Guarded<T> y(c.output, 1);
  const Guarded<T> of_y(dy, 1);
  Guarded<double> statistics(c.statistics);
  EXPECT_OK(c.forward(device, format_of<T>, in_pointers, y.data(), statistics.data()));
  EXPECT_OK(c.backward(device, format_of<T>, in_pointers, statistics.data(), of_y.data(), gradient_pointers));
  Result<T> result{y.values(), statistics.values(), {}};
  for (const auto& g : gradients) result.gradients.push_back(g->values());
  return result;
}

std::vector<std::vector<double>> widened(const std::vector<std::vector<float>>& all) {
  std::vector<std::vector<double>> wide;
  for (const auto& v : all) wide.emplace_back(v.begin(), v.end());
  return wide;
}

Case batch_norm(int64_t n, int64_t channels, int64_t s, bool affine, gx_norm_activation f) {
  const gx_batch_norm_params p = {n, channels, s, 1e-3, 0.1, f};
  const int64_t c = affine ? channels : 0;
  return {
      "batch norm",
      {n * channels * s, c, c},
      n * channels * s,
      2 * channels,
      [p](gx_device* device, gx_format format, const auto& in, void* y, void* statistics) {
        return gx_batch_norm(device, format, &p, in[0], in[1], in[2], nullptr, nullptr, y, statistics);
      },
      [p](gx_device* device, gx_format format, const auto& in, const void* statistics, const void* dy, const auto& g) {
        return gx_batch_norm_backward(device, format, &p, in[0], in[1], in[2], statistics, dy, g[0], g[1], g[2]);
      }};
}

Case batch_norm_evaluate(int64_t n, int64_t channels, int64_t s, bool affine, gx_norm_activation f) {
  Case c = batch_norm(n, channels, s, affine, f);
  const gx_batch_norm_params p = {n, channels, s, 1e-3, 0.1, f};
  c.name = "batch norm, evaluation";
  c.statistics = 0;
  // The running statistics are constants.
  const std::vector<float> mean = reals(channels, -1, 1, 5), var = reals(channels, 0.2, 2, 6);
  const auto with = [mean, var](gx_format format, auto&& call) {
    const std::vector<double> wide_mean(mean.begin(), mean.end()), wide_var(var.begin(), var.end());
    return format == GX_FLOAT64 ? call(wide_mean.data(), wide_var.data()) : call(mean.data(), var.data());
  };
  c.forward = [=](gx_device* device, gx_format format, const auto& in, void* y, void*) {
    return with(format, [&](const void* m, const void* v) {
      return gx_batch_norm_evaluate(device, format, &p, in[0], in[1], in[2], m, v, y);
    });
  };
  c.backward = [=](gx_device* device, gx_format format, const auto& in, const void*, const void* dy, const auto& g) {
    return with(format, [&](const void* m, const void* v) {
      return gx_batch_norm_evaluate_backward(device, format, &p, in[0], in[1], in[2], m, v, dy, g[0], g[1], g[2]);
    });
  };
  return c;
}

// r and d sit at their bounds, where they are constants to differences too.
Case batch_renorm(int64_t n, int64_t channels, int64_t s, bool affine) {
  Case c = batch_norm(n, channels, s, affine, GX_NORM_LINEAR);
  const gx_batch_renorm_params p = {n, channels, s, 1e-3, 0.1, 1.25, 0.5};
  c.name = "batch renormalisation";
  c.statistics = 4 * channels;
  c.forward = [=](gx_device* device, gx_format format, const auto& in, void* y, void* statistics) {
    std::vector<float> mean(size_t(channels), 9.0f), var(size_t(channels), 1e-2f);
    std::vector<double> wide_mean(mean.begin(), mean.end()), wide_var(var.begin(), var.end());
    void* const m = format == GX_FLOAT64 ? static_cast<void*>(wide_mean.data()) : mean.data();
    void* const v = format == GX_FLOAT64 ? static_cast<void*>(wide_var.data()) : var.data();
    return gx_batch_renorm(device, format, &p, in[0], in[1], in[2], m, v, y, statistics);
  };
  c.backward = [=](gx_device* device, gx_format format, const auto& in, const void* statistics, const void* dy,
                   const auto& g) {
    return gx_batch_renorm_backward(device, format, &p, in[0], in[1], statistics, dy, g[0], g[1], g[2]);
  };
  return c;
}

Case reference_batch_norm(int64_t r, int64_t n, int64_t channels, int64_t s, bool affine) {
  Case c = batch_norm(n, channels, s, affine, GX_NORM_LINEAR);
  const gx_reference_batch_norm_params p = {r, n, channels, s, 1e-3};
  c.name = "reference batch norm";
  c.statistics = 2 * (1 + n - r) * channels;
  c.forward = [=](gx_device* device, gx_format format, const auto& in, void* y, void* statistics) {
    return gx_reference_batch_norm(device, format, &p, in[0], in[1], in[2], y, statistics);
  };
  c.backward = [=](gx_device* device, gx_format format, const auto& in, const void* statistics, const void* dy,
                   const auto& g) {
    return gx_reference_batch_norm_backward(device, format, &p, in[0], in[1], statistics, dy, g[0], g[1], g[2]);
  };
  return c;
}

Case group_norm(int64_t n, int64_t channels, int64_t s, int64_t groups, bool affine, gx_norm_activation f) {
  Case c = batch_norm(n, channels, s, affine, f);
  const gx_group_norm_params p = {n, channels, s, groups, 1e-3, f};
  c.name = "group norm";
  c.statistics = 2 * n * groups;
  c.forward = [=](gx_device* device, gx_format format, const auto& in, void* y, void* statistics) {
    return gx_group_norm(device, format, &p, in[0], in[1], in[2], y, statistics);
  };
  c.backward = [=](gx_device* device, gx_format format, const auto& in, const void* statistics, const void* dy,
                   const auto& g) {
    return gx_group_norm_backward(device, format, &p, in[0], in[1], in[2], statistics, dy, g[0], g[1], g[2]);
  };
  return c;
}

Case adaptive_instance_norm(int64_t n, int64_t channels, int64_t s, int64_t style) {
  const gx_adaptive_instance_norm_params p = {n, channels, s, style, 1e-3};
  return {
      "adaptive instance norm",
      {n * channels * s, n * channels * style},
      n * channels * s,
      4 * n * channels,
      [p](gx_device* device, gx_format format, const auto& in, void* y, void* statistics) {
        return gx_adaptive_instance_norm(device, format, &p, in[0], in[1], y, statistics);
      },
      [p](gx_device* device, gx_format format, const auto& in, const void* statistics, const void* dy, const auto& g) {
        return gx_adaptive_instance_norm_backward(device, format, &p, in[0], in[1], statistics, dy, g[0], g[1]);
      }};
}

Case layer_norm(int64_t rows, int64_t units, bool affine) {
  const int64_t u = affine ? units : 0;
  return {
      "layer norm",
      {rows * units, u, u},
      rows * units,
      2 * rows,
      [=](gx_device* device, gx_format format, const auto& in, void* y, void* statistics) {
        return gx_layer_norm(device, format, rows, units, 1e-3, in[0], in[1], in[2], y, statistics);
      },
      [=](gx_device* device, gx_format format, const auto& in, const void* statistics, const void* dy, const auto& g) {
        return gx_layer_norm_backward(device, format, rows, units, in[0], in[1], statistics, dy, g[0], g[1], g[2]);
      }};
}

Case weight_norm(int64_t rows, int64_t units) {
  return {"weight norm",
          {rows * units, rows},
          rows * units,
          rows,
          [=](gx_device* device, gx_format format, const auto& in, void* w, void* norms) {
            return gx_weight_norm(device, format, rows, units, in[0], in[1], w, norms);
          },
          [=](gx_device* device, gx_format format, const auto& in, const void* norms, const void* dw, const auto& g) {
            return gx_weight_norm_backward(device, format, rows, units, in[0], in[1], norms, dw, g[0], g[1]);
          }};
}

std::vector<Case> small_cases() {
  std::vector<Case> all;
  for (bool affine : {true, false}) {
    for (gx_norm_activation f : {GX_NORM_LINEAR, GX_NORM_RELU}) {
      all.push_back(batch_norm(4, 3, 5, affine, f));
      all.push_back(batch_norm(7, 5, 1, affine, f));
      all.push_back(batch_norm(2, 2, 19, affine, f));
      all.push_back(batch_norm_evaluate(3, 3, 5, affine, f));
      all.push_back(batch_norm_evaluate(2, 2, 17, affine, f));
      all.push_back(group_norm(3, 4, 5, 2, affine, f));
      all.push_back(group_norm(2, 3, 7, 3, affine, f));
      all.push_back(group_norm(2, 3, 3, 1, affine, f));
    }
    all.push_back(batch_renorm(4, 3, 5, affine));
    all.push_back(batch_renorm(2, 2, 18, affine));
    all.push_back(reference_batch_norm(3, 5, 2, 4, affine));
    all.push_back(reference_batch_norm(1, 3, 3, 1, affine));
    all.push_back(reference_batch_norm(4, 4, 2, 2, affine));
    all.push_back(layer_norm(6, 5, affine));
    all.push_back(layer_norm(3, 20, affine));
  }
  all.push_back(adaptive_instance_norm(2, 2, 5, 7));
  all.push_back(adaptive_instance_norm(1, 3, 4, 1));
  all.push_back(weight_norm(4, 7));
  all.push_back(weight_norm(3, 1));
  return all;
}

std::vector<Case> large_cases() {
  std::vector<Case> all = {
      batch_norm(16, 3, 1024, true, GX_NORM_RELU),  // threads share channels
      batch_norm(3, 40, 49, true, GX_NORM_LINEAR),
      batch_norm(5, 70, 4, true, GX_NORM_RELU),  // by columns
      batch_norm(200, 130, 1, true, GX_NORM_LINEAR),
      batch_norm(33, 11, 15, false, GX_NORM_LINEAR),
      batch_norm_evaluate(16, 3, 1024, true, GX_NORM_RELU),
      batch_norm_evaluate(200, 130, 1, true, GX_NORM_RELU),
      batch_renorm(9, 17, 64, true),
      reference_batch_norm(8, 20, 9, 65, true),
      group_norm(4, 12, 64, 3, true, GX_NORM_RELU),
      group_norm(1, 4, 9000, 2, true, GX_NORM_LINEAR),  // threads share groups
      group_norm(30, 40, 4, 40, true, GX_NORM_LINEAR),
      adaptive_instance_norm(3, 7, 100, 64),
      layer_norm(131, 100, true),
      layer_norm(1000, 33, true),
      layer_norm(2, 5000, false),
      weight_norm(33, 129),
      weight_norm(1, 40000),
  };
  if (!quick()) all.push_back(batch_norm(1, 2, 150000, true, GX_NORM_LINEAR));  // parts of a segment
  return all;
}

TEST(Norm, FloatsAgreeWithTheReferenceInDouble) {
  Device device;
  std::vector<Case> cases = small_cases();
  for (Case& c : large_cases()) cases.push_back(std::move(c));
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name + " of " + std::to_string(c.output));
    const std::vector<std::vector<float>> inputs = inputs_of(c);
    const std::vector<float> dy = output_gradient(c);
    const Result<float> got = run(device, c, inputs, dy);
    const Result<double> want = run(device, c, widened(inputs), std::vector<double>(dy.begin(), dy.end()));
    // Elements: some roundings of numbers of a few units; rstd may be 30. Sums are double: one rounding at the end,
    // and those of the terms' x^ where they are made in float (layer norm), which grow as their root.
    EXPECT_TRUE(close(got.y, want.y, {4e-6, 1e-6}));
    EXPECT_TRUE(close(got.statistics, want.statistics, {1e-12, 1e-11, c.statistics == 0}));
    EXPECT_TRUE(close(got.gradients[0], want.gradients[0], {3e-5, 1e-6, true}));
    for (size_t i = 1; i < c.inputs.size(); ++i) {
      EXPECT_TRUE(close(got.gradients[i], want.gradients[i], {2e-5, 1e-6, true})) << "gradient " << i;
    }
  }
}

TEST(Norm, GradientsInDoubleAreTheSlopes) {
  Device device;
  constexpr double kStep = 1e-5;
  for (const Case& c : small_cases()) {
    SCOPED_TRACE(c.name + " of " + std::to_string(c.output));
    std::vector<std::vector<double>> inputs = widened(inputs_of(c));
    const std::vector<float> narrow = output_gradient(c);
    const std::vector<double> dy(narrow.begin(), narrow.end());
    const Result<double> at = run(device, c, inputs, dy);
    const auto value = [&] {
      const Result<double> result = run(device, c, inputs, dy);
      double sum = 0;
      for (size_t i = 0; i < dy.size(); ++i) sum += dy[i] * result.y[i];
      return sum;
    };
    for (size_t k = 0; k < inputs.size(); ++k) {
      for (size_t i = 0; i < inputs[k].size(); i += quick() ? 3 : 1) {
        const double x = inputs[k][i];
        inputs[k][i] = x + kStep;
        const double above = value();
        inputs[k][i] = x - kStep;
        const double below = value();
        inputs[k][i] = x;
        const double slope = (above - below) / (2 * kStep), got = at.gradients[k][i];
        ASSERT_NEAR(got, slope, 1e-5 * std::max(1.0, std::fabs(slope))) << "input " << k << ", element " << i;
      }
    }
  }
}

TEST(Norm, ThreadsAndRepetitionChangeNothing) {
  Device device(1);
  for (const Case& c : large_cases()) {
    SCOPED_TRACE(c.name + " of " + std::to_string(c.output));
    const std::vector<std::vector<float>> inputs = inputs_of(c);
    const std::vector<float> dy = output_gradient(c);
    EXPECT_OK(gx_device_set_threads(device, 1));
    const Result<float> first = run(device, c, inputs, dy);
    for (int32_t threads : {1, 2, 5}) {
      EXPECT_OK(gx_device_set_threads(device, threads));
      const Result<float> again = run(device, c, inputs, dy);
      EXPECT_EQ(again.y, first.y) << threads << " threads";
      EXPECT_EQ(again.statistics, first.statistics) << threads << " threads";
      EXPECT_EQ(again.gradients, first.gradients) << threads << " threads";
    }
  }
}

TEST(Norm, EachGradientCanBeLeftOut) {
  Device device;
  for (const Case& c : small_cases()) {
    SCOPED_TRACE(c.name + " of " + std::to_string(c.output));
    const std::vector<std::vector<float>> inputs = inputs_of(c);
    const std::vector<float> dy = output_gradient(c);
    const Result<float> all = run(device, c, inputs, dy);
    std::vector<const void*> in;
    for (const auto& v : inputs) in.push_back(v.empty() ? nullptr : v.data());
    for (size_t k = 0; k < inputs.size(); ++k) {
      if (inputs[k].empty()) continue;
      std::vector<void*> only(inputs.size(), nullptr);
      std::vector<float> gradient(inputs[k].size(), 7.0f);
      only[k] = gradient.data();
      EXPECT_OK(c.backward(device, GX_FLOAT32, in, all.statistics.data(), dy.data(), only));
      EXPECT_EQ(gradient, all.gradients[k]) << "gradient " << k;
    }
  }
}

// --- Oracle 69

// The mean and variance of elements first, first + step, .. of some.
void expect_standard(const std::vector<float>& y, const std::function<bool(int64_t)>& member, double tolerance) {
  double count = 0, mean = 0, square = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    if (!member(int64_t(i))) continue;
    count += 1;
    mean += y[i];
    square += double(y[i]) * y[i];
  }
  EXPECT_NEAR(mean / count, 0, tolerance);
  EXPECT_NEAR(square / count - mean / count * (mean / count), 1, tolerance);
}

TEST(Norm, BatchNormStandardisesChannelsAndItsGradientIsOrthogonal) {
  Device device;
  const int64_t shapes[][3] = {{32, 3, 30}, {9, 5, 7}, {50, 40, 1}};
  for (const auto& [n, channels, s] : shapes) {
    const gx_batch_norm_params p = {n, channels, s, 1e-12, 0.1, GX_NORM_LINEAR};
    const int64_t size = n * channels * s, of_channels = channels, spatial = s;
    const std::vector<float> x = reals(size, 3, 4, 1), dy = reals(size, -1, 1, 2);
    std::vector<float> y(x.size()), dx(x.size());
    std::vector<double> statistics(size_t(2 * channels));
    ASSERT_OK(gx_batch_norm(device, GX_FLOAT32, &p, x.data(), nullptr, nullptr, nullptr, nullptr, y.data(),
                            statistics.data()));
    ASSERT_OK(gx_batch_norm_backward(device, GX_FLOAT32, &p, x.data(), nullptr, nullptr, statistics.data(), dy.data(),
                                     dx.data(), nullptr, nullptr));
    for (int64_t c = 0; c < channels; ++c) {
      const auto member = [=](int64_t i) { return i / spatial % of_channels == c; };
      expect_standard(y, member, 1e-6);
      double sum = 0, along = 0, size_of = 0;
      for (int64_t i = 0; i < size; ++i) {
        if (!member(i)) continue;
        sum += dx[size_t(i)];
        along += double(dx[size_t(i)]) * y[size_t(i)];
        size_of += std::fabs(dx[size_t(i)]);
      }
      EXPECT_NEAR(sum / size_of, 0, 1e-6);
      EXPECT_NEAR(along / size_of, 0, 1e-6);
    }
  }
}

TEST(Norm, StandardisesWithAMeanFarFromZero) {
  Device device;
  const gx_batch_norm_params p = {64, 2, 64, 1e-12, 0.1, GX_NORM_LINEAR};
  std::vector<float> x = reals(64 * 2 * 64, 0, 1, 3);
  for (float& v : x) v = 1024 + std::round(v * 4096) / 4096;  // exact
  std::vector<float> y(x.size()), around(x.size()), y_around(x.size());
  for (size_t i = 0; i < x.size(); ++i) around[i] = x[i] - 1024;
  std::vector<double> statistics(4), statistics_around(4);
  ASSERT_OK(
      gx_batch_norm(device, GX_FLOAT32, &p, x.data(), nullptr, nullptr, nullptr, nullptr, y.data(), statistics.data()));
  ASSERT_OK(gx_batch_norm(device, GX_FLOAT32, &p, around.data(), nullptr, nullptr, nullptr, nullptr, y_around.data(),
                          statistics_around.data()));
  EXPECT_TRUE(close(y, y_around, {1e-6, 1e-6}));
  EXPECT_NEAR(statistics[2] / statistics_around[2], 1, 1e-9);
}

TEST(Norm, InstanceNormIsBatchNormOverEachExampleAndChannel) {
  Device device;
  const int64_t n = 3, channels = 4;
  for (int64_t s : {5, 64}) {
    const std::vector<float> x = reals(n * channels * s, -1, 2, 1), dy = reals(n * channels * s, -1, 1, 2);
    const gx_group_norm_params instance = {n, channels, s, channels, 1e-5, GX_NORM_LINEAR};
    const gx_batch_norm_params batch = {1, n * channels, s, 1e-5, 0, GX_NORM_LINEAR};
    std::vector<float> y(x.size()), want(x.size()), dx(x.size()), want_dx(x.size());
    std::vector<double> statistics(size_t(2 * n * channels)), want_statistics(statistics.size());
    ASSERT_OK(gx_group_norm(device, GX_FLOAT32, &instance, x.data(), nullptr, nullptr, y.data(), statistics.data()));
    ASSERT_OK(gx_batch_norm(device, GX_FLOAT32, &batch, x.data(), nullptr, nullptr, nullptr, nullptr, want.data(),
                            want_statistics.data()));
    ASSERT_OK(gx_group_norm_backward(device, GX_FLOAT32, &instance, x.data(), nullptr, nullptr, statistics.data(),
                                     dy.data(), dx.data(), nullptr, nullptr));
    ASSERT_OK(gx_batch_norm_backward(device, GX_FLOAT32, &batch, x.data(), nullptr, nullptr, statistics.data(),
                                     dy.data(), want_dx.data(), nullptr, nullptr));
    EXPECT_EQ(y, want);
    EXPECT_EQ(statistics, want_statistics);
    EXPECT_EQ(dx, want_dx);
  }
}

TEST(Norm, LayerNormIsGroupNormWithOneGroup) {
  Device device;
  const int64_t n = 5, units = 77;
  const std::vector<float> x = reals(n * units, -1, 2, 1);
  const gx_group_norm_params p = {n, units, 1, 1, 1e-5, GX_NORM_LINEAR};
  std::vector<float> y(x.size()), want(x.size());
  std::vector<double> statistics(10), want_statistics(10);
  ASSERT_OK(gx_layer_norm(device, GX_FLOAT32, n, units, 1e-5, x.data(), nullptr, nullptr, y.data(), statistics.data()));
  ASSERT_OK(gx_group_norm(device, GX_FLOAT32, &p, x.data(), nullptr, nullptr, want.data(), want_statistics.data()));
  EXPECT_TRUE(close(statistics, want_statistics, {1e-12, 1e-12}));
  EXPECT_TRUE(close(y, want, {1e-6, 1e-6}));
}

TEST(Norm, BatchNormMovesTheRunningStatistics) {
  Device device;
  for (int64_t s : {1, 16}) {
    const gx_batch_norm_params p = {8, 2, s, 1e-5, 0.25, GX_NORM_LINEAR};
    const std::vector<float> x = reals(8 * 2 * s, 0, 1, 9);
    std::vector<float> y(x.size()), mean = {1, -1}, var = {4, 2};
    std::vector<double> statistics(4);
    ASSERT_OK(gx_batch_norm(device, GX_FLOAT32, &p, x.data(), nullptr, nullptr, mean.data(), var.data(), y.data(),
                            statistics.data()));
    const double count = double(8 * s);
    for (size_t c = 0; c < 2; ++c) {
      const double batch_var = 1 / (statistics[2 + c] * statistics[2 + c]) - 1e-5;
      EXPECT_NEAR(mean[c], 0.75 * (c ? -1 : 1) + 0.25 * statistics[c], 1e-6);
      EXPECT_NEAR(var[c], 0.75 * (c ? 2 : 4) + 0.25 * batch_var * count / (count - 1), 1e-6);
    }
  }
}

TEST(Norm, EvaluationIsAffineAndWritesNothingElse) {
  Device device;
  const gx_batch_norm_params p = {2, 3, 20, 1e-5, 0.1, GX_NORM_LINEAR};
  const std::vector<float> x = reals(120, -2, 2, 1), gamma = {1, 2, 3}, beta = {0, -1, 1}, mean = {0.5f, 0, -1},
                           var = {1, 4, 0.25f};
  std::vector<float> y(120), want(120);
  for (size_t i = 0; i < 120; ++i) {
    const size_t c = i / 20 % 3;
    want[i] = float((double(x[i]) - mean[c]) / std::sqrt(var[c] + 1e-5) * gamma[c] + beta[c]);
  }
  ASSERT_OK(gx_batch_norm_evaluate(device, GX_FLOAT32, &p, x.data(), gamma.data(), beta.data(), mean.data(), var.data(),
                                   y.data()));
  EXPECT_TRUE(close(y, want, {2e-6, 1e-6}));
  EXPECT_EQ(mean, (std::vector<float>{0.5f, 0, -1}));
}

TEST(Norm, RenormWithoutRoomIsBatchNormAndWithRoomIsEvaluation) {
  Device device;
  const int64_t n = 6, channels = 3, s = 10, size = n * channels * s;
  const std::vector<float> x = reals(size, -1, 2, 1), gamma = {1, 2, 3}, beta = {0, -1, 1}, dy = reals(size, -1, 1, 2);
  const gx_batch_norm_params batch = {n, channels, s, 1e-5, 0.1, GX_NORM_LINEAR};
  std::vector<float> want(x.size()), y(x.size()), dx(x.size()), want_dx(x.size()), mean = {0.3f, 0, 1},
                                                                                   var = {1, 0.5f, 2};
  const std::vector<float> old_mean = mean, old_var = var;
  std::vector<double> statistics(12), batch_statistics(6);
  gx_batch_renorm_params p = {n, channels, s, 1e-5, 0, 1, 0};
  ASSERT_OK(gx_batch_norm(device, GX_FLOAT32, &batch, x.data(), gamma.data(), beta.data(), nullptr, nullptr,
                          want.data(), batch_statistics.data()));
  ASSERT_OK(gx_batch_renorm(device, GX_FLOAT32, &p, x.data(), gamma.data(), beta.data(), mean.data(), var.data(),
                            y.data(), statistics.data()));
  EXPECT_EQ(y, want);
  EXPECT_EQ(mean, old_mean) << "momentum 0";
  p.r_max = 100;
  p.d_max = 100;
  p.momentum = 0.5;
  ASSERT_OK(gx_batch_renorm(device, GX_FLOAT32, &p, x.data(), gamma.data(), beta.data(), mean.data(), var.data(),
                            y.data(), statistics.data()));
  ASSERT_OK(gx_batch_norm_evaluate(device, GX_FLOAT32, &batch, x.data(), gamma.data(), beta.data(), old_mean.data(),
                                   old_var.data(), want.data()));
  EXPECT_TRUE(close(y, want, {5e-6, 1e-6})) << "r and d make up for the batch's own statistics";
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(mean[c], 0.5 * (old_mean[c] + statistics[c]), 1e-6);
    EXPECT_NEAR(var[c], 0.5 * (old_var[c] + 1 / (statistics[3 + c] * statistics[3 + c]) - 1e-5), 1e-6);
  }
  // The gradient takes r and d as constants: that of batch norm with gamma r.
  std::vector<float> gamma_r(3);
  for (size_t c = 0; c < 3; ++c) gamma_r[c] = float(gamma[c] * statistics[6 + c]);
  ASSERT_OK(gx_batch_renorm_backward(device, GX_FLOAT32, &p, x.data(), gamma.data(), statistics.data(), dy.data(),
                                     dx.data(), nullptr, nullptr));
  ASSERT_OK(gx_batch_norm_backward(device, GX_FLOAT32, &batch, x.data(), gamma_r.data(), nullptr, statistics.data(),
                                   dy.data(), want_dx.data(), nullptr, nullptr));
  EXPECT_TRUE(close(dx, want_dx, {1e-6, 1e-6}));
}

TEST(Norm, ReferenceBatchNormIsBatchNormOfTheReferencesAndOfEachExampleAmongThem) {
  Device device;
  const int64_t r = 4, n = 6, channels = 3, s = 7, one = channels * s;
  const std::vector<double> x = widened({reals(n * one, -1, 2, 1)})[0];
  const gx_reference_batch_norm_params p = {r, n, channels, s, 1e-5};
  std::vector<double> y(x.size()), statistics(size_t(2 * 3 * channels));
  ASSERT_OK(gx_reference_batch_norm(device, GX_FLOAT64, &p, x.data(), nullptr, nullptr, y.data(), statistics.data()));
  const gx_batch_norm_params alone = {r, channels, s, 1e-5, 0, GX_NORM_LINEAR};
  std::vector<double> want(x.size()), batch_statistics(size_t(2 * channels));
  ASSERT_OK(gx_batch_norm(device, GX_FLOAT64, &alone, x.data(), nullptr, nullptr, nullptr, nullptr, want.data(),
                          batch_statistics.data()));
  EXPECT_TRUE(close(y.data(), want.data(), r * one, {1e-12, 1e-12}));
  const gx_batch_norm_params among = {r + 1, channels, s, 1e-5, 0, GX_NORM_LINEAR};
  for (int64_t i = r; i < n; ++i) {
    std::vector<double> batch(x.begin(), x.begin() + r * one), out(size_t((r + 1) * one));
    batch.insert(batch.end(), x.begin() + i * one, x.begin() + (i + 1) * one);
    ASSERT_OK(gx_batch_norm(device, GX_FLOAT64, &among, batch.data(), nullptr, nullptr, nullptr, nullptr, out.data(),
                            batch_statistics.data()));
    EXPECT_TRUE(close(y.data() + i * one, out.data() + r * one, one, {1e-12, 1e-12}));
  }
}

TEST(Norm, AdaptiveInstanceNormTakesOnTheStylesMoments) {
  Device device;
  const gx_adaptive_instance_norm_params p = {2, 3, 50, 20, 1e-12};
  const std::vector<float> content = reals(300, -1, 2, 1), style = reals(120, 2, 5, 2);
  std::vector<float> y(300);
  std::vector<double> statistics(24);
  ASSERT_OK(
      gx_adaptive_instance_norm(device, GX_FLOAT32, &p, content.data(), style.data(), y.data(), statistics.data()));
  for (int64_t j = 0; j < 6; ++j) {
    double mean = 0, square = 0, style_mean = 0, style_square = 0;
    for (int64_t i = 0; i < 50; ++i)
      mean += y[size_t(50 * j + i)] / 50.0, square += std::pow(y[size_t(50 * j + i)], 2) / 50;
    for (int64_t i = 0; i < 20; ++i) {
      style_mean += style[size_t(20 * j + i)] / 20.0;
      style_square += std::pow(style[size_t(20 * j + i)], 2) / 20;
    }
    EXPECT_NEAR(mean, style_mean, 1e-5);
    EXPECT_NEAR(square - mean * mean, style_square - style_mean * style_mean, 1e-5);
  }
}

TEST(Norm, WeightNormGivesRowsTheirLength) {
  Device device;
  const std::vector<float> v = reals(5 * 33, -1, 1, 1), g = {1, 2, 0.5f, -3, 0};
  std::vector<float> w(v.size());
  std::vector<double> norms(5);
  ASSERT_OK(gx_weight_norm(device, GX_FLOAT32, 5, 33, v.data(), g.data(), w.data(), norms.data()));
  for (size_t r = 0; r < 5; ++r) {
    double squares = 0, along = 0;
    for (size_t i = 33 * r; i < 33 * (r + 1); ++i) squares += double(w[i]) * w[i], along += double(w[i]) * v[i];
    EXPECT_NEAR(std::sqrt(squares), std::fabs(g[r]), 1e-6);
    EXPECT_NEAR(along, double(g[r]) * norms[r], 1e-5);
  }
}

// --- Edges

TEST(Norm, ConstantAndSingleInputsGiveBeta) {
  Device device;
  for (int64_t s : {1, 4, 40}) {
    for (int64_t n : {1, 3}) {
      const gx_batch_norm_params p = {n, 2, s, 1e-5, 0.1, GX_NORM_LINEAR};
      const std::vector<float> x(size_t(n * 2 * s), 0.3f), gamma = {2, 3}, beta = {0.25f, -1}, dy(x.size(), 1.0f);
      std::vector<float> y(x.size()), want(x.size()), dx(x.size(), 7.0f);
      std::vector<double> statistics(4);
      for (size_t i = 0; i < x.size(); ++i) want[i] = beta[i / size_t(s) % 2];
      ASSERT_OK(gx_batch_norm(device, GX_FLOAT32, &p, x.data(), gamma.data(), beta.data(), nullptr, nullptr, y.data(),
                              statistics.data()));
      EXPECT_EQ(y, want);
      ASSERT_OK(gx_batch_norm_backward(device, GX_FLOAT32, &p, x.data(), gamma.data(), beta.data(), statistics.data(),
                                       dy.data(), dx.data(), nullptr, nullptr));
      EXPECT_TRUE(close(dx, std::vector<float>(x.size(), 0.0f), {1e-4, 0, true}));  // rstd is 316
    }
  }
  std::vector<float> y(4);
  std::vector<double> statistics(4);
  const std::vector<float> x = {5, 5, -3, -3};
  ASSERT_OK(gx_layer_norm(device, GX_FLOAT32, 2, 2, 1e-5, x.data(), nullptr, nullptr, y.data(), statistics.data()));
  EXPECT_EQ(y, std::vector<float>(4, 0.0f));
}

TEST(Norm, ANanSpoilsItsOwnSetOnly) {
  Device device;
  for (int64_t s : {2, 30}) {
    const gx_batch_norm_params p = {4, 3, s, 1e-5, 0.1, GX_NORM_RELU};
    std::vector<float> x = reals(12 * s, -1, 1, 1), dy = reals(12 * s, -1, 1, 2), y(x.size()), dx(x.size());
    std::vector<double> statistics(6);
    x[size_t(s)] = std::numeric_limits<float>::quiet_NaN();  // channel 1
    ASSERT_OK(gx_batch_norm(device, GX_FLOAT32, &p, x.data(), nullptr, nullptr, nullptr, nullptr, y.data(),
                            statistics.data()));
    ASSERT_OK(gx_batch_norm_backward(device, GX_FLOAT32, &p, x.data(), nullptr, nullptr, statistics.data(), dy.data(),
                                     dx.data(), nullptr, nullptr));
    for (size_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(std::isnan(y[i]), i / size_t(s) % 3 == 1);
      EXPECT_EQ(std::isnan(dx[i]), i / size_t(s) % 3 == 1);
    }
  }
}

TEST(Norm, AcceptsEmptyArraysWhereNoMeanIsAsked) {
  Device device;
  float g[2] = {7, 7};
  const gx_batch_norm_params no_channels = {4, 0, 5, 1e-5, 0.1, GX_NORM_LINEAR};
  EXPECT_OK(
      gx_batch_norm(device, GX_FLOAT32, &no_channels, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  const gx_batch_norm_params no_examples = {0, 2, 5, 1e-5, 0.1, GX_NORM_LINEAR};
  const float mean[2] = {0, 0}, var[2] = {1, 1};
  EXPECT_OK(gx_batch_norm_evaluate(device, GX_FLOAT32, &no_examples, nullptr, nullptr, nullptr, mean, var, nullptr));
  EXPECT_OK(gx_batch_norm_evaluate_backward(device, GX_FLOAT32, &no_examples, nullptr, nullptr, nullptr, mean, var,
                                            nullptr, nullptr, g, nullptr));
  EXPECT_EQ(g[0], 0.0f);
  EXPECT_EQ(g[1], 0.0f);
  g[0] = 7;
  const gx_group_norm_params group = {0, 2, 5, 1, 1e-5, GX_NORM_LINEAR};
  EXPECT_OK(gx_group_norm(device, GX_FLOAT32, &group, nullptr, nullptr, nullptr, nullptr, nullptr));
  EXPECT_OK(gx_group_norm_backward(device, GX_FLOAT32, &group, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, g,
                                   nullptr));
  EXPECT_EQ(g[0], 0.0f);
  g[0] = 7;
  EXPECT_OK(gx_layer_norm(device, GX_FLOAT32, 0, 2, 1e-5, nullptr, nullptr, nullptr, nullptr, nullptr));
  EXPECT_OK(gx_layer_norm_backward(device, GX_FLOAT32, 0, 2, nullptr, nullptr, nullptr, nullptr, nullptr, g, nullptr));
  EXPECT_EQ(g[0], 0.0f);
  EXPECT_OK(gx_weight_norm(device, GX_FLOAT32, 0, 2, nullptr, nullptr, nullptr, nullptr));
  const gx_adaptive_instance_norm_params adaptive = {0, 2, 5, 5, 1e-5};
  EXPECT_OK(gx_adaptive_instance_norm(device, GX_FLOAT32, &adaptive, nullptr, nullptr, nullptr, nullptr));
}

// --- Refusals

struct Buffers {
  float x[24] = {}, y[24] = {}, dy[24] = {}, a[4] = {}, b[4] = {}, mean[4] = {}, var[4] = {};
  double statistics[64] = {};
};

TEST(Norm, BatchNormRefusesWhatItCannotDo) {
  Device device;
  Buffers o;
  const gx_batch_norm_params good = {2, 3, 4, 1e-5, 0.1, GX_NORM_LINEAR};
  const auto train = [&](gx_batch_norm_params p, gx_format format = GX_FLOAT32) {
    return gx_batch_norm(device, format, &p, o.x, o.a, o.b, o.mean, o.var, o.y, o.statistics);
  };
  const auto with = [&](auto change) {
    gx_batch_norm_params p = good;
    change(p);
    return train(p);
  };
  EXPECT_OK(train(good));
  EXPECT_REFUSED("format", train(good, GX_BITS));
  EXPECT_REFUSED("device", gx_batch_norm(nullptr, GX_FLOAT32, &good, o.x, o.a, o.b, o.mean, o.var, o.y, o.statistics));
  EXPECT_REFUSED("params", gx_batch_norm(device, GX_FLOAT32, nullptr, o.x, o.a, o.b, o.mean, o.var, o.y, o.statistics));
  EXPECT_REFUSED("epsilon must be above 0, got 0", with([](auto& p) { p.epsilon = 0; }));
  EXPECT_REFUSED("epsilon must be finite", with([](auto& p) { p.epsilon = NAN; }));
  EXPECT_REFUSED("momentum must be between 0 and 1, got 2", with([](auto& p) { p.momentum = 2; }));
  EXPECT_REFUSED("momentum", with([](auto& p) { p.momentum = NAN; }));
  EXPECT_REFUSED("activation", with([](auto& p) { p.activation = gx_norm_activation(2); }));
  EXPECT_REFUSED("examples must be at least 0", with([](auto& p) { p.examples = -1; }));
  EXPECT_REFUSED("channels must be at least 0", with([](auto& p) { p.channels = -1; }));
  EXPECT_REFUSED("spatial must be at least 0", with([](auto& p) { p.spatial = -1; }));
  EXPECT_REFUSED("63 bits", with([](auto& p) { p.spatial = INT64_MAX; }));
  EXPECT_REFUSED("must be at least 2, got 0 x 4", with([](auto& p) { p.examples = 0; }));
  EXPECT_REFUSED("must be at least 2, got 1 x 1", with([](auto& p) { p.examples = p.spatial = 1; }));
  const gx_batch_norm_params* p = &good;
  const gx_format f = GX_FLOAT32;
  EXPECT_REFUSED("both", gx_batch_norm(device, f, p, o.x, o.a, o.b, o.mean, nullptr, o.y, o.statistics));
  EXPECT_REFUSED("both", gx_batch_norm(device, f, p, o.x, o.a, o.b, nullptr, o.var, o.y, o.statistics));
  EXPECT_REFUSED("x must not be null",
                 gx_batch_norm(device, f, p, nullptr, o.a, o.b, o.mean, o.var, o.y, o.statistics));
  EXPECT_REFUSED("y must not be null",
                 gx_batch_norm(device, f, p, o.x, o.a, o.b, o.mean, o.var, nullptr, o.statistics));
  EXPECT_REFUSED("statistics must not be null",
                 gx_batch_norm(device, f, p, o.x, o.a, o.b, o.mean, o.var, o.y, nullptr));
  EXPECT_REFUSED("overlap", gx_batch_norm(device, f, p, o.x, o.a, o.b, o.mean, o.var, o.x, o.statistics));
  EXPECT_REFUSED("overlap", gx_batch_norm(device, f, p, o.x, o.a, o.b, o.mean, o.mean, o.y, o.statistics));
  EXPECT_REFUSED("overlap", gx_batch_norm(device, f, p, o.x, o.a, o.b, o.a, o.var, o.y, o.statistics));
  EXPECT_REFUSED("aligned", gx_batch_norm(device, f, p, o.x, reinterpret_cast<char*>(o.a) + 1, o.b, o.mean, o.var, o.y,
                                          o.statistics));
  EXPECT_REFUSED("dy must not be null",
                 gx_batch_norm_backward(device, f, p, o.x, o.a, o.b, o.statistics, nullptr, o.y, o.mean, o.var));
  EXPECT_REFUSED("statistics must not be null",
                 gx_batch_norm_backward(device, f, p, o.x, o.a, o.b, nullptr, o.dy, o.y, o.mean, o.var));
  EXPECT_REFUSED("overlap",
                 gx_batch_norm_backward(device, f, p, o.x, o.a, o.b, o.statistics, o.dy, o.dy, o.mean, o.var));
  gx_batch_norm_params none = good;
  none.examples = 0;
  EXPECT_REFUSED("at least 1, got 0 x 4",
                 gx_batch_norm_backward(device, f, &none, o.x, o.a, o.b, o.statistics, o.dy, o.y, o.mean, o.var));
  EXPECT_REFUSED("running_mean must not be null",
                 gx_batch_norm_evaluate(device, f, p, o.x, o.a, o.b, nullptr, o.var, o.y));
  EXPECT_REFUSED("running_var must not be null",
                 gx_batch_norm_evaluate(device, f, p, o.x, o.a, o.b, o.mean, nullptr, o.y));
  EXPECT_REFUSED("overlap", gx_batch_norm_evaluate(device, f, p, o.x, o.a, o.b, o.mean, o.var, o.x));
  EXPECT_REFUSED("running_var must not be null",
                 gx_batch_norm_evaluate_backward(device, f, p, o.x, o.a, o.b, o.mean, nullptr, o.dy, o.y, o.a, o.b));
  EXPECT_REFUSED("overlap",
                 gx_batch_norm_evaluate_backward(device, f, p, o.x, o.a, o.b, o.mean, o.var, o.dy, o.y, o.a, nullptr));
}

TEST(Norm, TheOthersRefuseWhatTheyCannotDo) {
  Device device;
  Buffers o;
  const gx_format f = GX_FLOAT32;
  const gx_batch_renorm_params renorm = {2, 3, 4, 1e-5, 0.1, 2, 1};
  const auto renormed = [&](auto change) {
    gx_batch_renorm_params p = renorm;
    change(p);
    return gx_batch_renorm(device, f, &p, o.x, o.a, o.b, o.mean, o.var, o.y, o.statistics);
  };
  EXPECT_OK(renormed([](auto&) {}));
  EXPECT_REFUSED("r_max must be at least 1, got 0.5", renormed([](auto& p) { p.r_max = 0.5; }));
  EXPECT_REFUSED("r_max must be finite", renormed([](auto& p) { p.r_max = INFINITY; }));
  EXPECT_REFUSED("d_max must be at least 0, got -1", renormed([](auto& p) { p.d_max = -1; }));
  EXPECT_REFUSED("d_max must be finite", renormed([](auto& p) { p.d_max = NAN; }));
  EXPECT_REFUSED("epsilon", renormed([](auto& p) { p.epsilon = -1; }));
  EXPECT_REFUSED("momentum", renormed([](auto& p) { p.momentum = -1; }));
  EXPECT_REFUSED("at least 1", renormed([](auto& p) { p.spatial = 0; }));
  EXPECT_REFUSED("running_mean must not be null",
                 gx_batch_renorm(device, f, &renorm, o.x, o.a, o.b, nullptr, o.var, o.y, o.statistics));
  EXPECT_REFUSED("overlap", gx_batch_renorm(device, f, &renorm, o.x, o.a, o.b, o.mean, o.mean, o.y, o.statistics));
  EXPECT_REFUSED("overlap",
                 gx_batch_renorm_backward(device, f, &renorm, o.x, o.a, o.statistics, o.dy, o.x, o.mean, o.var));

  const gx_reference_batch_norm_params reference = {1, 2, 3, 4, 1e-5};
  const auto referenced = [&](auto change) {
    gx_reference_batch_norm_params p = reference;
    change(p);
    return gx_reference_batch_norm(device, f, &p, o.x, o.a, o.b, o.y, o.statistics);
  };
  EXPECT_OK(referenced([](auto&) {}));
  EXPECT_REFUSED("references must be at least 1", referenced([](auto& p) { p.references = 0; }));
  EXPECT_REFUSED("examples must be at least 3, got 2", referenced([](auto& p) { p.references = 3; }));
  EXPECT_REFUSED("spatial must be at least 1", referenced([](auto& p) { p.spatial = 0; }));
  EXPECT_REFUSED("epsilon", referenced([](auto& p) { p.epsilon = 0; }));
  EXPECT_REFUSED("overlap", gx_reference_batch_norm(device, f, &reference, o.x, o.a, o.b, o.x, o.statistics));
  EXPECT_REFUSED("statistics",
                 gx_reference_batch_norm_backward(device, f, &reference, o.x, o.a, nullptr, o.dy, o.y, o.mean, o.var));

  const gx_group_norm_params group = {2, 4, 3, 2, 1e-5, GX_NORM_RELU};
  const auto grouped = [&](auto change) {
    gx_group_norm_params p = group;
    change(p);
    return gx_group_norm(device, f, &p, o.x, o.a, o.b, o.y, o.statistics);
  };
  EXPECT_OK(grouped([](auto&) {}));
  EXPECT_REFUSED("channels must be a multiple of groups, got 4 and 3", grouped([](auto& p) { p.groups = 3; }));
  EXPECT_REFUSED("groups must be at least 1", grouped([](auto& p) { p.groups = 0; }));
  EXPECT_REFUSED("channels must be at least 1", grouped([](auto& p) { p.channels = 0; }));
  EXPECT_REFUSED("spatial must be at least 1", grouped([](auto& p) { p.spatial = 0; }));
  EXPECT_REFUSED("examples must be at least 0", grouped([](auto& p) { p.examples = -1; }));
  EXPECT_REFUSED("epsilon", grouped([](auto& p) { p.epsilon = 0; }));
  EXPECT_REFUSED("activation", grouped([](auto& p) { p.activation = gx_norm_activation(-1); }));
  EXPECT_REFUSED("overlap",
                 gx_group_norm_backward(device, f, &group, o.x, o.a, o.b, o.statistics, o.dy, o.y, o.mean, o.mean));

  const gx_adaptive_instance_norm_params adaptive = {2, 3, 4, 2, 1e-5};
  const auto adapted = [&](auto change) {
    gx_adaptive_instance_norm_params p = adaptive;
    change(p);
    return gx_adaptive_instance_norm(device, f, &p, o.x, o.dy, o.y, o.statistics);
  };
  EXPECT_OK(adapted([](auto&) {}));
  EXPECT_REFUSED("spatial must be at least 1", adapted([](auto& p) { p.spatial = 0; }));
  EXPECT_REFUSED("style_spatial must be at least 1", adapted([](auto& p) { p.style_spatial = 0; }));
  EXPECT_REFUSED("epsilon", adapted([](auto& p) { p.epsilon = 0; }));
  EXPECT_REFUSED("63 bits", adapted([](auto& p) { p.style_spatial = INT64_MAX; }));
  EXPECT_REFUSED("style must not be null",
                 gx_adaptive_instance_norm(device, f, &adaptive, o.x, nullptr, o.y, o.statistics));
  EXPECT_REFUSED("overlap", gx_adaptive_instance_norm_backward(device, f, &adaptive, o.x, o.dy, o.statistics, o.dy, o.y,
                                                               o.y + 20));

  EXPECT_REFUSED("rows must be at least 0", gx_layer_norm(device, f, -1, 4, 1e-5, o.x, o.a, o.b, o.y, o.statistics));
  EXPECT_REFUSED("units must be at least 1", gx_layer_norm(device, f, 2, 0, 1e-5, o.x, o.a, o.b, o.y, o.statistics));
  EXPECT_REFUSED("epsilon", gx_layer_norm(device, f, 2, 4, 0, o.x, o.a, o.b, o.y, o.statistics));
  EXPECT_REFUSED("overlap", gx_layer_norm(device, f, 2, 4, 1e-5, o.x, o.a, o.b, o.x, o.statistics));
  EXPECT_REFUSED("statistics", gx_layer_norm(device, f, 2, 4, 1e-5, o.x, o.a, o.b, o.y, nullptr));
  EXPECT_REFUSED("dy must not be null",
                 gx_layer_norm_backward(device, f, 2, 4, o.x, o.a, o.statistics, nullptr, o.y, o.mean, o.var));
  EXPECT_REFUSED("overlap", gx_layer_norm_backward(device, f, 2, 4, o.x, o.a, o.statistics, o.dy, o.y, o.mean, o.y));

  EXPECT_REFUSED("units must be at least 1", gx_weight_norm(device, f, 2, 0, o.x, o.a, o.y, o.statistics));
  EXPECT_REFUSED("g must not be null", gx_weight_norm(device, f, 2, 4, o.x, nullptr, o.y, o.statistics));
  EXPECT_REFUSED("norms must not be null", gx_weight_norm(device, f, 2, 4, o.x, o.a, o.y, nullptr));
  EXPECT_REFUSED("overlap", gx_weight_norm(device, f, 2, 4, o.x, o.a, o.x, o.statistics));
  EXPECT_REFUSED("overlap", gx_weight_norm_backward(device, f, 2, 4, o.x, o.a, o.statistics, o.dy, o.dy, o.mean));
  EXPECT_REFUSED("format", gx_weight_norm(device, GX_BITS, 2, 4, o.x, o.a, o.y, o.statistics));
}

}  // namespace
}  // namespace gx::test
