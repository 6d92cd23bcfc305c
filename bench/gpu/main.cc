// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Times the CUDA backend on a GPU.
//
//   generatrix_gpu_bench [FILTER] [--backend LIBRARY] [--device N] [--peers FILE] [--results FILE]
//
// Each row is verified against the CPU, then timed: calls are put on the stream by the dozen and waited for together,
// the median of such batches is what is printed. --peers: what peers.py wrote on the same machine before; the ratio is
// the fastest peer's time over ours. --results writes the table into the GPU section of a Markdown file as well.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "row.h"

namespace gx::bench {

void require(gx_status status) {
  if (status != GX_OK) throw std::runtime_error(gx_last_error());
}

Arrays::~Arrays() {
  for (void* data : all_) gx_free(device_, data);
}

void* Arrays::bytes(int64_t count) {
  void* data = nullptr;
  require(gx_alloc(device_, count, &data));
  all_.push_back(data);
  return data;
}

float* Arrays::normal(int64_t count, double stddev) {
  float* to = empty(count);
  require(gx_random_normal(device_, GX_FLOAT32, {seed_++, 0}, 0, stddev, 1, count, to));
  return to;
}

gx_states Arrays::bits(int64_t rows, int64_t units, double p) {
  float* probabilities = empty(rows * units);
  require(gx_fill(device_, GX_FLOAT32, p, rows * units, probabilities));
  const gx_states states = {bytes(rows * ((units + 31) / 32) * 4), rows, units, GX_BITS};
  require(gx_states_bernoulli(device_, probabilities, {seed_++, 0}, &states));
  return states;
}

std::vector<float> Arrays::read(const float* from, int64_t count) const {
  std::vector<float> to(static_cast<size_t>(count));
  require(gx_copy(device_, to.data(), from, count * 4));
  return to;
}

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Timing {
  double milliseconds, spread;
};

Timing time(gx_device* device, const std::function<void()>& call) {
  const auto batch = [&](int calls) {
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) call();
    require(gx_device_synchronize(device));
    return seconds_since(start) / calls;
  };
  batch(2);  // loads modules, grows the workspace
  const double once = batch(3);
  const int calls = int(std::max(1.0, std::min(200.0, 0.02 / once)));
  std::vector<double> times;
  for (int i = 0; i < (once > 0.3 ? 3 : 15); ++i) times.push_back(batch(calls) * 1e3);
  const double middle = median(times);
  std::vector<double> off;
  for (double t : times) off.push_back(std::fabs(t - middle));
  return {middle, median(off) / middle};
}

// Bytes read plus bytes written by a copy of 1 GiB, GB/s.
double copy_bandwidth(gx_device* device) {
  Arrays arrays(device);
  constexpr int64_t kCount = int64_t(1) << 28;
  const float* from = arrays.normal(kCount);
  float* to = arrays.empty(kCount);
  return 8.0 * double(kCount) /
         (time(device, [&] { require(gx_copy(device, to, from, 4 * kCount)); }).milliseconds * 1e6);
}

void verify(const Row& row, gx_device* gpu, gx_device* cpu) {
  Arrays on_gpu(gpu);
  const Call ours = row.prepare(on_gpu);
  ours.run();
  const std::vector<float> got = ours.result();
  for (float x : got) {
    if (!std::isfinite(x)) throw std::runtime_error(row.name + ": expected finite numbers, got another");
  }
  if (!row.on_cpu) return;
  Arrays on_cpu(cpu);
  const Call reference = row.prepare(on_cpu);
  reference.run();
  const std::vector<float> want = reference.result();
  double greatest = 0, worst = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    greatest = std::max(greatest, std::fabs(double(want[i])));
    worst = std::max(worst, std::fabs(double(want[i]) - double(got[i])));
  }
  if (!(worst <= row.tolerance * greatest)) {
    std::ostringstream sentence;
    sentence << row.name << ": expected the CPU's numbers within " << row.tolerance * greatest << ", they differ by "
             << worst;
    throw std::runtime_error(sentence.str());
  }
}

