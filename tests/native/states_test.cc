// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// States: conversion, Bernoulli draws, gathering, means; variants against their references, and the C entries.

#include <algorithm>
#include <cmath>

#include "compare.h"
#include "guarded.h"
#include "kernels/states/bernoulli/bernoulli.h"
#include "kernels/states/convert/convert.h"
#include "support.h"

namespace gx::test {
namespace {

const float kNan = std::nanf("");

gx_states floats_of(Guarded<float>& data, int64_t rows, int64_t units) {
  return {data.data(), rows, units, GX_FLOAT32};
}
gx_states bits_of(Guarded<uint32_t>& data, int64_t rows, int64_t units) { return {data.data(), rows, units, GX_BITS}; }

TEST(Convert, EveryVariantEqualsTheReference) {
  int count;
  const ConvertVariant* variants = convert_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    SCOPED_TRACE(variants[v].line.isa);
    for (int64_t n : edge_sizes(300)) {
      for (int64_t offset : {0, 1}) {
        for (float threshold : {0.5f, -1.0f, 0.0f, kNan}) {  // -1: padding must stay clean though 0 would reach it
          std::vector<float> values = reals(n, -0.2, 1.2, uint64_t(n));
          if (n > 3) values[size_t(n / 2)] = kNan, values[size_t(n / 3)] = threshold;
          const Guarded<float> from(values, offset);
          Guarded<uint32_t> got(words_of(n), offset);
          std::vector<uint32_t> want(static_cast<size_t>(words_of(n)));
          variants[v].pack(from.data(), n, threshold, got.data());
          reference::pack(values.data(), n, threshold, want.data());
          ASSERT_TRUE(close(got, want, {0, 0, true})) << n;
          Guarded<float> back(n, offset);
          std::vector<float> want_back(static_cast<size_t>(n));
          variants[v].unpack(got.data(), n, back.data());
          reference::unpack(want.data(), n, want_back.data());
          ASSERT_TRUE(close(back, want_back, {0, 0, true})) << n;
        }
      }
    }
  }
}

TEST(Convert, GoesBetweenAnyTwoFormats) {
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    for (const auto& [rows, units] :
         std::vector<std::pair<int64_t, int64_t>>{{3, 31}, {1, 784}, {70, 64}, {2, 70001}}) {
      const std::vector<uint32_t> source = packed(rows, units, 0.3, uint64_t(units));
      Guarded<uint32_t> bits(source), bits_again(rows * words_of(units)), copied(rows * words_of(units));
      Guarded<float> values(rows * units), values_again(rows * units);
      const gx_states b = bits_of(bits, rows, units), f = floats_of(values, rows, units),
                      b2 = bits_of(bits_again, rows, units), f2 = floats_of(values_again, rows, units),
                      b3 = bits_of(copied, rows, units);
      ASSERT_OK(gx_states_convert(device, &b, kNan, &f));
      for (int64_t i = 0; i < rows * units; ++i) {
        const int64_t r = i / units, u = i % units;
        ASSERT_EQ(values[i], float(source[size_t(r * words_of(units) + u / 32)] >> (u % 32) & 1));
      }
      ASSERT_OK(gx_states_convert(device, &f, 1.0f, &b2));
      EXPECT_TRUE(close(bits_again, source));
      ASSERT_OK(gx_states_convert(device, &f, kNan, &f2));
      EXPECT_TRUE(close(values_again, values));
      ASSERT_OK(gx_states_convert(device, &b, kNan, &b3));
      EXPECT_TRUE(close(copied, source));
    }
  }
}

