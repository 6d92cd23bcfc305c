// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The operands of C[m][n] = sum_k A[m][k] F[k][n], the one product under the Gibbs family: A holds states (bits, sparse
// or dense floats), F is the weight matrix read along either side, or a batch of hidden probabilities.
#ifndef GENERATRIX_KERNELS_GIBBS_PRODUCT_OPERANDS_H_
#define GENERATRIX_KERNELS_GIBBS_PRODUCT_OPERANDS_H_

#include <cstdint>

namespace gx {

// How A is stored and walked; each is a variant of the registry.
//   tables   bits; sums of 4 rows of F are looked up in tables of 16, built once per block and shared by all rows of A
//   bit_rows bits; the rows of F under set bits are added: no tables to build, for a few rows of A
//   sparse   floats; nonzeros are listed once, their rows of F are multiplied and added
//   dense    floats; register-blocked multiply-add
enum class Walk { kTables, kBitRows, kSparse, kDense };

struct StateRows {
  const uint32_t* bits;      // kTables, kBitRows: row r at bits + r * stride
  const float* values;       // kDense: row r at values + r * stride
  const int32_t* index;      // kSparse: the k of nonzeros in order,
  const float* value;        // and their values;
  const int64_t* row_start;  // those of row r and block kb (of kSparseBlock) begin at row_start[r * stride + kb]
  int64_t stride;
};

struct Factor {
  const float* data;
  int64_t stride;
  bool transposed;  // F[k][n] = transposed ? data[n * stride + k] : data[k * stride + n]
};

constexpr int kTileColumns = 64;   // columns of C worked on together; also the units of one Philox vector block
constexpr int kBitBlock = 32;      // states per step of kTables and kBitRows: one word
constexpr int kSparseBlock = 128;  // and of kSparse, kDense: 128 x 64 floats of F are 32 KiB, two thirds of a 48 KiB L1
constexpr int kRowChunk = 1024;    // rows of C per work item at most: 256 KiB of sums, in L2

// Scratch of one thread.
struct ProductScratch {
  float* tables;  // kTableFloats: 8 groups x 16 entries x 64 columns, or a packed block of F
  float* packed;  // kPackedFloats
};
constexpr int64_t kTableFloats = int64_t(kBitBlock) / 4 * 16 * kTileColumns;
constexpr int64_t kPackedFloats = int64_t(kSparseBlock) * kTileColumns;

}  // namespace gx

#endif  // GENERATRIX_KERNELS_GIBBS_PRODUCT_OPERANDS_H_
