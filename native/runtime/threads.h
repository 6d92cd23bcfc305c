// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Parallel loops over independent work items. OpenMP stays behind this header.
#ifndef GENERATRIX_RUNTIME_THREADS_H_
#define GENERATRIX_RUNTIME_THREADS_H_

#include <cstdint>

namespace gx {

using Work = void (*)(void* context, int64_t item, int thread);

// Calls work(context, i, thread) for every i in [0, items), thread in [0, threads). Items are handed out in order, one
// at a time, so put long ones first; which thread gets which is not fixed, so an item must own what it writes.
void parallel_for(int threads, int64_t items, Work work, void* context);

template <class F>
void parallel_for(int threads, int64_t items, F&& body) {
  parallel_for(
      threads, items, [](void* f, int64_t item, int thread) { (*static_cast<F*>(f))(item, thread); }, &body);
}

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_THREADS_H_
