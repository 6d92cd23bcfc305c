// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The argument checks that stand in front of every dispatch, in 64-bit sizes.
#ifndef GENERATRIX_RUNTIME_CHECK_H_
#define GENERATRIX_RUNTIME_CHECK_H_

#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "generatrix/states.h"
#include "runtime/status.h"

namespace gx::check {

void not_null(const void* p, const char* name);
void at_least(int64_t value, int64_t least, const char* name);
void equal(int64_t actual, int64_t expected, const char* name, const char* expected_name);
void finite(double value, const char* name);
void in_range(double value, double low, double high, const char* name);

// a * b without overflow, both >= 0.
int64_t product(int64_t a, int64_t b, const char* name);

// The number in a C enum, which a caller may have set to anything; reading such a value as the enum is undefined in
// C++.
template <class Enum>
int number_in(const Enum& e) {
  int number;
  static_assert(sizeof number == sizeof e);
  std::memcpy(&number, &e, sizeof number);
  return number;
}

// A pointer with its extent, for overlap checks. NULL and empty ranges overlap nothing.
struct Range {
  const void* data;
  int64_t bytes;
  const char* name;
};
Range floats(const float* p, int64_t count, const char* name);  // also checks 4-byte alignment and overflow
Range range(const gx_states& s, const char* name);

// FLOAT32 or FLOAT64, the formats of arrays that are not states; gives the bytes of an element.
int64_t real(gx_format format);
// An array of `count` elements of a real format: not null unless it is empty, aligned, without overflow.
Range array(const void* p, int64_t count, gx_format format, const char* name);
// The same, but NULL stands for an operand that is not there.
Range optional_array(const void* p, int64_t count, gx_format format, const char* name);

// A shape of rank 0 to 8 with sizes >= 0; gives the number of elements.
int64_t shape(const gx_shape* s, const char* name);

void disjoint(const Range& a, const Range& b);
// They are the same range or do not overlap.
void same_or_disjoint(const Range& a, const Range& b);
// No output may overlap any input or any other output.
void disjoint(std::initializer_list<Range> outputs, std::initializer_list<Range> inputs);

// A states view: non-null, known format, rows >= 0, the expected number of units, aligned data.
void states(const gx_states* s, int64_t units, const char* name);
// The same with the number of rows fixed too.
void states(const gx_states* s, int64_t rows, int64_t units, const char* name);

void rng(const gx_rng& rng, int64_t steps);

}  // namespace gx::check

namespace gx {

// Calls body with a value of the type a real format stands for; check::real has passed.
template <class Body>
void with_real(gx_format format, Body&& body) {
  if (format == GX_FLOAT64) {
    body(double());
  } else {
    body(float());
  }
}

inline int64_t words(int64_t units) { return (units + 31) / 32; }
}  // namespace gx

#endif  // GENERATRIX_RUNTIME_CHECK_H_
