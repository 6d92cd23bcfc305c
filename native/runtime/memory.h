// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The memory of one device: buffers, their account, and a cache of freed blocks.
//
// A training step allocates and frees the same hundred sizes over and over. A freed block is kept, in its size class,
// and given to the next buffer of that class: no system call, no page faults, and pages that are already huge. Classes
// are 64 bytes apart up to 512 bytes and eight to a doubling above, so that a block wastes less than an eighth of
// itself. What is idle never exceeds what fits under the limit, nor, with what is live, twice the peak; classes that
// have not been asked for longest are given back first.
#ifndef GENERATRIX_RUNTIME_MEMORY_H_
#define GENERATRIX_RUNTIME_MEMORY_H_

#include <cstdint>
#include <mutex>
#include <vector>

#include "generatrix/core.h"

namespace gx {

// Live buffers by address, with their bytes: an open hash table with linear probing.
class LiveBuffers {
 public:
  int64_t size() const { return size_; }
  void make_room();                     // for one more; may throw std::bad_alloc
  void add(void* data, int64_t bytes);  // make_room() went before
  int64_t remove(const void* data);     // its bytes, or -1

 private:
  struct Slot {
    void* data;
    int64_t bytes;
  };
  size_t home(const void* data) const {
    return size_t((reinterpret_cast<uintptr_t>(data) >> 6) * 0x9E3779B97F4A7C15u >> shift_);
  }
  std::vector<Slot> slots_;
  int64_t size_ = 0;
  int shift_ = 64;
};

// Where blocks come from: the system, or a GPU's memory. A GPU's are used in the order of its stream, so that one that
// was freed may be handed out again while what used it before is still running.
class Blocks {
 public:
  virtual ~Blocks() = default;
  virtual void* take(int64_t capacity) = 0;                      // nullptr: there are none left
  virtual void give(void* data, int64_t capacity) noexcept = 0;  // back
  virtual void zero(void* data, int64_t bytes) = 0;              // may throw Error
  virtual bool come_zeroed(int64_t) const { return false; }      // what was just taken
  virtual void poison(void*, int64_t) noexcept {}                // nobody may touch it
  virtual void unpoison(void*, int64_t) noexcept {}
};
Blocks& system_blocks();

class Memory {
 public:
  explicit Memory(Blocks& blocks = system_blocks()) : blocks_(blocks) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { trim(); }

  void* allocate(int64_t bytes, bool zeroed);
  void free(void* data);
  char* allocate_workspace(int64_t bytes);
  void free_workspace(char* data, int64_t bytes) noexcept;

  gx_memory account() const;
  void set_limit(int64_t bytes);
  int64_t buffers() const;
  void trim() noexcept;  // gives idle blocks back

 private:
  static constexpr int kClasses = 448;
  struct Class {
    std::vector<void*> idle;
    uint64_t used = 0;  // when it was last asked for
  };

  void reserve(int64_t bytes, const char* what);
  void* new_block(int64_t bytes, bool zeroed, const char* what);
  void give_back(int64_t most) noexcept;
  bool keeps(int64_t capacity) const;

  Blocks& blocks_;
  mutable std::mutex mutex_;
  gx_memory account_ = {};
  LiveBuffers live_;
  Class classes_[kClasses];
  uint64_t clock_ = 0;
};

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_MEMORY_H_
