// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Fibers, barriers, and the device's memory.

#include "emulator/emulator.h"

#include <sys/mman.h>

#include <map>
#include <memory>
#include <vector>

#include "emulator/memory.h"
#include "runtime/status.h"

#if !defined(__x86_64__)
#error "the emulator's fibers are written for x86-64"
#endif

// Saves the registers that a function may not change on the stack at hand, leaves the stack's address in *from, and
// goes on where `to` was left. void gx_emulator_switch(void** from, void* to)
asm(R"(
.text
.type gx_emulator_switch, @function
gx_emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size gx_emulator_switch, .-gx_emulator_switch
)");
extern "C" void gx_emulator_switch(void** from, void* to);

namespace gx::emulator {

Place place;

namespace {

constexpr size_t kStack = 256 << 10;
constexpr size_t kPage = 4096;

struct Barrier {
  unsigned mask = 0;  // of a warp's
  int arrived = 0;
  int votes = 0, result = 0;
  uint64_t generation = 0;
};

struct Block {
  uint3 index;
  int cluster_rank = 0;
  int alive = 0;                // threads that have not returned
  std::vector<unsigned> lanes;  // alive, of each warp
  Barrier all, named[16];
  std::vector<std::vector<Barrier>> warp;  // one for each mask that was met
  std::vector<uint64_t> given;             // by each thread, in an exchange
  std::map<const void*, void*> shared;     // by key
  std::vector<std::unique_ptr<char[]>> memory;
  std::unique_ptr<char[]> dynamic;
};

struct Fiber {
  void* stack_pointer = nullptr;
  char* stack = nullptr;
  Block* block = nullptr;
  unsigned rank = 0;
  bool done = true;
};

struct Machine {
  Launch launch;
  void (*body)(const void*);
  const void* context;
  std::vector<std::unique_ptr<Block>> blocks;  // that run at once
  std::vector<Fiber> fibers;
  size_t current = 0;
  void* scheduler = nullptr;
  uint64_t progress = 0;
  int alive = 0;
  Barrier grid;
  std::vector<Barrier> cluster;
  const char* failure = nullptr;
  bool descending = false;
};
Machine machine;

char* new_stack() {
  void* stack = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) fail(GX_OUT_OF_MEMORY, "the emulator has no memory for a thread's stack");
  mprotect(stack, kPage, PROT_NONE);
  return static_cast<char*>(stack);
}

Fiber& me() { return machine.fibers[machine.current]; }

void set_place(const Fiber& f) {
  const dim3 t = machine.launch.threads;
  place.thread = {f.rank % t.x, f.rank / t.x % t.y, f.rank / (t.x * t.y)};
  place.block = f.block->index;
  place.threads = t;
  place.blocks = machine.launch.blocks;
  place.rank = f.rank;
  place.cluster_rank = f.block->cluster_rank;
  place.cluster_size = machine.launch.cluster;
}

void yield() { gx_emulator_switch(&me().stack_pointer, machine.scheduler); }

void finish(Fiber& f) {
  f.done = true;
  --f.block->alive;
  --machine.alive;
  f.block->lanes[f.rank / 32] &= ~(1u << f.rank % 32);
  ++machine.progress;
}

// Where a fiber begins; it takes one thread after another as long as none waits.
void begin() {
  machine.body(machine.context);
  finish(me());
  yield();
  __builtin_unreachable();
}

void prepare(Fiber& f) {
  f.done = false;
  if (!f.stack) f.stack = new_stack();
  void** top = reinterpret_cast<void**>(f.stack + kStack - 64);
  *--top = nullptr;  // begin() finds its stack as after a call: 8 bytes off the grid of 16
  *--top = reinterpret_cast<void*>(&begin);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  f.stack_pointer = top;
}

void resume(size_t i) {
  machine.current = i;
  set_place(machine.fibers[i]);
  gx_emulator_switch(&machine.scheduler, machine.fibers[i].stack_pointer);
}

// Waits until as many threads as `expected` says now have arrived; some may return instead.
template <class Expected>
int wait(Barrier& b, int vote, Expected expected) {
  const uint64_t generation = b.generation;
  ++b.arrived;
  b.votes += vote;
  for (;;) {
    if (b.generation != generation) return b.result;
    if (b.arrived >= expected()) {
      b.arrived = 0;
      b.result = b.votes;
      b.votes = 0;
      ++b.generation;
      ++machine.progress;
      return b.result;
    }
    yield();
  }
}

void start_block(Block& b, uint3 index, int cluster_rank, int threads) {
  b.index = index;
  b.cluster_rank = cluster_rank;
  b.alive = threads;
  b.lanes.assign(size_t(threads + 31) / 32, 0);
  for (int t = 0; t < threads; ++t) b.lanes[size_t(t) / 32] |= 1u << t % 32;
  b.warp.assign(b.lanes.size(), {});
  b.given.assign(size_t(threads), 0);
  b.shared.clear();
  b.memory.clear();
  b.all = Barrier();
  for (Barrier& n : b.named) n = Barrier();
  b.dynamic.reset(new char[size_t(machine.launch.shared) + 256]);
  std::memset(b.dynamic.get(), 0xA5, size_t(machine.launch.shared) + 256);
}

// All threads of the blocks at hand, to their end.
void run_group(int threads) {
  Machine& m = machine;
  const size_t count = m.blocks.size() * size_t(threads);
  if (m.fibers.size() < count) m.fibers.resize(count);
  m.alive = int(count);
  const auto at = [&](size_t i) { return m.descending ? count - 1 - i : i; };
  for (size_t i = 0; i < count; ++i) {
    Fiber& f = m.fibers[at(i)];
    f.block = m.blocks[at(i) / size_t(threads)].get();
    f.rank = unsigned(at(i) % size_t(threads));
    prepare(f);
    resume(at(i));
    // A stack that is free again serves the next thread: most kernels need one.
    if (f.done && i + 1 < count) std::swap(f.stack, m.fibers[at(i + 1)].stack);
  }
  for (int idle = 0; m.alive > 0 && !m.failure;) {
    const uint64_t before = m.progress;
    for (size_t i = 0; i < count && !m.failure; ++i) {
      if (!m.fibers[at(i)].done) resume(at(i));
    }
    idle = m.progress == before ? idle + 1 : 0;
    if (idle > 2) m.failure = "its threads wait for each other for ever";
  }
}

}  // namespace