TEST(Convert, RefusesBadArguments) {
  Device device;
  Guarded<float> a(8), b(8);
  std::fill(b.begin(), b.end(), 0.0f);
  gx_states from = floats_of(a, 2, 4), to = floats_of(b, 2, 4);
  EXPECT_REFUSED("device", gx_states_convert(nullptr, &from, 0, &to));
  EXPECT_REFUSED("from must not be null", gx_states_convert(device, nullptr, 0, &to));
  EXPECT_REFUSED("to must not be null", gx_states_convert(device, &from, 0, nullptr));
  EXPECT_REFUSED("overlap", gx_states_convert(device, &from, 0, &from));
  const auto changed = [&](auto change) {
    gx_states s = to;
    change(s);
    return s;
  };
  const gx_states more_rows = changed([](gx_states&s) { s.rows = 3; }),
                  fewer_units = changed([](gx_states&s) { s.units = 3; }),
                  unknown = changed([](gx_states&s) { s.format = gx_format(7); }),
                  null = changed([](gx_states&s) { s.data = nullptr; }),
                  misaligned = changed([](gx_states&s) { s.data = static_cast<char*>(s.data) + 2; });
  EXPECT_REFUSED("rows of to must be 2, got 3", gx_states_convert(device, &from, 0, &more_rows));
  EXPECT_REFUSED("units of to must be 4, got 3", gx_states_convert(device, &from, 0, &fewer_units));
  EXPECT_REFUSED("format of to", gx_states_convert(device, &from, 0, &unknown));
  EXPECT_REFUSED("to must not be null", gx_states_convert(device, &from, 0, &null));
  EXPECT_REFUSED("aligned", gx_states_convert(device, &from, 0, &misaligned));
  from.units = -4;
  EXPECT_REFUSED("units of from must be at least 0, got -4", gx_states_convert(device, &from, 0, &to));
  from = {a.data(), -1, 4, GX_FLOAT32};
  EXPECT_REFUSED("rows of from", gx_states_convert(device, &from, 0, &to));
  from = {a.data(), int64_t(1) << 31, int64_t(1) << 40, GX_FLOAT32};
  EXPECT_REFUSED("63 bits", gx_states_convert(device, &from, 0, &to));
  for (float x : b) EXPECT_EQ(x, 0.0f) << "a refused call writes nothing";
}

TEST(Bernoulli, EveryVariantEqualsTheReference) {
  int count;
  const BernoulliVariant* variants = bernoulli_variants(&count);
  for (int v = 0; v < count; ++v) {
    if (!usable(variants[v].line.isa)) continue;
    SCOPED_TRACE(variants[v].line.isa);
    for (int64_t n : edge_sizes(300)) {
      std::vector<float> p = reals(n, -0.1, 1.1, 17);
      if (n > 2) p[0] = kNan, p[size_t(n) - 1] = 1, p[size_t(n) / 2] = 0;
      const PhiloxStream stream = philox_stream(99, 100, GX_PURPOSE_BERNOULLI);
      const Guarded<float> chances(p, 1);
      Guarded<float> values(n, 1);
      Guarded<uint32_t> bits(words_of(n), 1);
      std::vector<float> want(static_cast<size_t>(n));
      std::vector<uint32_t> want_bits(static_cast<size_t>(words_of(n)));
      variants[v].run(stream, 5, 64, n, chances.data(), values.data(), nullptr);
      variants[v].run(stream, 5, 64, n, chances.data(), nullptr, bits.data());
      reference::bernoulli(stream, 5, 64, n, p.data(), want.data(), want_bits.data());
      ASSERT_TRUE(close(values, want, {0, 0, n < 4})) << n;
      ASSERT_TRUE(close(bits, want_bits, {0, 0, n < 4})) << n;
      Guarded<float> in_place(p);
      variants[v].run(stream, 5, 64, n, in_place.data(), in_place.data(), nullptr);
      ASSERT_TRUE(close(in_place, want, {0, 0, n < 4})) << n;
    }
  }
}

TEST(Bernoulli, FiresAsOftenAsItShould) {
  Device device;
  const int64_t rows = quick() ? 100 : 2000, units = 100;
  for (double p : {0.001, 0.1, 0.5, 0.9, 0.999}) {
    std::vector<float> chances(size_t(rows * units), float(p));
    Guarded<uint32_t> bits(rows * words_of(units));
    const gx_states to = bits_of(bits, rows, units);
    ASSERT_OK(gx_states_bernoulli(device, chances.data(), {11, 0}, &to));
    int64_t ones = 0;
    for (uint32_t w : bits) ones += __builtin_popcount(w);
    const double n = double(rows * units), z = (double(ones) - n * p) / std::sqrt(n * p * (1 - p));
    EXPECT_LT(std::fabs(z), 4.9) << p;
  }
}

TEST(Bernoulli, IsCertainAtZeroAndOneAndNeverFiresAtNan) {
  Device device;
  const int64_t rows = quick() ? 20 : 500, units = 300;
  std::vector<float> p(size_t(rows * units));
  for (size_t i = 0; i < p.size(); ++i) p[i] = i % 4 == 0 ? 0.0f : i % 4 == 1 ? 1.0f : i % 4 == 2 ? kNan : -0.0f;
  Guarded<float> out(rows * units);
  const gx_states to = floats_of(out, rows, units);
  ASSERT_OK(gx_states_bernoulli(device, p.data(), {3, 4}, &to));
  for (int64_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], i % 4 == 1 ? 1.0f : 0.0f);
}

