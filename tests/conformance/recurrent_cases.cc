// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "case.h"

namespace gx::test {
namespace {

const Tolerance kClose = {8 * kEpsilon, 8 * kEpsilon};

struct Shape {
  int64_t rows, units;
  bool shifted;  // by an element off the grid of 16 bytes
};
const Shape kShapes[] = {{1, 1, false}, {3, 33, false}, {5, 36, false}, {2, 1025, false}, {4, 8, true}};

// Arrays of one shape; an input that is not there is null.
struct Arrays {
  Run& run;
  Shape s;
  uint64_t seed = 1;

  void* at(const void* p) const {
    const int64_t element = run.format() == GX_FLOAT64 ? 8 : 4;
    return const_cast<char*>(static_cast<const char*>(p)) + (s.shifted ? element : 0);
  }
  int64_t size(int gates) const { return s.rows * s.units * gates + s.shifted; }
  const void* in(int gates, float low, float high) { return at(run.real(reals(size(gates), low, high, ++seed))); }
  const void* in_if(bool there, int gates) { return there ? in(gates, -2, 2) : nullptr; }
  void* out(int gates) { return at(run.out(size(gates), kClose)); }
  void* inout(int gates, float low, float high) { return at(run.inout(reals(size(gates), low, high, ++seed), kClose)); }
};

template <class Body>
void add(const char* what, Body body) {
  for (const Shape& s : kShapes) {
    add_case("recurrent",
             std::string(what) + "_" + std::to_string(s.rows) + "_" + std::to_string(s.units) +
                 (s.shifted ? "_shifted" : ""),
             [=](Run& run) {
               Arrays a = {run, s};
               run.ok(body(run, s, a));
             });
  }
}

GX_CASES(rnn) {
  add("rnn", [](Run& run, const Shape& s, Arrays& a) {
    const void *x = a.in(1, -3, 3), *h = a.in(1, -3, 3);
    return gx_rnn_cell(run.device(), run.format(), s.rows, s.units, x, h, a.out(1));
  });
  add("rnn_in_place", [](Run& run, const Shape& s, Arrays& a) {
    void* x = a.inout(1, -3, 3);
    return gx_rnn_cell(run.device(), run.format(), s.rows, s.units, x, a.in(1, -3, 3), x);
  });
  for (const int which : {1, 2, 3}) {
    add(("rnn_backward_" + std::to_string(which)).c_str(), [=](Run& run, const Shape& s, Arrays& a) {
      const void *h = a.in(1, -1, 1), *dh = a.in_if(which & 1, 1), *next = a.in_if(which & 2, 1);
      return gx_rnn_cell_backward(run.device(), run.format(), s.rows, s.units, h, dh, next, a.out(1));
    });
  }
}

GX_CASES(lstm) {
  add("lstm", [](Run& run, const Shape& s, Arrays& a) {
    const void *x = a.in(4, -3, 3), *h = a.in(4, -3, 3), *c = a.in(1, -2, 2);
    void *gates = a.out(4), *h_out = a.out(1), *c_out = a.out(1);
    return gx_lstm_cell(run.device(), run.format(), s.rows, s.units, x, h, c, gates, h_out, c_out);
  });
  add("lstm_in_place", [](Run& run, const Shape& s, Arrays& a) {
    const void* x = a.in(4, -3, 3);
    void *h = a.inout(4, -3, 3), *c = a.inout(1, -2, 2);
    return gx_lstm_cell(run.device(), run.format(), s.rows, s.units, x, h, c, h, a.out(1), c);
  });
  for (const int which : {1, 2, 7}) {
    add(("lstm_backward_" + std::to_string(which)).c_str(), [=](Run& run, const Shape& s, Arrays& a) {
      const void *gates = a.in(4, 0, 1), *c = a.in(1, -2, 2), *c_out = a.in(1, -2, 2);
      const void *dh = a.in_if(which & 1, 1), *next = a.in_if(which & 2, 1), *dc = a.in_if(which & 4, 1);
      void *dgates = a.out(4), *to = a.out(1);
      return gx_lstm_cell_backward(run.device(), run.format(), s.rows, s.units, gates, c, c_out, dh, next, dc, dgates,
                                   to);
    });
  }
  add("lstm_backward_in_place", [](Run& run, const Shape& s, Arrays& a) {
    void *gates = a.inout(4, 0, 1), *dc = a.inout(1, -1, 1);
    const void *c = a.in(1, -2, 2), *c_out = a.in(1, -2, 2), *dh = a.in(1, -1, 1);
    return gx_lstm_cell_backward(run.device(), run.format(), s.rows, s.units, gates, c, c_out, dh, nullptr, dc, gates,
                                 dc);
  });
}

GX_CASES(gru) {
  add("gru", [](Run& run, const Shape& s, Arrays& a) {
    const void *x = a.in(3, -3, 3), *h_gates = a.in(3, -3, 3), *h = a.in(1, -1, 1);
    void *gates = a.out(3), *h_out = a.out(1);
    return gx_gru_cell(run.device(), run.format(), s.rows, s.units, x, h_gates, h, gates, h_out);
  });
  add("gru_in_place", [](Run& run, const Shape& s, Arrays& a) {
    void *x = a.inout(3, -3, 3), *h = a.inout(1, -1, 1);
    return gx_gru_cell(run.device(), run.format(), s.rows, s.units, x, a.in(3, -3, 3), h, x, h);
  });
  for (const int which : {1, 2, 3}) {
    add(("gru_backward_" + std::to_string(which)).c_str(), [=](Run& run, const Shape& s, Arrays& a) {
      const void *gates = a.in(3, 0, 1), *h_gates = a.in(3, -2, 2), *h = a.in(1, -1, 1);
      const void *dh = a.in_if(which & 1, 1), *next = a.in_if(which & 2, 1);
      void *dx = a.out(3), *dh_gates = a.out(3), *to = a.out(1);
      return gx_gru_cell_backward(run.device(), run.format(), s.rows, s.units, gates, h_gates, h, dh, next, dx,
                                  dh_gates, to);
    });
  }
  add("gru_backward_in_place", [](Run& run, const Shape& s, Arrays& a) {
    void *gates = a.inout(3, 0, 1), *h_gates = a.inout(3, -2, 2), *dh = a.inout(1, -1, 1);
    return gx_gru_cell_backward(run.device(), run.format(), s.rows, s.units, gates, h_gates, a.in(1, -1, 1), dh,
                                nullptr, gates, h_gates, dh);
  });
}

}  // namespace
}  // namespace gx::test
