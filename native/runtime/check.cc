// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "runtime/check.h"

#include <cmath>

namespace gx::check {

namespace {
void aligned(const void* p, const char* name) {
  if (reinterpret_cast<uintptr_t>(p) % 4 != 0)
    fail(GX_INVALID_ARGUMENT, "%s must be aligned to 4 bytes, got %p", name, p);
}
}  // namespace

void not_null(const void* p, const char* name) {
  if (!p) fail(GX_INVALID_ARGUMENT, "%s must not be null", name);
}

void at_least(int64_t value, int64_t least, const char* name) {
  if (value < least)
    fail(GX_INVALID_ARGUMENT, "%s must be at least %lld, got %lld", name, (long long)least, (long long)value);
}

void equal(int64_t actual, int64_t expected, const char* name, const char* expected_name) {
  if (actual != expected) {
    fail(GX_INVALID_ARGUMENT, "%s must be %lld (%s), got %lld", name, (long long)expected, expected_name,
         (long long)actual);
  }
}

void finite(double value, const char* name) {
  if (!std::isfinite(value)) fail(GX_INVALID_ARGUMENT, "%s must be finite, got %g", name, value);
}

void in_range(double value, double low, double high, const char* name) {
  if (!(value >= low && value <= high)) {
    fail(GX_INVALID_ARGUMENT, "%s must be between %g and %g, got %g", name, low, high, value);
  }
}

int64_t product(int64_t a, int64_t b, const char* name) {
  int64_t p;
  if (__builtin_mul_overflow(a, b, &p)) {
    fail(GX_INVALID_ARGUMENT, "the size of %s must fit in 63 bits, got %lld x %lld", name, (long long)a, (long long)b);
  }
  return p;
}

Range floats(const float* p, int64_t count, const char* name) {
  if (p) aligned(p, name);
  return {p, product(count, 4, name), name};
}

int64_t real(gx_format format) {
  const int number = number_in(format);
  if (number != GX_FLOAT32 && number != GX_FLOAT64) {
    fail(GX_INVALID_ARGUMENT, "the format must be GX_FLOAT32 (0) or GX_FLOAT64 (2), got %d", number);
  }
  return number == GX_FLOAT64 ? 8 : 4;
}

Range optional_array(const void* p, int64_t count, gx_format format, const char* name) {
  const int64_t element = real(format);
  if (reinterpret_cast<uintptr_t>(p) % uintptr_t(element) != 0) {
    fail(GX_INVALID_ARGUMENT, "%s must be aligned to %lld bytes, got %p", name, (long long)element, p);
  }
  return {p, product(count, element, name), name};
}

Range array(const void* p, int64_t count, gx_format format, const char* name) {
  at_least(count, 0, name);
  if (count > 0) not_null(p, name);
  return optional_array(p, count, format, name);
}

int64_t shape(const gx_shape* s, const char* name) {
  not_null(s, name);
  if (s->rank < 0 || s->rank > GX_MAX_RANK) {
    fail(GX_INVALID_ARGUMENT, "the rank of %s must be between 0 and %d, got %d", name, GX_MAX_RANK, s->rank);
  }
  int64_t count = 1;
  for (int i = 0; i < s->rank; ++i) {
    at_least(s->dims[i], 0, name);
    count = product(count, s->dims[i], name);
  }
  return count;
}

Range range(const gx_states& s, const char* name) {
  const int64_t row = s.format == GX_BITS ? words(s.units) : s.units;
  return {s.data, product(product(s.rows, row, name), 4, name), name};
}

void disjoint(const Range& a, const Range& b) {
  if (!a.data || !b.data || a.bytes == 0 || b.bytes == 0) return;
  const auto x = reinterpret_cast<uintptr_t>(a.data), y = reinterpret_cast<uintptr_t>(b.data);
  if (x < y + uintptr_t(b.bytes) && y < x + uintptr_t(a.bytes)) {
    fail(GX_INVALID_ARGUMENT, "%s and %s must not overlap, got %lld bytes at %p and %lld bytes at %p", a.name, b.name,
         (long long)a.bytes, a.data, (long long)b.bytes, b.data);
  }
}

void same_or_disjoint(const Range& a, const Range& b) {
  if (a.data != b.data || a.bytes != b.bytes) disjoint(a, b);
}

void disjoint(std::initializer_list<Range> outputs, std::initializer_list<Range> inputs) {
  for (auto out = outputs.begin(); out != outputs.end(); ++out) {
    for (const Range& in : inputs) disjoint(*out, in);
    for (auto other = outputs.begin(); other != out; ++other) disjoint(*out, *other);
  }
}

void states(const gx_states* s, int64_t units, const char* name) {
  not_null(s, name);
  if (const int format = number_in(s->format); format != GX_FLOAT32 && format != GX_BITS) {
    fail(GX_INVALID_ARGUMENT, "the format of %s must be GX_FLOAT32 (0) or GX_BITS (1), got %d", name, format);
  }
  if (s->rows < 0 || s->rows > int64_t(UINT32_MAX)) {
    fail(GX_INVALID_ARGUMENT, "the rows of %s must be between 0 and 2^32 - 1, got %lld", name, (long long)s->rows);
  }
  if (s->units != units) {
    fail(GX_INVALID_ARGUMENT, "the units of %s must be %lld, got %lld", name, (long long)units, (long long)s->units);
  }
  range(*s, name);
  if (s->rows > 0) {
    not_null(s->data, name);
    aligned(s->data, name);
  }
}

void states(const gx_states* s, int64_t rows, int64_t units, const char* name) {
  states(s, units, name);
  if (s->rows != rows) {
    fail(GX_INVALID_ARGUMENT, "the rows of %s must be %lld, got %lld", name, (long long)rows, (long long)s->rows);
  }
}

void rng(const gx_rng& rng, int64_t steps) {
  const uint64_t end = uint64_t(1) << 56;
  if (rng.step > end || uint64_t(steps) > end - rng.step) {
    fail(GX_INVALID_ARGUMENT, "the random step must end by 2^56, got %llu + %lld", (unsigned long long)rng.step,
         (long long)steps);
  }
}

}  // namespace gx::check
