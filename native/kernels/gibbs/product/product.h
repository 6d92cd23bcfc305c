// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// sums[m][0..63] = start[0..63] + sum_k A[m][k] F[k][n0 .. n0 + 63]: one tile of 64 columns, for the rows [m0, m1) of
// A.
//
// For binary states the product is not multiply-add. Four states pick one of 16 partial sums of four rows of F, so a
// table of 16 rows, built with 11 additions, replaces four multiply-adds per row of A by one load and one add ("the
// method of four Russians", Arlazarov et al. 1970). 8 tables of 64 columns are 32 KiB and stay in L1; two loads per
// cycle bound the rate at 128 states x columns per cycle for 512-bit vectors, four times what two dense FMA pipes do.
// Every sum is plain float32 in a fixed order.
//
// Tried on Zen 5, 784x512, batch 1024, two threads, against 620 G state-columns/s of this form: 16 table entries in a
// register and vpermps, samples across lanes, 465 (permutes and adds share ports); 5 or 6 states per table 650 / 570,
// but 420 / 280 at batch 128, where building the tables shows; two rows at once 550; 128 columns x 4 groups 510; 32
// columns x 16 groups 550. Asking for the next block of F ahead of time changes nothing, also where F is 64 MiB. The
// loop alone, tables built, runs at 1.25 lookups per cycle of the 2 that L1 can load; without the sums' own traffic it
// would be 1.6.
#ifndef GENERATRIX_KERNELS_GIBBS_PRODUCT_PRODUCT_H_
#define GENERATRIX_KERNELS_GIBBS_PRODUCT_PRODUCT_H_

#include "kernels/gibbs/product/factor_block.h"
#include "kernels/gibbs/product/operands.h"
#include "runtime/vec.h"

namespace gx::GX_ISA {

template <int n>
struct Width {
  static constexpr int value = n;
};

// The 16 sums of each group of four rows of a block: tables[g][entry][column].
inline void build_tables(const float* f, int64_t stride, int columns, float* tables) {
  for (int g = 0; g < kBitBlock / 4; ++g, f += 4 * stride, tables += 16 * kTileColumns) {
    for (int n = 0; n < columns; n += kLanes) {
      vf entry[16];
      entry[0] = vf{};
#pragma GCC unroll 4
      for (int s = 0; s < 4; ++s) {
        const vf row = loadf(f + s * stride + n);
#pragma GCC unroll 8
        for (int e = 0; e < (1 << s); ++e) entry[e | 1 << s] = e == 0 ? row : entry[e] + row;
      }
#pragma GCC unroll 16
      for (int e = 0; e < 16; ++e) store(tables + e * kTileColumns + n, entry[e]);
    }
  }
}

// Adds one block of 32 states to `kColumns` columns of every row's sums.
template <int kColumns>
inline void add_from_tables(const uint32_t* words, int64_t stride, int64_t rows, const float* tables, const float* from,
                            int64_t from_stride, float* sums) {
  constexpr int kVectors = kColumns / kLanes;
  constexpr int kEntryBytes = kTileColumns * 4;  // 256: the nibble, moved up by 8 bits, is the byte offset of its entry
  for (int64_t m = 0; m < rows; ++m, words += stride, from += from_stride, sums += kTileColumns) {
    const uint64_t word = uint64_t(*words) << 8;
    vf s[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) s[v] = loadf(from + v * kLanes);
#pragma GCC unroll 8
    for (int g = 0; g < kBitBlock / 4; ++g) {
      const char* entry = reinterpret_cast<const char*>(tables) + g * 16 * kEntryBytes + ((word >> (4 * g)) & 0xF00);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) s[v] += loadf(reinterpret_cast<const float*>(entry) + v * kLanes);
    }
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) store(sums + v * kLanes, s[v]);
  }
}

// Adds the rows of F under set bits, without tables.
template <int kColumns>
inline void add_bit_rows(const uint32_t* words, int64_t stride, int64_t rows, const float* f, int64_t f_stride,
                         const float* from, int64_t from_stride, float* sums) {
  constexpr int kVectors = kColumns / kLanes;
  for (int64_t m = 0; m < rows; ++m, words += stride, from += from_stride, sums += kTileColumns) {
    vf s[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) s[v] = loadf(from + v * kLanes);
    for (uint32_t word = *words; word != 0; word &= word - 1) {
      const float* row = f + __builtin_ctz(word) * f_stride;
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) s[v] += loadf(row + v * kLanes);
    }
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) store(sums + v * kLanes, s[v]);
  }
}

template <int kColumns>
inline void add_sparse(const StateRows& a, int64_t m0, int64_t rows, int64_t kb, const float* f, int64_t f_stride,
                       const float* from, int64_t from_stride, float* sums) {
  constexpr int kVectors = kColumns / kLanes;
  f -= kb * kSparseBlock * f_stride;
  for (int64_t m = 0; m < rows; ++m, from += from_stride, sums += kTileColumns) {
    const int64_t* start = a.row_start + (m0 + m) * a.stride + kb;
    vf s[kVectors];
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) s[v] = loadf(from + v * kLanes);
    for (int64_t e = start[0]; e < start[1]; ++e) {
      const float* row = f + a.index[e] * f_stride;
      const vf value = splat(a.value[e]);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) s[v] += value * loadf(row + v * kLanes);
    }
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) store(sums + v * kLanes, s[v]);
  }
}