TEST(Bernoulli, IsTheSameInBothFormatsAndForAnyThreadCount) {
  for (const auto& [rows, units] : std::vector<std::pair<int64_t, int64_t>>{{13, 784}, {3, 20001}, {300, 7}}) {
    const std::vector<float> p = reals(rows * units, 0, 1, 5);
    std::vector<uint32_t> first;
    for (int32_t threads : thread_counts()) {
      Device device(threads);
      Guarded<uint32_t> bits(rows * words_of(units));
      Guarded<float> values(rows * units), in_place(p);
      const gx_states b = bits_of(bits, rows, units), f = floats_of(values, rows, units),
                      same = floats_of(in_place, rows, units);
      ASSERT_OK(gx_states_bernoulli(device, p.data(), {21, 22}, &b));
      ASSERT_OK(gx_states_bernoulli(device, p.data(), {21, 22}, &f));
      ASSERT_OK(gx_states_bernoulli(device, in_place.data(), {21, 22}, &same));
      EXPECT_TRUE(close(in_place, values));
      Guarded<uint32_t> packed_values(rows * words_of(units));
      const gx_states pv = bits_of(packed_values, rows, units);
      ASSERT_OK(gx_states_convert(device, &f, 0.5f, &pv));
      EXPECT_TRUE(close(packed_values, bits));
      if (first.empty()) first = bits.values();
      EXPECT_EQ(bits.values(), first) << threads << " threads";
    }
  }
}

TEST(Bernoulli, HasTheSameBitsEverywhere) {
  Device device;
  const int64_t rows = 41, units = 517;
  const std::vector<float> p = reals(rows * units, 0, 1, 8);
  Guarded<uint32_t> bits(rows * words_of(units));
  const gx_states to = bits_of(bits, rows, units);
  ASSERT_OK(gx_states_bernoulli(device, p.data(), {2024, 3}, &to));
  EXPECT_EQ(checksum(bits.data(), bits.size()), 0x175cb7244ea4ac33u);
}

TEST(Bernoulli, RefusesBadArguments) {
  Device device;
  Guarded<float> p(8), out(8);
  const gx_states to = floats_of(out, 2, 4), shifted = {p.data() + 1, 1, 4, GX_FLOAT32},
                  bits = {p.data(), 2, 4, GX_BITS}, negative = {out.data(), 2, -4, GX_FLOAT32};
  EXPECT_REFUSED("device", gx_states_bernoulli(nullptr, p.data(), {0, 0}, &to));
  EXPECT_REFUSED("p must not be null", gx_states_bernoulli(device, nullptr, {0, 0}, &to));
  EXPECT_REFUSED("to must not be null", gx_states_bernoulli(device, p.data(), {0, 0}, nullptr));
  EXPECT_REFUSED("overlap", gx_states_bernoulli(device, p.data(), {0, 0}, &shifted));
  EXPECT_REFUSED("overlap", gx_states_bernoulli(device, p.data(), {0, 0}, &bits));
  EXPECT_REFUSED("units", gx_states_bernoulli(device, p.data(), {0, 0}, &negative));
  EXPECT_REFUSED("2^56", gx_states_bernoulli(device, p.data(), {0, uint64_t(1) << 56}, &to));
}

TEST(Gather, TakesTheRowsAsked) {
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    for (int64_t units : {1, 33, 784}) {
      const int64_t rows = 50;
      const std::vector<int64_t> index = {49, 0, 7, 7, 7, 30, 48, 1, 0};
      const int64_t n = int64_t(index.size()), words = words_of(units);
      Guarded<float> values(reals(rows * units, -1, 1, 4)), got(n * units);
      Guarded<uint32_t> bits(packed(rows, units, 0.5, 4)), got_bits(n * words);
      const gx_states f = floats_of(values, rows, units), to = floats_of(got, n, units), b = bits_of(bits, rows, units),
                      to_bits = bits_of(got_bits, n, units);
      ASSERT_OK(gx_states_gather(device, &f, index.data(), &to));
      ASSERT_OK(gx_states_gather(device, &b, index.data(), &to_bits));
      for (int64_t r = 0; r < n; ++r) {
        ASSERT_TRUE(close(&got[r * units], &values[index[size_t(r)] * units], units));
        ASSERT_TRUE(close(&got_bits[r * words], &bits[index[size_t(r)] * words], words, {0, 0, units == 1}));
      }
    }
  }
}

