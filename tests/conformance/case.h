// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A case of the conformance suite: a call of the C ABI with its inputs, written once and run on several devices. Its
// results on a GPU, in float and in double, are compared with those of the CPU's reference in double; and they must be
// the same bits when it is run twice.
//
//   GX_CASE(unary, exp) {
//     const void* x = run.real(reals(1000, -5, 5));
//     void* y = run.out(1000, {0, 4 * kEpsilon});
//     run.ok(gx_unary(run.device(), run.format(), GX_EXP, 0, 1000, x, y));
//   }
//
// Arrays are the device's, between guards; outputs begin as NaN. A case makes the same calls in the same order whatever
// the device and the format.
#ifndef GENERATRIX_TESTS_CONFORMANCE_CASE_H_
#define GENERATRIX_TESTS_CONFORMANCE_CASE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compare.h"
#include "generatrix/generatrix.h"
#include "support.h"

namespace gx::test {

constexpr double kEpsilon = 0x1p-23;  // of float32: tolerances are those of FLOAT32

// What a case left behind.
struct Output {
  std::string name;
  std::vector<double> values;
  Tolerance tolerance;
  bool exact_bits = false;     // packed states: words, compared as such
  double differing_units = 0;  // the share of units of packed states that may differ
  int64_t units = 0;
};

class Run {
 public:
  Run(gx_device* device, gx_format format) : device_(device), format_(format) {}
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  gx_device* device() const { return device_; }
  gx_format format() const { return format_; }

  // Inputs: of the run's format; of floats or doubles whatever the format; packed bits; as they are.
  const void* real(const std::vector<float>& values);
  const float* floats(const std::vector<float>& values);
  const double* doubles(const std::vector<double>& values);
  gx_states bits(int64_t rows, int64_t units, const std::vector<uint32_t>& words);
  template <class T>
  const T* array(const std::vector<T>& values) {
    return static_cast<const T*>(upload(values.data(), int64_t(values.size() * sizeof(T))));
  }

  // Outputs, and what is read and written. An output that is not `checked` may hold anything afterwards.
  void* out(int64_t count, Tolerance tolerance);
  void* inout(const std::vector<float>& values, Tolerance tolerance);
  float* out_floats(int64_t count, Tolerance tolerance);
  double* out_doubles(int64_t count, Tolerance tolerance);
  double* inout_doubles(const std::vector<double>& values, Tolerance tolerance);
  gx_states out_bits(int64_t rows, int64_t units, double differing_units = 0);
  gx_states inout_bits(int64_t rows, int64_t units, const std::vector<uint32_t>& words, double differing_units = 0);
  // A result in host memory, after the call.
  void host(const std::vector<double>& values, Tolerance tolerance);

  // How a GPU multiplies in the calls that follow, if the run is in float. Tolerances are then what that asks for, or 0
  // with inputs that are small integers, which every precision multiplies exactly.
  void precision(gx_precision precision);

  void ok(gx_status status);  // the call succeeded; else the case fails with its sentence

  // For the driver.
  std::vector<Output> finish();
  bool failed() const { return failed_; }
  const std::string& sentence() const { return sentence_; }

 private:
  struct Buffer {
    char* data;  // of the device, with guards
    int64_t bytes;
    int output = -1;
    enum { kReal, kFloat, kDouble, kBits } type = kReal;
  };
  Buffer& make(const void* from, int64_t bytes);
  void* upload(const void* from, int64_t bytes) { return make(from, bytes).data + kGuard; }
  Buffer& make_real(const std::vector<float>& values);
  Buffer& output(Buffer& buffer, Tolerance tolerance);

  static constexpr int64_t kGuard = 256;
  gx_device* device_;
  gx_format format_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<Output> outputs_;
  bool failed_ = false;
  std::string sentence_;
};

// Which formats a case is run in on the GPU.
enum class Formats { kBoth, kFloat, kDouble };

struct Case {
  std::string family, name;
  std::function<void(Run&)> body;
  Formats formats = Formats::kBoth;
};
std::vector<Case>& cases();
// For loops over functions, shapes, patterns. `name` has letters, digits and _ alone.
void add_case(std::string family, std::string name, std::function<void(Run&)> body, Formats formats = Formats::kBoth);

struct Registration {
  explicit Registration(void (*registering)()) { registering(); }
};

// GX_CASE(family, name) { .. run .. }
#define GX_CASE(family, name)                                                \
  static void case_##family##_##name(::gx::test::Run& run);                  \
  static const ::gx::test::Registration registration_##family##_##name(      \
      [] { ::gx::test::add_case(#family, #name, case_##family##_##name); }); \
  static void case_##family##_##name(::gx::test::Run& run)

// GX_CASES(name) { for (..) add_case(..); }
#define GX_CASES(name)                                                     \
  static void cases_##name();                                              \
  static const ::gx::test::Registration registration_##name(cases_##name); \
  static void cases_##name()

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_CONFORMANCE_CASE_H_
