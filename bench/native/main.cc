// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Times the kernels of the registry on the shapes of bench/shapes.
//
//   generatrix_bench [FILTER] [--threads N] [--repeats N] [--shapes FOLDER]
//
// A star marks the variant that the dispatch takes. warm: the call finds what the last one left in the caches, as in a
// chain; cold: caches were flushed before. Rates are of the warm median: GFLOP/s-eq counts the dense product, 2 m n k,
// whatever a variant really does.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include "ceilings.h"
#include "measure.h"
#include "row.h"

namespace {

using namespace gx::bench;

const char* name_of(gx_isa isa) { return isa == GX_ISA_V4 ? "v4" : isa == GX_ISA_V3 ? "v3" : "baseline"; }

struct Options {
  std::string filter;
  std::string shapes = GX_SHAPES;
  int threads = 0;
  int repeats = 15;
};

int number(const char* option, const char* text) {
  char* end;
  const long value = std::strtol(text, &end, 10);
  if (*end != 0 || end == text || value < 1 || value > 1 << 20) {
    throw std::runtime_error(std::string("expected a number of at least 1 after ") + option + ", got \"" + text + "\"");
  }
  return int(value);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool takes_value = word == "--threads" || word == "--repeats" || word == "--shapes";
    if (takes_value && i + 1 == argc) throw std::runtime_error("expected a value after " + word + ", got none");
    if (word == "--threads") {
      options.threads = number("--threads", argv[++i]);
    } else if (word == "--repeats") {
      options.repeats = number("--repeats", argv[++i]);
    } else if (word == "--shapes") {
      options.shapes = argv[++i];
    } else if (word[0] == '-') {
      throw std::runtime_error("expected [FILTER] [--threads N] [--repeats N] [--shapes FOLDER], got " + word);
    } else {
      options.filter = word;
    }
  }
  if (options.threads == 0) options.threads = gx_default_threads();
  return options;
}

void print(const Row& row, const Timing& warm, const Timing& cold, const Ceilings& ceilings) {
  const double giga = row.flops / (warm.median * 1e6), bytes = row.bytes / (warm.median * 1e6);
  const double share = row.flops > 0 ? giga / ceilings.gigaflops : bytes / ceilings.gigabytes;
  std::printf("%-28s %-27s %-18s %-9s %-9s%c %11.6f %5.1f%% %11.6f %5.1f%% %10.1f %8.1f %7.0f%%\n", row.shape.c_str(),
              row.op.c_str(), row.detail.c_str(), row.variant.c_str(), name_of(row.isa), row.chosen ? '*' : ' ',
              warm.median, 100 * warm.mad / warm.median, cold.median, 100 * cold.mad / cold.median, giga, bytes,
              100 * share);
  std::fflush(stdout);
}

int run(const Options& options) {
  std::printf("%s\n%d threads\n", gx_cpu_isa_reason(), options.threads);
  const Ceilings ceilings = measure_ceilings(options.threads);
  std::printf("ceilings: %.0f GFLOP/s of multiply-adds on registers, %.0f GB/s of copying\n", ceilings.gigaflops,
              ceilings.gigabytes);
  std::printf("%-28s %-27s %-18s %-9s %-10s %11s %6s %11s %6s %10s %8s %8s\n", "shape", "op", "detail", "variant",
              "isa", "warm ms", "mad", "cold ms", "mad", "GFLOP/s-eq", "GB/s", "ceiling");
  std::set<std::string> measured;
  const Emit emit = [&](const Row& row) {
    row.verify();
    print(row, measure({options.repeats, false}, row.run), measure({options.repeats, true}, row.run), ceilings);
    measured.insert(row.op);
  };
  states_rows(options.shapes + "/states.txt", options.filter, options.threads, emit);
  gibbs_rows(options.shapes + "/gibbs.txt", options.filter, options.threads, emit);
  optim_rows(options.shapes + "/optim.txt", options.filter, options.threads, emit);
  if (measured.empty()) throw std::runtime_error("expected a row to match \"" + options.filter + "\", found none");
  if (options.filter.empty()) {
    std::set<std::string> left_out;
    gx_kernel_info info;
    for (int32_t i = 0; gx_kernel_at(i, &info) == GX_OK; ++i) {
      if (!measured.count(info.op)) left_out.insert(info.op);
    }
    for (const std::string& op : left_out) std::printf("not measured here: %s\n", op.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "generatrix_bench: %s\n", failure.what());
    return 1;
  }
}