TEST(Gather, RefusesBadArguments) {
  Device device;
  Guarded<float> a(8), b(8);
  std::fill(b.begin(), b.end(), 0.0f);
  const gx_states from = floats_of(a, 2, 4), to = floats_of(b, 2, 4), bits = {b.data(), 2, 4, GX_BITS},
                  narrow = {b.data(), 2, 3, GX_FLOAT32}, none = {nullptr, 0, 4, GX_FLOAT32};
  const int64_t good[] = {1, 0}, high[] = {0, 2}, low[] = {-1, 0};
  EXPECT_REFUSED("device", gx_states_gather(nullptr, &from, good, &to));
  EXPECT_REFUSED("from must not be null", gx_states_gather(device, nullptr, good, &to));
  EXPECT_REFUSED("to must not be null", gx_states_gather(device, &from, good, nullptr));
  EXPECT_REFUSED("index must not be null", gx_states_gather(device, &from, nullptr, &to));
  EXPECT_REFUSED("index[1] must be at least 0 and below 2 (the rows of from), got 2",
                 gx_states_gather(device, &from, high, &to));
  EXPECT_REFUSED("index[0]", gx_states_gather(device, &from, low, &to));
  EXPECT_REFUSED("below 0", gx_states_gather(device, &none, good, &to));
  EXPECT_REFUSED("format of to must be 0", gx_states_gather(device, &from, good, &bits));
  EXPECT_REFUSED("units of to must be 4, got 3", gx_states_gather(device, &from, good, &narrow));
  EXPECT_REFUSED("overlap", gx_states_gather(device, &to, good, &to));
  EXPECT_OK(gx_states_gather(device, &from, nullptr, &none));
  for (float x : b) EXPECT_EQ(x, 0.0f) << "a refused call writes nothing";
}

TEST(Mean, IsTheAverageInDouble) {
  for (int32_t threads : thread_counts()) {
    Device device(threads);
    for (int64_t units : {1, 31, 33, 257, 784}) {
      for (int64_t rows : {1, 2, 101}) {
        Guarded<float> values(reals(rows * units, -1, 3, 6), 1), mean(units, 1), mean_bits(units);
        Guarded<uint32_t> bits(packed(rows, units, 0.7, 6));
        std::vector<double> want(size_t(units), 0), want_bits(size_t(units), 0);
        for (int64_t r = 0; r < rows; ++r) {
          for (int64_t i = 0; i < units; ++i) {
            want[size_t(i)] += double(values[r * units + i]) / double(rows);
            want_bits[size_t(i)] += double(bits[r * words_of(units) + i / 32] >> (i % 32) & 1) / double(rows);
          }
        }
        const gx_states f = floats_of(values, rows, units), b = bits_of(bits, rows, units);
        ASSERT_OK(gx_states_mean(device, &f, mean.data()));
        ASSERT_OK(gx_states_mean(device, &b, mean_bits.data()));
        EXPECT_TRUE(close(mean, want, {1e-12, 0x1p-24}));
        EXPECT_TRUE(close(mean_bits, want_bits, {1e-12, 0x1p-24, units == 1}));
      }
    }
  }
}

TEST(Mean, KeepsSmallTermsBesideLargeOnes) {
  Device device;
  const int64_t rows = 1000;
  std::vector<float> column(size_t(rows), 1.0f);
  column[0] = 1e8f;  // float32 sums would lose the ones
  const gx_states from = {column.data(), rows, 1, GX_FLOAT32};
  float mean = 0;
  ASSERT_OK(gx_states_mean(device, &from, &mean));
  EXPECT_EQ(mean, float((1e8 + 999) / 1000));
}

TEST(Mean, RefusesBadArguments) {
  Device device;
  Guarded<float> a(8), mean(4);
  const gx_states from = floats_of(a, 2, 4), empty = {nullptr, 0, 4, GX_FLOAT32};
  EXPECT_REFUSED("device", gx_states_mean(nullptr, &from, mean.data()));
  EXPECT_REFUSED("from must not be null", gx_states_mean(device, nullptr, mean.data()));
  EXPECT_REFUSED("mean must not be null", gx_states_mean(device, &from, nullptr));
  EXPECT_REFUSED("at least 1, got 0", gx_states_mean(device, &empty, mean.data()));
  EXPECT_REFUSED("overlap", gx_states_mean(device, &from, a.data() + 7 - 3));
}

}  // namespace
}  // namespace gx::test