// kRows x kColumns sums in registers.
template <int kRows, int kColumns>
inline void add_dense_block(const float* a, int64_t a_stride, int depth, const float* f, int64_t f_stride,
                            const float* from, int64_t from_stride, float* sums) {
  constexpr int kVectors = kColumns / kLanes;
  vf s[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) s[r][v] = loadf(from + r * from_stride + v * kLanes);
  }
  for (int k = 0; k < depth; ++k, f += f_stride) {
    vf row[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) row[v] = loadf(f + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const vf value = splat(a[r * a_stride + k]);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) s[r][v] += value * row[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) store(sums + r * kTileColumns + v * kLanes, s[r][v]);
  }
}

template <int kColumns>
inline void add_dense(const float* a, int64_t a_stride, int64_t rows, int depth, const float* f, int64_t f_stride,
                      const float* from, int64_t from_stride, float* sums) {
  constexpr int kRows =
      GX_VEC_BYTES == 16 ? 2 : 6;  // with 64, 16 and 16 columns: 24 of 32, 12 and 8 of 16 registers are sums
  int64_t m = 0;
  for (; m + kRows <= rows; m += kRows) {
    add_dense_block<kRows, kColumns>(a + m * a_stride, a_stride, depth, f, f_stride, from + m * from_stride,
                                     from_stride, sums + m * kTileColumns);
  }
  for (; m < rows; ++m) {
    add_dense_block<1, kColumns>(a + m * a_stride, a_stride, depth, f, f_stride, from + m * from_stride, from_stride,
                                 sums + m * kTileColumns);
  }
}

// One block of k for `kColumns` columns beginning at n.
template <Walk walk, int kColumns>
inline void add_block(const StateRows& a, int64_t m0, int64_t rows, int64_t kb, int depth, const float* f,
                      int64_t f_stride, const float* from, int64_t from_stride, float* sums) {
  if constexpr (walk == Walk::kTables) {
    add_from_tables<kColumns>(a.bits + m0 * a.stride + kb, a.stride, rows, f, from, from_stride, sums);
  } else if constexpr (walk == Walk::kBitRows) {
    add_bit_rows<kColumns>(a.bits + m0 * a.stride + kb, a.stride, rows, f, f_stride, from, from_stride, sums);
  } else if constexpr (walk == Walk::kSparse) {
    add_sparse<kColumns>(a, m0, rows, kb, f, f_stride, from, from_stride, sums);
  } else {
    add_dense<kColumns>(a.values + m0 * a.stride + kb * kSparseBlock, a.stride, rows, depth, f, f_stride, from,
                        from_stride, sums);
  }
}

// Columns one pass keeps in registers.
template <Walk walk>
constexpr int kPass = walk == Walk::kDense ? (GX_VEC_BYTES == 64 ? 64 : 16) : (GX_VEC_BYTES == 16 ? 32 : 64);

// The tile. `start` is 64 floats (a bias), `sums` is [m1 - m0][64]; columns past n_size are undefined there.
template <Walk walk>
inline void product_tile(const StateRows& a, int64_t m0, int64_t m1, const Factor& f, int64_t k_size, int64_t n0,
                         int64_t n_size, const float* start, const ProductScratch& scratch, float* sums) {
  constexpr bool kIsBits = walk == Walk::kTables || walk == Walk::kBitRows;
  constexpr int kBlock = kIsBits ? kBitBlock : kSparseBlock;
  const int64_t rows = m1 - m0;
  const int columns = int(lesser<int64_t>(kTileColumns, n_size - n0));
  const float* from = start;
  int64_t from_stride = 0;
  for (int64_t k0 = 0; k0 < k_size; k0 += kBlock) {
    const int depth = int(lesser<int64_t>(kBlock, k_size - k0));
    int64_t stride;
    // Few reads are not worth a copy; tables are built in one pass, where it lies.
    const bool pack = walk == Walk::kBitRows ? rows >= 32 : walk != Walk::kTables && rows >= 8;
    const float* block =
        factor_block(f, k0, depth, kIsBits ? kBlock : depth, n0, columns, pack, scratch.packed, &stride);
    if constexpr (walk == Walk::kTables) {
      build_tables(block, stride, columns, scratch.tables);
      block = scratch.tables;
    }
    for (int n = 0; n < columns;) {
      const auto pass = [&](auto width) {
        constexpr int kColumns = decltype(width)::value;
        add_block<walk, kColumns>(a, m0, rows, k0 / kBlock, depth, block + n, stride, from + n, from_stride, sums + n);
        n += kColumns;
      };
      // As wide as what is left rounded up to 16, which is as far as the block may be read.
      if (kPass<walk> >= 64 && columns - n > 48) {
        pass(Width < kPass<walk> >= 64 ? 64 : 16 > {});
      } else if (kPass<walk> >= 32 && columns - n > 16) {
        pass(Width < kPass<walk> >= 32 ? 32 : 16 > {});
      } else {
        pass(Width<16>{});
      }
    }
    from = sums;
    from_stride = kTileColumns;
  }
}

}  // namespace gx::GX_ISA

#endif  // GENERATRIX_KERNELS_GIBBS_PRODUCT_PRODUCT_H_