// name, peer, milliseconds, separated by tabs: the fastest of each name.
std::map<std::string, std::pair<std::string, double>> read_peers(const std::string& file) {
  std::map<std::string, std::pair<std::string, double>> peers;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const size_t a = line.find('\t'), b = line.find('\t', a + 1);
    if (a == std::string::npos || b == std::string::npos) continue;
    const std::string name = line.substr(0, a), peer = line.substr(a + 1, b - a - 1);
    const double milliseconds = std::atof(line.c_str() + b + 1);
    const auto known = peers.find(name);
    if (known == peers.end() || milliseconds < known->second.second) peers[name] = {peer, milliseconds};
  }
  return peers;
}

// Puts the table between the marks of the GPU section.
void write_results(const std::string& file, const std::string& table) {
  std::ifstream in(file);
  std::stringstream all;
  all << in.rdbuf();
  std::string text = all.str();
  const std::string begin = "<!-- gpu:begin -->", end = "<!-- gpu:end -->";
  const size_t from = text.find(begin), to = text.find(end);
  if (from == std::string::npos || to == std::string::npos) {
    throw std::runtime_error("expected " + begin + " and " + end + " in " + file);
  }
  text = text.substr(0, from + begin.size()) + "\n" + table + text.substr(to);
  std::ofstream(file) << text;
}

int run(int argc, char** argv) {
  std::map<std::string, std::string> options;
  std::string filter;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind("--", 0) != 0) {
      filter = word;
    } else if (i + 1 < argc &&
               (word == "--backend" || word == "--device" || word == "--peers" || word == "--results")) {
      options[word] = argv[++i];
    } else {
      throw std::runtime_error(
          "expected [FILTER] [--backend LIBRARY] [--device N] [--peers FILE] [--results FILE], got " + word);
    }
  }
  if (options.count("--backend")) require(gx_cuda_load(options["--backend"].c_str()));
  const int32_t ordinal = std::atoi(options["--device"].c_str());
  gx_cuda_info info;
  require(gx_cuda_get_info(ordinal, &info));
  gx_device *gpu, *cpu;
  require(gx_device_create_cuda(ordinal, nullptr, &gpu));
  require(gx_device_create_cpu(0, &cpu));
  const auto peers = read_peers(options["--peers"]);
  const double copy = copy_bandwidth(gpu);

  char date[32];
  const std::time_t now = std::time(nullptr);
  std::strftime(date, sizeof date, "%Y-%m-%d", std::gmtime(&now));
  std::ostringstream table;
  char line[512];
  std::snprintf(line, sizeof line, "\n%s, %s, driver of CUDA %d.%d, version %s; copy %.0f GB/s\n\n", date, info.name,
                info.driver / 1000, info.driver % 1000 / 10, gx_version(), copy);
  table << line << "| work and shape | ours ms | peer ms | peer | ratio | TFLOP/s | GB/s | of copy | spread |\n"
        << "|---|---|---|---|---|---|---|---|---|\n";
  std::printf("%s", table.str().c_str());
  int failures = 0;
  for (const Row& row : rows()) {
    if (row.name.find(filter) == std::string::npos) continue;
    std::string text;
    try {
      require(gx_device_set_precision(gpu, row.precision));
      verify(row, gpu, cpu);
      Arrays arrays(gpu);
      const Call call = row.prepare(arrays);
      const Timing t = time(gpu, call.run);
      const auto peer = peers.find(row.name);
      const double gigabytes = row.bytes / (t.milliseconds * 1e6);
      char theirs[160] = "| | |";
      if (peer != peers.end()) {
        std::snprintf(theirs, sizeof theirs, "%.4f | %s | %.2fx", peer->second.second, peer->second.first.c_str(),
                      peer->second.second / t.milliseconds);
      }
      std::snprintf(line, sizeof line, "| %s | %.4f | %s | %.2f | %.0f | %.0f%% | %.1f%% |\n", row.name.c_str(),
                    t.milliseconds, theirs, row.flops / (t.milliseconds * 1e9), gigabytes, 100 * gigabytes / copy,
                    100 * t.spread);
      text = line;
    } catch (const std::exception& failure) {
      ++failures;
      text = "| " + row.name + " | " + failure.what() + " | | | | | | | |\n";
    }
    std::printf("%s", text.c_str());
    std::fflush(stdout);
    table << text;
  }
  if (options.count("--results")) write_results(options["--results"], table.str());
  require(gx_device_destroy(gpu));
  require(gx_device_destroy(cpu));
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gx::bench

int main(int argc, char** argv) {
  try {
    return gx::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "generatrix_gpu_bench: %s\n", failure.what());
    return 1;
  }
}
