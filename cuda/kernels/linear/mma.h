// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The instructions of tensor.h: asynchronous copies into shared memory (cp.async) and products of fragments by a warp
// (mma.sync). PTX ISA 8, sections 9.7.9.25 (cp.async) and 9.7.14.5 (fragments of m16n8k8 and m16n8k16). The emulator's
// copies arrive as late as they may; its products are sums of the rounded factors in float, in order.
#ifndef GENERATRIX_CUDA_KERNELS_LINEAR_MMA_H_
#define GENERATRIX_CUDA_KERNELS_LINEAR_MMA_H_

#include "runtime/map.h"

#if !defined(__CUDACC__)
#include <vector>
#endif

namespace gx::cuda::tile {

#if defined(__CUDACC__)

// Copies of a thread into shared memory, in groups that are waited for in order.
class AsyncCopies {
 public:
  // kWidth floats, 1 or 4, of which the first `valid` are at `from`; the others become 0.
  template <int kWidth>
  __device__ void copy(float* to, const float* from, int valid) {
    const unsigned shared = unsigned(__cvta_generic_to_shared(to));
    if constexpr (kWidth == 4) {
      asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared), "l"(from), "r"(valid * 4) : "memory");
    } else {
      static_assert(kWidth == 1);
      asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(shared), "l"(from), "r"(valid * 4) : "memory");
    }
  }
  __device__ void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
  // Until at most kLeft of the latest groups are on their way.
  template <int kLeft>
  __device__ void wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(kLeft) : "memory");
  }
};

#else

class AsyncCopies {
 public:
  template <int kWidth>
  void copy(float* to, const float* from, int valid) {
    for (int n = 0; n < kWidth; ++n) pending_.push_back({to + n, from + n, n < valid, group_});
  }
  void commit() { ++group_; }
  template <int kLeft>
  void wait() {
    size_t done = 0;
    for (; done < pending_.size() && pending_[done].group < group_ - kLeft; ++done) {
      const Copy& c = pending_[done];
      *c.to = c.valid ? *c.from : 0;
    }
    pending_.erase(pending_.begin(), pending_.begin() + std::ptrdiff_t(done));
  }

 private:
  struct Copy {
    float* to;
    const float* from;
    bool valid;
    int group;
  };
  std::vector<Copy> pending_;
  int group_ = 0;
};

// d += a b for the fragments of a warp's lanes, kTerms terms: A[16, kTerms] in `words_a` words a lane, B[kTerms, 8].
// value(word, half) is one of the kPacked numbers in a word; lane 4g + c holds in word w of A row g + w % 2 * 8, terms
// from c kPacked + w / 2 (kTerms / 2) on, and in word w of B column g, the same terms.
template <int kTerms, class Value>
void multiply_fragments(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], Value value) {
  constexpr int kPacked = kTerms / 8;
  struct Fragments {
    uint32_t a[4], b[2];
  };
  GX_SHARED(Fragments, all, 1024);
  Fragments* const warp = all + emulator::place.rank / kWarp * kWarp;
  const int lane = emulator::lane(), g = lane / 4, c = lane % 4;
  std::copy(a, a + 4, warp[lane].a);
  std::copy(b, b + 2, warp[lane].b);
  __syncwarp();
  for (int e = 0; e < 4; ++e) {
    const int below = e / 2, column = 2 * c + e % 2;
    for (int k = 0; k < kTerms; ++k) {
      const int half = k / (kTerms / 2), from = k % (kTerms / 2) / kPacked, part = k % kPacked;
      d[e] += value(warp[4 * g + from].a[below + 2 * half], part) * value(warp[4 * column + from].b[half], part);
    }
  }
  __syncwarp();
}

#endif

// Factors with 10 bits behind the point: m16n8k8, a word holds one term.
struct Tf32 {
  static constexpr int kTerms = 8;  // of an instruction
  static constexpr int kBytes = 4;  // of a factor
  struct A {
    uint32_t word[4];
  };
  struct B {
    uint32_t word[2];
  };

  __device__ static uint32_t rounded(float x) {
#if defined(__CUDACC__)
    uint32_t word;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(x));
    return word;
#else
    const uint32_t bits = __float_as_uint(x);
    return std::isfinite(x) ? (bits + 0x1000u) & ~0x1FFFu : bits;
#endif
  }
  template <int N>
  __device__ static Pack<uint32_t, N> packed(const Pack<float, N>& x) {
    Pack<uint32_t, N> words;
#pragma unroll
    for (int n = 0; n < N; ++n) words.v[n] = rounded(x.v[n]);
    return words;
  }
  // Terms c and c + 4 of rows g and g + 8, and of column g.
  __device__ static A a(const float (&above)[2], const float (&below)[2]) {
    return {{rounded(above[0]), rounded(below[0]), rounded(above[1]), rounded(below[1])}};
  }
  __device__ static B b(const float (&terms)[2]) { return {{rounded(terms[0]), rounded(terms[1])}}; }

  __device__ static void multiply(float (&d)[4], const A& a, const B& b) {
#if defined(__CUDACC__)
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a.word[0]), "r"(a.word[1]), "r"(a.word[2]), "r"(a.word[3]), "r"(b.word[0]), "r"(b.word[1]));
#else
    multiply_fragments<8>(d, a.word, b.word, [](uint32_t word, int) { return __uint_as_float(word); });
#endif
  }
};

// Factors with 7 bits behind the point: m16n8k16, a word holds two terms.
struct Bf16 {
  static constexpr int kTerms = 16;
  static constexpr int kBytes = 2;
  struct A {
    uint32_t word[4];
  };
  struct B {
    uint32_t word[2];
  };

  __device__ static uint32_t rounded(float low, float high) {
#if defined(__CUDACC__)
    uint32_t word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
#else
    const auto half = [](float x) {
      const uint32_t bits = __float_as_uint(x);
      return std::isnan(x) ? 0x7FFFu : (bits + 0x7FFFu + (bits >> 16 & 1)) >> 16;
    };
    return half(low) | half(high) << 16;
#endif
  }
  template <int N>
  __device__ static auto packed(const Pack<float, N>& x) {
    if constexpr (N == 1) {
      return Pack<uint16_t, 1>{{uint16_t(rounded(x.v[0], 0))}};
    } else {
      Pack<uint32_t, N / 2> words;
#pragma unroll
      for (int n = 0; n < N / 2; ++n) words.v[n] = rounded(x.v[2 * n], x.v[2 * n + 1]);
      return words;
    }
  }
  // Terms c, c + 4, c + 8, c + 12 of rows g and g + 8, and of column g.
  __device__ static A a(const float (&above)[4], const float (&below)[4]) {
    return {{rounded(above[0], above[1]), rounded(below[0], below[1]), rounded(above[2], above[3]),
             rounded(below[2], below[3])}};
  }
  __device__ static B b(const float (&terms)[4]) {
    return {{rounded(terms[0], terms[1]), rounded(terms[2], terms[3])}};
  }

  __device__ static void multiply(float (&d)[4], const A& a, const B& b) {
#if defined(__CUDACC__)
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a.word[0]), "r"(a.word[1]), "r"(a.word[2]), "r"(a.word[3]), "r"(b.word[0]), "r"(b.word[1]));
#else
    multiply_fragments<16>(d, a.word, b.word, [](uint32_t word, int part) {
      return __uint_as_float(part ? word & 0xFFFF0000u : word << 16);
    });
#endif
  }
};

}  // namespace gx::cuda::tile

#endif  // GENERATRIX_CUDA_KERNELS_LINEAR_MMA_H_
