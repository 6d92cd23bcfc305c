// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The emulated GPU's memory: one range of addresses that the host cannot touch but while a kernel or a copy has it
// open.
#ifndef GENERATRIX_CUDA_EMULATOR_MEMORY_H_
#define GENERATRIX_CUDA_EMULATOR_MEMORY_H_

#include <cstdint>

namespace gx::emulator {

constexpr int64_t kMemory = int64_t(8) << 30;          // addresses; pages come when they are used
constexpr int64_t kSharedMemory = int64_t(227) << 10;  // of a block, as on Hopper
constexpr int kMultiprocessors = 4;

// While one lives, its thread may touch the device's memory, and no other has one.
class OpenMemory {
 public:
  OpenMemory();
  ~OpenMemory();
  OpenMemory(const OpenMemory&) = delete;
  OpenMemory& operator=(const OpenMemory&) = delete;
};

void* take(int64_t bytes);  // between guards; nullptr if there is no room
// Gives it back. If a guard was written over, the next call that reports failures says so.
void give(void* data) noexcept;
void report_broken_guards();
bool is_device_memory(const void* p);

}  // namespace gx::emulator

#endif  // GENERATRIX_CUDA_EMULATOR_MEMORY_H_
