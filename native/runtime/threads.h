// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Parallel loops over independent work items, on one pool of workers for the process.
//
// The caller works on its own loop and waits only for items that a worker has begun, never for a worker that the system
// has not let run yet. That is why it is not OpenMP: there a loop ends when every thread of the team has arrived, so on
// a busy machine each of the thousand small loops of a training second costs a scheduler slice (a sweep of 0.3 ms took
// 12 ms beside other programs). It also leaves no OpenMP runtime to ship or to meet a second one in the process.
#ifndef GENERATRIX_RUNTIME_THREADS_H_
#define GENERATRIX_RUNTIME_THREADS_H_

#include <cstdint>

namespace gx {

using Work = void (*)(void* context, int64_t item, int thread);

// Calls work(context, i, thread) for every i in [0, items), thread in [0, threads). Items are handed out in order, one
// at a time, so put long ones first; which thread gets which is not fixed, so an item must own what it writes. work
// must not throw.
void parallel_for(int threads, int64_t items, Work work, void* context);

template <class F>
void parallel_for(int threads, int64_t items, F&& body) {
  parallel_for(
      threads, items, [](void* f, int64_t item, int thread) { (*static_cast<F*>(f))(item, thread); }, &body);
}

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_THREADS_H_
