// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "runtime/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace gx {
namespace {

// One call of parallel_for, on its caller's stack. Workers join and the caller withdraws it under the pool's mutex.
struct Loop {
  Work work;
  void* context;
  int64_t items;
  int team;                      // threads it may have, the caller among them
  int cpu;                       // where the caller was
  int joined = 1;                // threads it has had; the next one's number
  std::atomic<int64_t> next{0};  // item to hand out
  std::atomic<int> working{0};   // workers inside

  void run(int thread) {
    for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < items;) work(context, i, thread);
  }
  bool wants_help() const { return joined < team && next.load(std::memory_order_relaxed) < items; }
};

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Moves this thread off a CPU. The system likes to wake a thread where its waker runs, and then the two take turns on
// one CPU beside an idle one until the load is balanced, which was seen to take 15 to 25 ms: hundreds of loops. The
// thread's affinity is as before after.
void leave(int cpu) {
  cpu_set_t allowed, others;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  others = allowed;
  CPU_CLR(cpu, &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others) != 0) return;
  sched_setaffinity(0, sizeof allowed, &allowed);
}

// About 50 microseconds: a loop follows another within that time in a chain, and waking a sleeping worker takes as
// long.
constexpr int kSpins = 2000;

class Pool {
 public:
  void run(Loop& loop) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      hire(loop.team - 1);
      loops_.push_back(&loop);
      published_.fetch_add(1, std::memory_order_release);
    }
    if (sleeping_.load() > 0) wake_.notify_all();
    loop.run(0);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      loops_.erase(std::find(loops_.begin(), loops_.end(), &loop));
    }
    for (int i = 0; i < kSpins && loop.working.load(std::memory_order_acquire) > 0; ++i) relax();
    if (loop.working.load(std::memory_order_acquire) > 0) {
      std::unique_lock<std::mutex> lock(mutex_);
      left_.wait(lock, [&] { return loop.working.load(std::memory_order_acquire) == 0; });
    }
  }

 private:
  // Starts workers until there are that many. Too few are enough: without memory or threads the caller does the work
  // alone.
  void hire(int workers) {
    while (int(workers_) < workers) {
      // Signals are the host's: a JVM's handlers must not run here.
      sigset_t all, before;
      sigfillset(&all);
      pthread_sigmask(SIG_SETMASK, &all, &before);
      bool started = true;
      try {
        std::thread([this] { work(); }).detach();
      } catch (...) {
        started = false;
      }
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      if (!started) return;
      ++workers_;
    }
  }

  Loop* join() {  // under the mutex
    for (Loop* loop : loops_) {
      if (loop->wants_help()) return loop;
    }
    return nullptr;
  }

  void work() {
    uint64_t seen = 0;
    for (;;) {
      for (int i = 0; i < kSpins && published_.load(std::memory_order_acquire) == seen; ++i) relax();
      std::unique_lock<std::mutex> lock(mutex_);
      Loop* loop = join();
      if (!loop && published_.load(std::memory_order_relaxed) == seen) {
        ++sleeping_;
        wake_.wait(lock, [&] { return published_.load(std::memory_order_relaxed) != seen; });
        --sleeping_;
        loop = join();
      }
      seen = published_.load(std::memory_order_relaxed);
      if (!loop) continue;
      const int thread = loop->joined++;
      loop->working.fetch_add(1, std::memory_order_relaxed);
      lock.unlock();
      if (loop->team <= cpus_ && sched_getcpu() == loop->cpu) leave(loop->cpu);
      loop->run(thread);
      // The caller may return as soon as the count is 0, so the loop is not touched after that. Its sleep is on the
      // pool's own condition, and the lock keeps the last worker from slipping between its test and its sleep.
      lock.lock();
      loop->working.fetch_sub(1, std::memory_order_release);
      lock.unlock();
      left_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;  // a loop was published
  std::condition_variable left_;  // a worker left a loop
  std::vector<Loop*> loops_;
  std::atomic<uint64_t> published_{0};
  std::atomic<int> sleeping_{0};
  int workers_ = 0;
  const int cpus_ = int(std::thread::hardware_concurrency());
};

}  // namespace

void parallel_for(int threads, int64_t items, Work work, void* context) {
  const int team = int(std::min<int64_t>(threads, items));
  if (team <= 1) {
    for (int64_t i = 0; i < items; ++i) work(context, i, 0);
    return;
  }
  // Never destroyed: its workers outlive every static object.
  static Pool* const pool = new Pool;
  Loop loop{work, context, items, team, sched_getcpu()};
  pool->run(loop);
}

}  // namespace gx
