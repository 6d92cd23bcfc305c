// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the Gibbs family share: random machines and states in guarded buffers, comparison under an error
// bound per element, and truth by enumeration.
#ifndef GENERATRIX_TESTS_NATIVE_GIBBS_SUPPORT_H_
#define GENERATRIX_TESTS_NATIVE_GIBBS_SUPPORT_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "compare.h"
#include "generatrix/gibbs.h"
#include "guarded.h"
#include "support.h"

namespace gx::test::gibbs {

constexpr double kEps = 0x1p-24;  // half a unit in the last place of 1.0f: one float32 rounding

// Sizes around the units of work: words of 32, vectors of 4, 8 and 16, tiles of 64, blocks of 128.
inline const std::vector<int64_t>& sizes() {
  static const std::vector<int64_t> s = {1,  2,  3,  7,  8,  9,  15, 16,  17,  31,  32, 33,
                                         47, 48, 49, 63, 64, 65, 95, 112, 127, 128, 129};
  return s;
}

class Random : public Source {
 public:
  using Source::Source;
  double uniform() { return real(0, 1); }
  bool coin(double p) { return uniform() < p; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[size_t(integer(0, int64_t(from.size()) - 1))];
  }
};

// A guarded buffer that can be moved, of zeros. The shift moves it off its natural alignment by some elements.
template <class T>
class Buffer {
 public:
  explicit Buffer(int64_t count, int64_t shift = 0) : guarded_(std::make_unique<Guarded<T>>(count, shift)) {
    std::fill(begin(), end(), T{});
  }
  T* data() const { return guarded_->data(); }
  int64_t size() const { return guarded_->size(); }
  T* begin() const { return guarded_->begin(); }
  T* end() const { return guarded_->end(); }
  T& operator[](int64_t i) const { return (*guarded_)[i]; }
  std::vector<T> copy() const { return guarded_->values(); }

 private:
  std::unique_ptr<Guarded<T>> guarded_;
};

// Which values a machine or its states are made of. Sums of small integers are exact in float32, so they are held to
// zero tolerance.
enum class Values { kIntegers, kReals };

struct Machine {
  int64_t visible, hidden;
  Buffer<float> W, b, c, mu, lambda;
  bool centered;

  Machine(int64_t visible, int64_t hidden, Values values, bool centered, Random& random, double scale = 1,
          int shift = 0)
      : visible(visible),
        hidden(hidden),
        W(visible * hidden, shift),
        b(visible, shift),
        c(hidden, shift),
        mu(visible, shift),
        lambda(hidden, shift),
        centered(centered) {
    for (Buffer<float>* a : {&W, &b, &c}) {
      for (float& x : *a)
        x = values == Values::kIntegers ? float(random.integer(-3, 3)) : float(random.real(-scale, scale));
    }
    for (Buffer<float>* a : {&mu, &lambda}) {
      for (float& x : *a) x = values == Values::kIntegers ? float(random.integer(-1, 2)) : float(random.real(0, 1));
    }
  }
  gx_rbm view() const {
    return {visible,
            hidden,
            W.data(),
            b.data(),
            c.data(),
            centered ? mu.data() : nullptr,
            centered ? lambda.data() : nullptr};
  }
};

struct States {
  int64_t rows, units;
  gx_format format;
  Buffer<uint32_t> raw;  // words, or floats by their bits

  States(int64_t rows, int64_t units, gx_format format, int shift = 0)
      : rows(rows), units(units), format(format), raw(rows * (format == GX_BITS ? words_of(units) : units), shift) {
    view_ = {raw.data(), rows, units, format};
  }
  float get(int64_t r, int64_t i) const {
    if (format == GX_BITS) return float(raw[r * words_of(units) + i / 32] >> (i % 32) & 1);
    return reinterpret_cast<const float*>(raw.data())[r * units + i];
  }
  void set(int64_t r, int64_t i, float value) {
    if (format == GX_BITS) {
      uint32_t& word = raw[r * words_of(units) + i / 32];
      word = (word & ~(1u << (i % 32))) | (value != 0 ? 1u << (i % 32) : 0u);
    } else {
      reinterpret_cast<float*>(raw.data())[r * units + i] = value;
    }
  }
  // Row r to the bits of `code`, unit 0 lowest.
  void set_code(int64_t r, uint64_t code) {
    for (int64_t i = 0; i < units; ++i) set(r, i, float(code >> i & 1));
  }
  uint64_t code(int64_t r) const {
    uint64_t code = 0;
    for (int64_t i = 0; i < units; ++i) code |= uint64_t(get(r, i) != 0) << i;
    return code;
  }
  void fill_binary(Random& random, double p) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < units; ++i) set(r, i, random.coin(p) ? 1.0f : 0.0f);
    }
  }
  States copy() const {
    States s(rows, units, format);
    std::copy(raw.begin(), raw.end(), s.raw.begin());
    return s;
  }
  States as(gx_format other) const {
    States s(rows, units, other);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < units; ++i) s.set(r, i, get(r, i));
    }
    return s;
  }
  // Bits past the last unit of each row are 0.
  bool padding_is_zero() const {
    if (format != GX_BITS || units % 32 == 0) return true;
    for (int64_t r = 0; r < rows; ++r) {
      if (raw[r * words_of(units) + units / 32] >> (units % 32)) return false;
    }
    return true;
  }
  const gx_states* view() const { return &view_; }

 private:
  gx_states view_;
};