void run(const Launch& launch, void (*body)(const void*), const void* context) {
  const OpenMemory open;  // also keeps other launches out
  Machine& m = machine;
  const int threads = int(launch.threads.x * launch.threads.y * launch.threads.z);
  if (threads < 1 || threads > 1024) fail(GX_INTERNAL, "a block must have 1 to 1024 threads, got %d", threads);
  if (launch.blocks.y > 65535 || launch.blocks.z > 65535) {
    fail(GX_INTERNAL, "a grid has at most 65535 blocks along y and z, got %u and %u", launch.blocks.y, launch.blocks.z);
  }
  if (launch.shared > kSharedMemory) {
    fail(GX_INTERNAL, "a block may have %lld bytes of shared memory, got %lld", (long long)kSharedMemory,
         (long long)launch.shared);
  }
  if (launch.blocks.x % unsigned(launch.cluster) != 0) {
    fail(GX_INTERNAL, "the blocks along x must be a multiple of a cluster's %d, got %u", launch.cluster,
         launch.blocks.x);
  }
  m.launch = launch;
  m.body = body;
  m.context = context;
  m.failure = nullptr;
  m.descending = !m.descending;
  m.grid = Barrier();
  const uint64_t blocks = uint64_t(launch.blocks.x) * launch.blocks.y * launch.blocks.z;
  const uint64_t together = launch.cooperative ? blocks : uint64_t(launch.cluster);
  m.cluster.assign(size_t(together) / size_t(launch.cluster), Barrier());
  for (uint64_t first = 0; first < blocks && !m.failure; first += together) {
    while (m.blocks.size() < together) m.blocks.push_back(std::make_unique<Block>());
    m.blocks.resize(together);
    for (uint64_t i = 0; i < together; ++i) {
      const uint64_t b = first + i;
      const uint3 index = {unsigned(b % launch.blocks.x), unsigned(b / launch.blocks.x % launch.blocks.y),
                           unsigned(b / launch.blocks.x / launch.blocks.y)};
      start_block(*m.blocks[i], index, int(b % unsigned(launch.cluster)), threads);
    }
    run_group(threads);
  }
  if (m.failure) {  // the stacks of threads that hang are not used again
    m.fibers.clear();
    fail(GX_INTERNAL, "a kernel failed on the emulated GPU: %s", m.failure);
  }
}

