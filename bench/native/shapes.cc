// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "shapes.h"

#include <cstdio>
#include <fstream>
#include <functional>
#include <stdexcept>

namespace gx::bench {
namespace {

// Calls parse for every line that is neither empty nor a comment; parse returns how many characters it understood.
void read_lines(const std::string& file, const char* form, const std::function<int(const std::string&)>& parse) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("expected a shape list at " + file + ", found none");
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (parse(line) != int(line.size())) {
      throw std::runtime_error(std::string("expected ") + form + " with sizes of at least 1 in " + file + ", got \"" +
                               line + "\"");
    }
  }
}

}  // namespace

std::vector<GibbsShape> read_gibbs_shapes(const std::string& file) {
  std::vector<GibbsShape> shapes;
  read_lines(file, "model:VISIBLExHIDDEN:bBATCH:dDENSITY", [&](const std::string& line) {
    long long visible = 0, hidden = 0, batch = 0;
    double density = 0;
    int end = 0;
    std::sscanf(line.c_str(), "%*[^:]:%lldx%lld:b%lld:d%lf%n", &visible, &hidden, &batch, &density, &end);
    if (visible < 1 || hidden < 1 || batch < 1 || !(density >= 0 && density <= 1)) return 0;
    shapes.push_back({line, visible, hidden, batch, density});
    return end;
  });
  return shapes;
}

std::vector<BatchShape> read_batch_shapes(const std::string& file) {
  std::vector<BatchShape> shapes;
  read_lines(file, "model:ROWSxUNITS", [&](const std::string& line) {
    long long rows = 0, units = 0;
    int end = 0;
    std::sscanf(line.c_str(), "%*[^:]:%lldx%lld%n", &rows, &units, &end);
    if (rows < 1 || units < 1) return 0;
    shapes.push_back({line, rows, units});
    return end;
  });
  return shapes;
}

}  // namespace gx::bench
