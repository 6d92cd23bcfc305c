// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The sampler's plan (native/kernels/causal/plan.h) as a GPU's block follows it: instructions, which say what does not
// change from pixel to pixel, and a tape of words that says which instruction comes next and where its operands lie.
//
// An activation lies at a place of the block's memory from when it is computed until it is read for the last time, then
// its place is another's. Maps of one number (functions, sums of two maps) that follow the node they read are done with
// it, without going through memory. Words of an instruction:
//   place of the result, or -1; for each function after it: place of its other operand or -1, place of its result or
//   -1; then a place for each operand and tap. A head's: pixel, place in the image, place of its parameters.
// The first word of all is the instruction's number, and whether the block must wait first for what was written.
#ifndef GENERATRIX_CUDA_KERNELS_CAUSAL_SCHEDULE_H_
#define GENERATRIX_CUDA_KERNELS_CAUSAL_SCHEDULE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/causal/plan.h"

namespace gx::cuda::causal {

// Functions of one or two numbers: a gx_activation as it is, others from these on.
constexpr int32_t kUnary = 16;          // + gx_unary_function
constexpr int32_t kBinary = 64;         // + gx_binary_function
constexpr int32_t kEluOfNegative = 15;  // elu(-x)

struct Function {
  int32_t code;
  int32_t swapped;  // the value at hand is the second operand
  double p;
};

constexpr int kAfters = 3;

enum Kind : int32_t { kConv, kMap, kHead };

struct alignas(16) Instruction {
  int32_t kind;
  int32_t words;     // on the tape, with the first
  int32_t channels;  // of the result
  int32_t operands;  // of a map: 1 or 2
  // A convolution's terms come in quads: at most four neighbouring channels under one tap. 2^log_splits threads share
  // an output; of every round each takes a quad.
  int32_t log_splits, rounds;
  int32_t table;    // [rounds][splits] quads, in `quads`
  int32_t weights;  // [rounds][channels][splits] packs of four
  int32_t bias;     // in the biases; of a head: its number
  int32_t afters;
  int32_t operand_word;  // the first operand's
  int32_t unused;
  Function function;
  Function after[kAfters];
};

struct Quad {
  int32_t word;              // from the instruction's first
  int32_t offset_and_count;  // 8 first channel + channels, of which there are 0 in padding
};

// First words: instruction + 1, negative where the block must wait.
constexpr int32_t kNextChunk = 0;        // the tape goes on in the next chunk
constexpr int32_t kEndOfTape = 1 << 30;  // there is no more

// A convolution's weights, to be packed: quad q, channel c of it and output o come from row o and place
// sources[first_source + 4 q + c] of a row, which is -1 in padding.
struct Packing {
  int64_t node;
  int32_t log_splits, rounds, channels;
  int32_t weights, bias;
  int64_t first_source;
};

struct Example {
  int64_t node, place;
};

struct Schedule {
  std::vector<Instruction> instructions;
  std::vector<Quad> quads;
  std::vector<Packing> packings;
  std::vector<int64_t> sources;
  std::vector<Example> examples;
  int64_t packs = 0, biases = 0;  // sizes of what is packed
  int64_t zeros = 0;              // places [0, zeros) hold 0, for padding
  int64_t places = 0;             // of one image
  int64_t chunk = 0;              // words of a chunk of the tape, a multiple of 4
  std::vector<int32_t> tape;      // whole chunks
  int64_t steps = 0, terms = 0;   // instructions on the tape; terms of an image's sums
  std::vector<int64_t> evaluations;
};

// The program is checked. Fails where it is not causal.
Schedule make_schedule(const gx_causal_program& program);
// The same, from the few schedules that were made last: one takes milliseconds, as much as the sampling, and depends on
// the program's shape alone.
std::shared_ptr<const Schedule> schedule_of(const gx_causal_program& program);

}  // namespace gx::cuda::causal

#endif  // GENERATRIX_CUDA_KERNELS_CAUSAL_SCHEDULE_H_
