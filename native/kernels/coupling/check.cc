// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/coupling/check.h"

#include <algorithm>

namespace gx {
namespace {

// Bits [from, to) of zeroed words.
void set_bits(uint32_t* words, int64_t from, int64_t to) {
  for (int64_t e = from; e < to;) {
    const int64_t bit = e % 32, count = std::min<int64_t>(32 - bit, to - e);
    words[e / 32] |= uint32_t((uint64_t(1) << count) - 1) << bit;
    e += count;
  }
}

// Every second of the bits [from, to) of zeroed words, the first one too if `first`.
void set_every_second(uint32_t* words, int64_t from, int64_t to, bool first) {
  for (int64_t e = from; e < to;) {
    const int64_t bit = e % 32, count = std::min<int64_t>(32 - bit, to - e);
    const uint32_t lanes = ((e - from) % 2 == 0) == first ? 0x55555555u : 0xAAAAAAAAu;
    words[e / 32] |= (lanes & uint32_t((uint64_t(1) << count) - 1)) << bit;
    e += count;
  }
}

}  // namespace

Pattern check_coupling(const gx_coupling& c, const gx_states* kept) {
  check::at_least(c.examples, 0, "examples");
  check::at_least(c.channels, 0, "channels");
  check::at_least(c.height, 0, "height");
  check::at_least(c.width, 0, "width");
  const int kind = check::number_in(c.pattern);
  check::in_range(kind, 0, 2, "the pattern");
  Pattern p = {};
  p.examples = c.examples, p.channels = c.channels;
  p.pixels = check::product(c.height, c.width, "a channel");
  p.size = check::product(c.channels, p.pixels, "an example");
  check::product(c.examples, p.size, "x");
  p.end = p.size;
  if (kind == GX_COUPLING_BITS) {
    check::states(kept, 1, p.size, "kept");
    if (kept->format != GX_BITS) {
      fail(GX_INVALID_ARGUMENT, "the format of kept must be GX_BITS (1), got %d", int(kept->format));
    }
    return p;
  }
  if (kept) fail(GX_INVALID_ARGUMENT, "kept must be null but for the pattern GX_COUPLING_BITS (2), got %d", kind);
  if (kind == GX_COUPLING_CHECKERBOARD) {
    check::in_range(c.parity, 0, 1, "the parity");
    return p;
  }
  if (c.begin < 0 || c.begin > c.end || c.end > p.size) {
    fail(GX_INVALID_ARGUMENT, "the span must have 0 <= begin <= end <= %lld, got %lld and %lld", (long long)p.size,
         (long long)c.begin, (long long)c.end);
  }
  p.begin = c.begin, p.end = c.end, p.whole = true;
  return p;
}

Pattern with_bits(Pattern p, const gx_coupling& c, const gx_states* kept, Workspace& workspace) {
  const int64_t count = words(p.size);
  uint32_t* const changed = workspace.get<uint32_t>(count + 2);
  std::fill(changed, changed + count + 2, 0);
  if (c.pattern == GX_COUPLING_SPAN) {
    set_bits(changed, p.begin, p.end);
  } else if (c.pattern == GX_COUPLING_CHECKERBOARD) {
    for (int64_t row = 0; row < c.channels * c.height; ++row) {
      set_every_second(changed, row * c.width, (row + 1) * c.width, (row % c.height) % 2 == c.parity);
    }
  } else {
    const uint32_t* const bits = static_cast<const uint32_t*>(kept->data);
    set_bits(changed, 0, p.size);
    for (int64_t i = 0; i < count; ++i) changed[i] &= ~bits[i];
  }
  p.changed = changed;
  return p;
}

void check_base(gx_base base) { check::in_range(check::number_in(base), 0, 2, "the base"); }

namespace check {

Range examples(const Pattern& p, const void* x, gx_format format, const char* name) {
  return array(x, p.examples * p.size, format, name);
}

Range log_det(const Pattern& p, const double* values, const char* name) {
  return optional_array(values, p.examples, GX_FLOAT64, name);
}

Range parameter(const Pattern& p, const void* values, int64_t numbers, int64_t stride, gx_format format,
                const char* name) {
  if (p.examples == 0 || numbers == 0) return optional_array(values, 0, format, name);
  const int64_t before_last = product(p.examples - 1, stride, name);
  int64_t count;
  if (__builtin_add_overflow(before_last, numbers, &count)) {
    fail(GX_INVALID_ARGUMENT, "the size of %s must fit in 63 bits, got %lld + %lld", name, (long long)before_last,
         (long long)numbers);
  }
  return array(values, count, format, name);
}

void interleaved(const Range& a, const Range& b, int64_t numbers, int64_t stride, gx_format format) {
  if (!a.data || !b.data || a.bytes == 0 || b.bytes == 0) return;
  const int64_t element = real(format);
  const auto x = reinterpret_cast<uintptr_t>(a.data), y = reinterpret_cast<uintptr_t>(b.data);
  const int64_t apart = int64_t((x < y ? y - x : x - y) / uintptr_t(element)) % stride;
  if (apart < numbers || apart + numbers > stride) disjoint(a, b);
}

}  // namespace check
}  // namespace gx