// Every state of n units, one per row.
inline States all_states(int64_t n, gx_format format) {
  States s(int64_t(1) << n, n, format);
  for (int64_t r = 0; r < s.rows; ++r) s.set_code(r, uint64_t(r));
  return s;
}

// |got - want| <= bound for every element by the rules of the one comparator: NaN fails, and so does an output of zeros
// where something else is wanted, so that a kernel that wrote nothing does not pass under a loose bound.
template <class Got, class Want>
::testing::AssertionResult within(const Got& got, const Want& want, const std::vector<double>& bound) {
  const int64_t n = int64_t(bound.size());
  if (int64_t(got.size()) != n || int64_t(want.size()) != n) {
    return ::testing::AssertionFailure() << "got " << got.size() << " elements, want " << want.size() << ", bounds "
                                         << n;
  }
  int64_t worst = -1;
  double worst_excess = 0;
  bool zeros = n > 0, zeros_wanted = true;
  for (int64_t i = 0; i < n; ++i) {
    const double g = double(got.data()[i]), w = double(want.data()[i]), allowed = bound.data()[i];
    zeros = zeros && g == 0;
    zeros_wanted = zeros_wanted && std::fabs(w) <= std::min(allowed, 1e-5);
    if (close(&g, &w, 1, {allowed, 0, true}) && std::isfinite(w)) continue;
    const double excess = difference(g, w) - allowed;
    if (worst < 0 || !(excess <= worst_excess)) worst = i, worst_excess = excess;
  }
  if (worst >= 0) {
    return close(got.data() + worst, want.data() + worst, 1, {bound.data()[worst], 0, true})
           << " at " << worst << " of " << n << ", tolerance " << bound.data()[worst];
  }
  if (zeros && !zeros_wanted) return ::testing::AssertionFailure() << "all " << n << " elements are zero";
  return ::testing::AssertionSuccess();
}
template <class Got, class Want>
::testing::AssertionResult within(const Got& got, const Want& want, double bound) {
  return within(got, want, std::vector<double>(size_t(want.size()), bound));
}

// The same bits, so that 0 and -0 differ and a NaN equals itself.
template <class A, class B>
::testing::AssertionResult same_bits(const A& a, const B& b) {
  if (a.size() != b.size())
    return ::testing::AssertionFailure() << "sizes " << a.size() << " and " << b.size() << " differ";
  for (decltype(a.size()) i = 0; i < a.size(); ++i) {
    if (std::memcmp(&a[i], &b[i], sizeof a[i]) != 0) {
      return ::testing::AssertionFailure() << "element " << i << " is " << a[i] << " and " << b[i];
    }
  }
  return ::testing::AssertionSuccess();
}

// --- Truth by enumeration, in double, from the definition of the energy alone
// -----------------------------------------------------

inline double log_sum_exp(const std::vector<double>& x) {
  const double largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double v : x) sum += std::exp(v - largest);
  return largest + std::log(sum);
}

// A machine with its offsets folded into the biases, in double.
struct Plain {
  int64_t visible, hidden;
  std::vector<double> W, b, c;

  explicit Plain(const gx_rbm& rbm)
      : visible(rbm.visible),
        hidden(rbm.hidden),
        W(rbm.W, rbm.W + rbm.visible * rbm.hidden),
        b(rbm.b, rbm.b + rbm.visible),
        c(rbm.c, rbm.c + rbm.hidden) {
    for (int64_t i = 0; i < visible; ++i) {
      for (int64_t j = 0; j < hidden; ++j) {
        if (rbm.lambda) b[size_t(i)] -= w(i, j) * double(rbm.lambda[j]);
        if (rbm.mu) c[size_t(j)] -= w(i, j) * double(rbm.mu[i]);
      }
    }
  }
  double w(int64_t i, int64_t j) const { return W[size_t(i * hidden + j)]; }

  // -E of two coded states.
  double negative_energy(uint64_t v, uint64_t h) const {
    double e = 0;
    for (int64_t i = 0; i < visible; ++i) {
      if (!(v >> i & 1)) continue;
      e += b[size_t(i)];
      for (int64_t j = 0; j < hidden; ++j) e += h >> j & 1 ? w(i, j) : 0;
    }
    for (int64_t j = 0; j < hidden; ++j) e += h >> j & 1 ? c[size_t(j)] : 0;
    return e;
  }
  // log sum_h exp(-beta E(v, h)), term by term.
  double log_weight(uint64_t v, double beta = 1) const {
    std::vector<double> terms;
    for (uint64_t h = 0; h < uint64_t(1) << hidden; ++h) terms.push_back(beta * negative_energy(v, h));
    return log_sum_exp(terms);
  }
  double log_partition(double beta = 1) const {
    std::vector<double> terms;
    for (uint64_t v = 0; v < uint64_t(1) << visible; ++v) terms.push_back(log_weight(v, beta));
    return log_sum_exp(terms);
  }
  // p_beta(v) of every coded v.
  std::vector<double> distribution(double beta = 1) const {
    std::vector<double> p;
    for (uint64_t v = 0; v < uint64_t(1) << visible; ++v) p.push_back(log_weight(v, beta));
    const double log_z = log_sum_exp(p);
    for (double& x : p) x = std::exp(x - log_z);
    return p;
  }
};

inline double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace gx::test::gibbs

#endif  // GENERATRIX_TESTS_NATIVE_GIBBS_SUPPORT_H_
