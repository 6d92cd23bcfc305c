// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a checked coupling changes. Every pattern is a range of elements with a bit for each: check.h makes the bits
// once in a call, so that kernels know one kind of pattern. Functions here are always inlined: files of several
// instruction sets include them.
#ifndef GENERATRIX_KERNELS_COUPLING_PATTERN_H_
#define GENERATRIX_KERNELS_COUPLING_PATTERN_H_

#include <stdint.h>

namespace gx {

struct Pattern {
  int64_t examples, channels, pixels;  // pixels of a channel
  int64_t size;                        // elements of an example
  int64_t begin, end;                  // all that is changed lies in [begin, end)
  bool whole;                          // and all of that is changed
  // Bit e mod 32 of word e / 32: element e is changed. Those of elements from `size` on are 0, for two words more.
  const uint32_t* changed;

  // Parameters have a number for each element of [begin, end).
  __attribute__((always_inline)) int64_t numbers() const { return end - begin; }
};

// Whether element e of an example is changed. Its parameters' number is e - begin.
__attribute__((always_inline)) inline bool changes(const Pattern& p, int64_t e) {
  return (p.changed[e / 32] >> (e % 32) & 1) != 0;
}

// Bit i: element e + i is changed, for 32 elements, of which some may lie past the end.
__attribute__((always_inline)) inline uint32_t changed_bits(const Pattern& p, int64_t e) {
  const uint32_t* const words = p.changed + e / 32;
  return uint32_t((words[0] | uint64_t(words[1]) << 32) >> (e % 32));
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_COUPLING_PATTERN_H_
