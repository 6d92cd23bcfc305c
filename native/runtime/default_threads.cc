// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How many threads a device gets when none is asked for: what the container allows.

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "generatrix/core.h"

namespace gx {

namespace {

int affinity() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, int(std::thread::hardware_concurrency()));
}

// The path of this process's cgroup under a controller ("" for the unified hierarchy), "/" if unknown.
std::string cgroup_path(const std::string& controller) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t a = line.find(':'), b = line.find(':', a + 1);
    if (b == std::string::npos) continue;
    const std::string list = "," + line.substr(a + 1, b - a - 1) + ",";
    if (list == ",," ? controller.empty()
                     : !controller.empty() && list.find("," + controller + ",") != std::string::npos) {
      return line.substr(b + 1);
    }
  }
  return "/";
}

// CPUs the cgroup's quota allows (rounded up), 0 if there is none. The nearest limit on the way to the root counts.
int quota() {
  double least = 0;
  const auto take = [&](double quota_us, double period_us) {
    if (quota_us > 0 && period_us > 0)
      least = least == 0 ? quota_us / period_us : std::min(least, quota_us / period_us);
  };
  for (std::string path = cgroup_path("");;) {
    std::ifstream file("/sys/fs/cgroup" + path + "/cpu.max");
    std::string q;
    double period;
    if (file >> q >> period && q != "max") take(std::atof(q.c_str()), period);
    if (path.size() <= 1) break;
    path.resize(path.find_last_of('/'));
    if (path.empty()) path = "/";
  }
  for (const std::string& dir :
       {std::string("/sys/fs/cgroup/cpu") + cgroup_path("cpu"), std::string("/sys/fs/cgroup/cpu")}) {
    double q, period;
    if (std::ifstream(dir + "/cpu.cfs_quota_us") >> q && std::ifstream(dir + "/cpu.cfs_period_us") >> period)
      take(q, period);
  }
  return least > 0 ? std::max(1, int(std::ceil(least))) : 0;
}

struct Default {
  int threads;
  char reason[160];

  Default() {
    const char* omp = std::getenv("OMP_NUM_THREADS");
    if (omp && std::atoi(omp) > 0) {
      threads = std::min(std::atoi(omp), 1024);
      std::snprintf(reason, sizeof reason, "OMP_NUM_THREADS is %.20s", omp);
      return;
    }
    const int cpus = affinity(), limit = quota();
    threads = limit > 0 ? std::min(cpus, limit) : cpus;
    if (limit > 0 && limit < cpus) {
      std::snprintf(reason, sizeof reason, "the container's quota is %d of the %d CPUs this process may run on", limit,
                    cpus);
    } else {
      std::snprintf(reason, sizeof reason, "this process may run on %d CPUs", cpus);
    }
  }
};

const Default& defaults() {
  static const Default value;
  return value;
}

}  // namespace
}  // namespace gx

int32_t gx_default_threads(void) { return gx::defaults().threads; }
const char* gx_default_threads_reason(void) { return gx::defaults().reason; }
