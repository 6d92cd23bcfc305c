// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "shapes.h"

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace gx::bench {

std::vector<GibbsShape> read_gibbs_shapes(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("expected a shape list at " + file + ", found none");
  std::vector<GibbsShape> shapes;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    GibbsShape s;
    s.name = line;
    long long visible, hidden, batch;
    int end = 0;
    const int fields =
        std::sscanf(line.c_str(), "%*[^:]:%lldx%lld:b%lld:d%lf%n", &visible, &hidden, &batch, &s.density, &end);
    if (fields != 4 || size_t(end) != line.size() || visible < 1 || hidden < 1 || batch < 1 ||
        !(s.density >= 0 && s.density <= 1)) {
      throw std::runtime_error("expected model:VISIBLExHIDDEN:bBATCH:dDENSITY in " + file + ", got \"" + line + "\"");
    }
    s.visible = visible;
    s.hidden = hidden;
    s.batch = batch;
    shapes.push_back(s);
  }
  return shapes;
}

}  // namespace gx::bench
