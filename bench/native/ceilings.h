// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the machine can do, measured in the same run.
#ifndef GENERATRIX_BENCH_NATIVE_CEILINGS_H_
#define GENERATRIX_BENCH_NATIVE_CEILINGS_H_

namespace gx::bench {

struct Ceilings {
  double gigaflops;  // multiply-adds on registers, two operations each: what no dense product passes
  double gigabytes;  // copying 256 MiB, bytes read plus written
};

Ceilings measure_ceilings(int threads);

}  // namespace gx::bench

#endif  // GENERATRIX_BENCH_NATIVE_CEILINGS_H_
