// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
//   generatrix_conformance [--backend=LIBRARY] [--device=cuda:N] [--gtest_filter=..]
//
// Exit code 77, with the reason, where there is no GPU.

#include <cmath>
#include <cstdio>
#include <cstring>

#include "case.h"
#include "gpu.h"
#include "runtime/backend.h"

namespace gx::test {
namespace {

gx_device* the_cpu = nullptr;
gx_device* the_gpu = nullptr;

std::vector<Output> run(const Case& c, gx_device* device, gx_format format, const char* what) {
  Run run(device, format);
  c.body(run);
  std::vector<Output> outputs = run.finish();
  EXPECT_FALSE(run.failed()) << what << ": " << run.sentence();
  return outputs;
}

// Packed states: how many bits differ.
int64_t differing(const std::vector<double>& a, const std::vector<double>& b) {
  int64_t bits = 0;
  for (size_t i = 0; i < a.size(); ++i) bits += __builtin_popcount(uint32_t(a[i]) ^ uint32_t(b[i]));
  return bits;
}

void compare(const std::vector<Output>& got, const std::vector<Output>& want, bool in_double, const char* what) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    SCOPED_TRACE(std::string(what) + ", " + got[i].name);
    ASSERT_EQ(got[i].values.size(), want[i].values.size());
    if (got[i].exact_bits) {
      EXPECT_LE(double(differing(got[i].values, want[i].values)), got[i].differing_units * double(got[i].units));
      continue;
    }
    Tolerance t = got[i].tolerance;
    if (in_double) {  // 2^-26 of a float's: sums in another order, functions of another library
      t.absolute *= 0x1p-26;
      t.relative *= 0x1p-26;
    }
    EXPECT_TRUE(close(got[i].values, want[i].values, t));
  }
}

void equal_bits(const std::vector<Output>& a, const std::vector<Output>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].values.size(), b[i].values.size());
    const size_t bytes = a[i].values.size() * sizeof(double);
    EXPECT_TRUE(bytes == 0 || std::memcmp(a[i].values.data(), b[i].values.data(), bytes) == 0)
        << a[i].name << " has other bits when the case is run again";
  }
}

class Conformance : public ::testing::Test {
 public:
  explicit Conformance(const Case& c) : case_(c) {}
  void TestBody() override {
    const bool in_float = case_.formats != Formats::kDouble, in_double = case_.formats != Formats::kFloat;
    // The CPU's own float result must keep the tolerance too: it is the tolerance that is tested there.
    const auto want = run(case_, the_cpu, in_double ? GX_FLOAT64 : GX_FLOAT32, "CPU");
    if (HasFailure()) return;
    if (in_float) {
      if (in_double) compare(run(case_, the_cpu, GX_FLOAT32, "CPU, float"), want, false, "CPU, float");
      const auto got = run(case_, the_gpu, GX_FLOAT32, "GPU, float");
      if (HasFailure()) return;
      compare(got, want, false, "GPU, float");
      equal_bits(got, run(case_, the_gpu, GX_FLOAT32, "GPU, float, again"));
    }
    if (in_double) compare(run(case_, the_gpu, GX_FLOAT64, "GPU, double"), want, true, "GPU, double");
  }
  void TearDown() override { EXPECT_OK(gx_device_trim(the_gpu)); }  // what is in use costs the emulator time

 private:
  const Case& case_;
};

// Every function that takes a device has a twin.
class Twins : public ::testing::Test {
 public:
  void TestBody() override {
    const Backend* backend = the_gpu->backend;
    int there = 0, all = 0;
    std::string missing;
#define GX_ENTRY(name)                        \
  ++all;                                      \
  if (backend->name) {                        \
    ++there;                                  \
  } else {                                    \
    missing += (missing.empty() ? "" : ", "); \
    missing += #name;                         \
  }
#include "entries.inc"
#undef GX_ENTRY
    std::printf("%d of %d functions run on a GPU\n", there, all);
    EXPECT_EQ(missing, "") << "these have no twin";
  }
};

const char* option(int argc, char** argv, const char* name) {
  const size_t length = std::strlen(name);
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') return argv[i] + length + 1;
  }
  return nullptr;
}

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const char* name = option(argc, argv, "--device");
  const int ordinal = name && std::strncmp(name, "cuda:", 5) == 0 ? std::atoi(name + 5) : 0;
  gx_cuda_info info;
  if (gx_cuda_load(option(argc, argv, "--backend")) != GX_OK || gx_cuda_get_info(ordinal, &info) != GX_OK ||
      gx_device_create_cuda(ordinal, nullptr, &the_gpu) != GX_OK || gx_device_create_cpu(0, &the_cpu) != GX_OK) {
    std::printf("SKIPPED: %zu cases; %s\n", cases().size(), gx_last_error());
    return 77;
  }
  std::printf("%s, compute capability %d.%d, %d multiprocessors\n", info.name, info.compute_capability / 10,
              info.compute_capability % 10, info.multiprocessors);
  for (const Case& c : cases()) {
    ::testing::RegisterTest(c.family.c_str(), c.name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [&c]() -> ::testing::Test* { return new Conformance(c); });
  }
  ::testing::RegisterTest("Backend", "Twins", nullptr, nullptr, __FILE__, __LINE__,
                          []() -> ::testing::Test* { return new Twins; });
  const int failed = RUN_ALL_TESTS();
  EXPECT_OK(gx_device_destroy(the_gpu));
  EXPECT_OK(gx_device_destroy(the_cpu));
  return failed;
}

}  // namespace

gx_device* gpu() { return the_gpu; }
gx_device* cpu() { return the_cpu; }

}  // namespace gx::test

int main(int argc, char** argv) { return gx::test::main(argc, argv); }