void* shared(const void* key, size_t bytes, size_t align) {
  Block& b = *me().block;
  void*& at = b.shared[key];
  if (!at) {
    b.memory.emplace_back(new char[bytes + align]);
    char* data = b.memory.back().get();
    std::memset(data, 0xA5, bytes + align);
    at = data + (align - reinterpret_cast<uintptr_t>(data) % align) % align;
  }
  return at;
}

void* dynamic_shared() {
  char* data = me().block->dynamic.get();
  return data + (128 - reinterpret_cast<uintptr_t>(data) % 128) % 128;
}

void* shared_of(int cluster_rank, void* mine) {
  Fiber& f = me();
  const size_t first = machine.current / f.block->given.size() - size_t(f.block->cluster_rank);
  Block& other = *machine.blocks[first + size_t(cluster_rank)];
  const auto aligned = [](Block& b) {
    char* data = b.dynamic.get();
    return data + (128 - reinterpret_cast<uintptr_t>(data) % 128) % 128;
  };
  const ptrdiff_t offset = static_cast<char*>(mine) - aligned(*f.block);
  if (offset >= 0 && offset < machine.launch.shared) return aligned(other) + offset;
  for (const auto& [key, at] : f.block->shared) {
    const auto theirs = other.shared.find(key);
    if (at == mine && theirs != other.shared.end()) return theirs->second;
  }
  machine.failure = "it asked for another block's shared memory at an address that is none of its own arrays";
  yield();
  return nullptr;
}

void block_barrier() { block_vote(0); }

int block_vote(int predicate) {
  Block& b = *me().block;
  return wait(b.all, predicate != 0, [&b] { return b.alive; });
}

void named_barrier(int id, int threads) {
  wait(me().block->named[id], 0, [threads] { return threads; });
}

void warp_barrier(unsigned mask) {
  Fiber& f = me();
  Block& b = *f.block;
  const size_t warp = f.rank / 32;
  if (!(mask >> f.rank % 32 & 1)) {
    machine.failure = "a thread is not in the mask of its own __syncwarp or shuffle";
    yield();
  }
  auto& barriers = b.warp[warp];
  if (barriers.capacity() == 0) barriers.reserve(64);  // references stay
  Barrier* barrier = nullptr;
  for (Barrier& known : barriers) {
    if (known.mask == mask) barrier = &known;
  }
  if (!barrier) {
    barriers.emplace_back();
    barrier = &barriers.back();
    barrier->mask = mask;
  }
  wait(*barrier, 0, [&b, warp, mask] { return __builtin_popcount(b.lanes[warp] & mask); });
}

void cluster_barrier() {
  Machine& m = machine;
  const size_t block = m.current / me().block->given.size();
  const size_t cluster = block / size_t(m.launch.cluster);
  wait(m.cluster[cluster], 0, [&m, cluster] {
    int alive = 0;
    for (int i = 0; i < m.launch.cluster; ++i) alive += m.blocks[cluster * size_t(m.launch.cluster) + size_t(i)]->alive;
    return alive;
  });
}

void grid_barrier() {
  if (!machine.launch.cooperative) {
    machine.failure = "a grid-wide barrier needs a cooperative launch";
    yield();
  }
  wait(machine.grid, 0, [] { return machine.alive; });
}

uint64_t exchange(unsigned mask, uint64_t value, int lane) {
  Fiber& f = me();
  f.block->given[f.rank] = value;
  warp_barrier(mask);
  const size_t from = f.rank / 32 * 32 + size_t(lane);
  const uint64_t got = from < f.block->given.size() ? f.block->given[from] : value;
  warp_barrier(mask);
  return got;
}

void give_way() {
  ++machine.progress;
  yield();
}

void check_bytes(const void* argument, size_t bytes) {
  for (size_t i = 0; i + 8 <= bytes; i += 8) {
    uintptr_t word;
    std::memcpy(&word, static_cast<const char*>(argument) + i, 8);
    const bool address = word >= uintptr_t(1) << 44 && word < uintptr_t(1) << 47;
    if (address && !is_device_memory(reinterpret_cast<const void*>(word))) {
      fail(GX_INTERNAL, "a kernel's argument points to host memory, %p: upload it", reinterpret_cast<void*>(word));
    }
  }
}

}  // namespace gx::emulator
