// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is summed over a set, what comes of the sums, and what is written, for every norm of norm.h:
//
//   forward   sums of x - shift and its square, shift being the set's first element; then
//             y = f(((x - mean) scale + offset) gamma + beta)
//   backward  sums of h and h (x - mean), h = dy where the activation let it pass, times the element's gamma in layer
//             norm; then dx = k1 h + k2 (x - mean) + k3
//
// Elements are computed in their own type, what concerns a set in double, by one thread of those that have it.
#ifndef GENERATRIX_CUDA_KERNELS_NORM_PASSES_H_
#define GENERATRIX_CUDA_KERNELS_NORM_PASSES_H_

#include "kernels/norm/operand.h"
#include "kernels/norm/sets.h"

namespace gx::cuda::norm {

__device__ inline float fused(float a, float b, float c) { return fmaf(a, b, c); }
__device__ inline double fused(double a, double b, double c) { return fma(a, b, c); }

// 16 bytes at once, said outright: nvcc 13.0 made four stores of 4 bytes of it. Nothing of these kernels reads what it
// writes, so that loads may pass it.
template <int N, class T>
__device__ inline void store(T* to, const Pack<T, N>& v) {
#if GX_ON_DEVICE
  if constexpr (N == 4) {
    asm volatile("st.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(to), "f"(v.v[0]), "f"(v.v[1]), "f"(v.v[2]), "f"(v.v[3]));
    return;
  }
  if constexpr (N == 2) {
    asm volatile("st.v2.f64 [%0], {%1, %2};" ::"l"(to), "d"(v.v[0]), "d"(v.v[1]));
    return;
  }
#endif
  *reinterpret_cast<Pack<T, N>*>(to) = v;
}

// (x - mean) scale + offset, made from doubles: the offset takes what the rounding of the mean leaves, so that a mean
// far from 0 costs no accuracy.
template <class T>
struct Standard {
  Standard() = default;
  __device__ Standard(double exact_mean, double of_x, double constant)
      : mean(T(exact_mean)), scale(T(of_x)), offset(T(constant - (exact_mean - double(mean)) * of_x)) {}
  __device__ T operator()(T x) const { return fused(x - mean, scale, offset); }
  T mean, scale, offset;
};

// Factors and offsets of channels, or of every element of a set; what follows.
template <class T>
struct Factors {
  const T* gamma = nullptr;  // NULL: 1
  const T* beta = nullptr;   // NULL: 0
  int64_t relu = 0;
  int64_t groups = 1;     // set i, slice j: channel (i mod groups) per_group + j
  int64_t per_group = 1;  // slices of a set

  __device__ int64_t channel(int64_t set, const Spot& spot) const { return set % groups * per_group + spot.slice; }
  __device__ T factor(int64_t i) const { return gamma ? gamma[i] : T(1); }
  __device__ T offset(int64_t i) const { return beta ? beta[i] : T(0); }
};

// --- Forward
// ----------------------------------------------------------------------------------------------------------

template <class T>
struct Forward {
  enum Kind : int64_t {
    kNorm,    // statistics: mean, rstd
    kRenorm,  // mean, rstd, r, d
    kLive,    // mean, rstd of a set with its share of the reference batch
    kWeight,  // statistics: the norm alone
    kStyle    // mean, sigma
  };
  Kind kind = kNorm;
  double count = 1, epsilon = 0, momentum = 0, r_max = 1, d_max = 0, w = 0;
  double* statistics = nullptr;  // [rows][step], the set's at its index
  int64_t step = 0;
  T *running_mean = nullptr, *running_var = nullptr;
  double* variance = nullptr;                                // [sets], if it is wanted
  const double *scale = nullptr, *offset = nullptr;          // [sets]: x^ scale + offset
  const double *other_mean = nullptr, *other_var = nullptr;  // [channels], the reference batch's
  const T* g = nullptr;
  int64_t channels = 1;

  __device__ void save(int row, int64_t set, double value) const { statistics[row * step + set] = value; }

  // By one thread for each set.
  __device__ Standard<T> operator()(int64_t set, double shift, const double (&sums)[2]) const {
    if (kind == kWeight) {
      const double norm = sqrt(sums[1]);
      save(0, set, norm);
      return Standard<T>(0, double(g[set]) / norm, 0);
    }
    const double off = sums[0] / count, spread = sums[1] / count - off * off;
    double mean = shift + off, var = spread < 0 ? 0 : spread;  // NaN stays
    if (kind == kStyle) {
      save(0, set, mean);
      save(1, set, sqrt(var + epsilon));
      return Standard<T>(0, 0, 0);
    }
    if (kind == kLive) {
      const int64_t c = set % channels;
      const double apart = mean - other_mean[c];
      var = w * var + (1 - w) * other_var[c] + w * (1 - w) * apart * apart;
      mean = other_mean[c] + w * apart;
    }
    const double rstd = rstd_of(var, epsilon);
    save(0, set, mean);
    save(1, set, rstd);
    if (variance) variance[set] = var;
    if (kind == kRenorm) {
      const double running_rstd = rstd_of(double(running_var[set]), epsilon);
      const double r = clip(running_rstd / rstd, 1 / r_max, r_max);
      const double d = clip((mean - double(running_mean[set])) * running_rstd, -d_max, d_max);
      save(2, set, r);
      save(3, set, d);
      move(set, mean, var);
      return Standard<T>(mean, rstd * r, d);
    }
    if (running_mean) move(set, mean, count / (count - 1) * var);
    return Standard<T>(mean, scale ? rstd * scale[set] : rstd, offset ? offset[set] : 0);
  }

 private:
  __device__ static double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }
  __device__ void move(int64_t set, double mean, double var) const {
    running_mean[set] = T(double(running_mean[set]) + momentum * (mean - double(running_mean[set])));
    running_var[set] = T(double(running_var[set]) + momentum * (var - double(running_var[set])));
  }
};

template <class T, bool kOfElements>
struct ForwardPass {
  using Element = T;
  using Ready = Standard<T>;
  static constexpr bool kPerElement = kOfElements;
  static constexpr int kPer = kHeld<T>;
  template <int N>
  using Piece = Pack<T, N>;
  struct Context {
    double shift;
  };

  const T* x;
  T* y;  // or NULL
  Forward<T> forward;
  Factors<T> factors;

  bool aligned() const {
    return cuda::aligned(x) && cuda::aligned(y) &&
           (!kPerElement || (cuda::aligned(factors.gamma) && cuda::aligned(factors.beta)));
  }
  GX_HOST_DEVICE bool writes() const { return y != nullptr; }

  template <int N>
  __device__ Piece<N> load(int64_t at) const {
    return *reinterpret_cast<const Pack<T, N>*>(x + at);
  }
  __device__ Context context(int64_t, int64_t base) const {
    return {forward.kind == Forward<T>::kWeight ? 0 : double(x[base])};
  }
  template <int N>
  __device__ void sum(const Context& c, const Spot&, const Piece<N>& piece, double (&sums)[2]) const {
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const double d = double(piece.v[k]) - c.shift;
      sums[0] += d;
      sums[1] += d * d;
    }
  }
  __device__ Ready finish(int64_t set, const Context& c, const double (&sums)[2]) const {
    return forward(set, c.shift, sums);
  }
  template <int N>
  __device__ void apply(int64_t set, const Spot& spot, const Ready& ready, const Piece<N>& piece, int64_t at) const {
    Pack<T, N> gamma, beta, result;
    if (kPerElement) {
      const Pack<T, N>*const g = reinterpret_cast<const Pack<T, N>*>(factors.gamma + spot.element),
                             *const b = reinterpret_cast<const Pack<T, N>*>(factors.beta + spot.element);
      if (factors.gamma) gamma = *g;
      if (factors.beta) beta = *b;
#pragma unroll
      for (int k = 0; k < N; ++k) {
        if (!factors.gamma) gamma.v[k] = T(1);
        if (!factors.beta) beta.v[k] = T(0);
      }
    } else {
      const int64_t c = factors.channel(set, spot);
      const T g = factors.factor(c), b = factors.offset(c);
#pragma unroll
      for (int k = 0; k < N; ++k) gamma.v[k] = g, beta.v[k] = b;
    }
    const T least = factors.relu ? T(0) : T(-INFINITY);  // a branch would break the store into four
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const T v = fused(ready(piece.v[k]), gamma.v[k], beta.v[k]);
      result.v[k] = v < least ? least : v;
    }
    store(y + at, result);
  }
};

// --- Backward
// ---------------------------------------------------------------------------------------------------------

// dx = k1 h + k2 (x - mean) + k3, with the set's own map of forward for an activation's gate.
template <class T>
struct Pullback {
  Pullback() = default;
  __device__ Pullback(const Standard<T>& map, double exact_mean, double of_dy, double of_x, double constant)
      : standard(map), k1(T(of_dy)), k2(T(of_x)), k3(T(constant - (exact_mean - double(map.mean)) * of_x)) {}
  Standard<T> standard;
  T k1, k2, k3;
};

template <class T>
struct Backward {
  enum Kind : int64_t {
    kNorm,       // a set's own mean and variance
    kConstant,   // running statistics
    kWeight,     // rstd: the norms
    kLive,       // of a set that has the share w in its statistics
    kReference,  // the reference batch, to which the others' gradients are added
    kSums        // sums alone
  };
  Kind kind = kNorm;
  const double *mean = nullptr, *rstd = nullptr;  // [sets / per_set]
  int64_t per_set = 1;
  const double *scale = nullptr, *moved = nullptr;  // [sets]: y = (x^ scale + moved) gamma + beta; NULL: 1, 0
  const double* others = nullptr;                   // [4][channels]: to k2, k3, dgamma, dbeta
  double count = 1, w = 0;
  double* sums = nullptr;  // [sets][2], if they are wanted
  T *dgamma = nullptr, *dbeta = nullptr;

  __device__ double mean_of(int64_t set) const { return mean ? mean[set / per_set] : 0; }
  __device__ Standard<T> standard(int64_t set) const {
    const double s = scale ? scale[set] : 1;
    return Standard<T>(mean_of(set), mean ? rstd[set / per_set] * s : 1, moved ? moved[set] : 0);
  }

  // By one thread for each set. gamma: of the set, or 1.
  __device__ Pullback<T> operator()(int64_t set, int64_t sets, double gamma, const double (&of)[2]) const {
    const double s = of[0], q = of[1], m = mean_of(set), r = rstd[set / per_set], extra = scale ? scale[set] : 1;
    if (sums) sums[2 * set] = s, sums[2 * set + 1] = q;
    if (kind == kWeight) {
      const double by = gamma / r;
      put(dgamma, set, q / r);
      return {standard(set), 0, by, -by * q / (r * r), 0};
    }
    Coefficients k(gamma * extra, r, s, q, int64_t(count));
    double of_gamma = q * r * extra + (moved ? s * moved[set] : 0), of_beta = s;
    if (kind == kConstant) k.k2 = k.k3 = 0;
    if (kind == kLive) k.k2 *= w, k.k3 *= w;
    if (kind == kReference) {
      k.k2 += others[set] / count;
      k.k3 += others[sets + set] / count;
      of_gamma += others[2 * sets + set];
      of_beta += others[3 * sets + set];
    }
    put(dgamma, set, of_gamma);
    put(dbeta, set, of_beta);
    return {standard(set), m, k.k1, k.k2, k.k3};
  }
};

template <class T, bool kOfElements>
struct BackwardPass {
  using Element = T;
  using Ready = Pullback<T>;
  static constexpr bool kPerElement = kOfElements;
  static constexpr int kPer = kHeld<T> / 2;
  template <int N>
  struct Piece {
    Pack<T, N> x, dy;
  };
  struct Context {
    double mean;
    Standard<T> standard;
    T gamma, beta;
  };

  const T *x, *dy;
  T* dx;  // or NULL
  int64_t sets;
  Backward<T> backward;
  Factors<T> factors;  // per element, or one of a set

  bool aligned() const {
    return cuda::aligned(x) && cuda::aligned(dy) && cuda::aligned(dx) && (!kPerElement || cuda::aligned(factors.gamma));
  }
  GX_HOST_DEVICE bool writes() const { return dx != nullptr; }

  template <int N>
  __device__ Piece<N> load(int64_t at) const {
    return {*reinterpret_cast<const Pack<T, N>*>(x + at), *reinterpret_cast<const Pack<T, N>*>(dy + at)};
  }
  __device__ Context context(int64_t set, int64_t) const {
    const int64_t c = factors.channel(set, {0, 0});
    return {backward.mean_of(set), backward.standard(set), kPerElement ? T(1) : factors.factor(c),
            kPerElement ? T(0) : factors.offset(c)};
  }
  template <int N>
  __device__ void sum(const Context& c, const Spot& spot, const Piece<N>& piece, double (&sums)[2]) const {
    const Pack<T, N> g = gammas<N>(spot);
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const double h = kPerElement ? double(g.v[k]) * double(piece.dy.v[k])
                                   : double(passed(c.standard, c.gamma, c.beta, piece.x.v[k], piece.dy.v[k]));
      sums[0] += h;
      sums[1] += h * (double(piece.x.v[k]) - c.mean);
    }
  }
  __device__ Ready finish(int64_t set, const Context& c, const double (&sums)[2]) const {
    return backward(set, sets, double(c.gamma), sums);
  }
  template <int N>
  __device__ void apply(int64_t set, const Spot& spot, const Ready& f, const Piece<N>& piece, int64_t at) const {
    const Pack<T, N> g = gammas<N>(spot);
    T gamma = 1, beta = 0;
    if (!kPerElement && factors.relu) {
      const int64_t c = factors.channel(set, {0, 0});
      gamma = factors.factor(c);
      beta = factors.offset(c);
    }
    Pack<T, N> result;
#pragma unroll
    for (int k = 0; k < N; ++k) {
      const T x_k = piece.x.v[k];
      const T h = kPerElement ? g.v[k] * piece.dy.v[k] : passed(f.standard, gamma, beta, x_k, piece.dy.v[k]);
      result.v[k] = fused(f.k1, h, fused(f.k2, x_k - f.standard.mean, f.k3));
    }
    store(dx + at, result);
  }

 private:
  template <int N>
  __device__ Pack<T, N> gammas(const Spot& spot) const {
    Pack<T, N> g = {};
    if (!kPerElement) return g;
    if (factors.gamma) return *reinterpret_cast<const Pack<T, N>*>(factors.gamma + spot.element);
#pragma unroll
    for (int k = 0; k < N; ++k) g.v[k] = T(1);
    return g;
  }
  // dy where the activation let it pass: the same numbers as in forward. NaN stays.
  __device__ T passed(const Standard<T>& standard, T gamma, T beta, T x_k, T dy_k) const {
    const T y = fused(standard(x_k), gamma, beta), cut = y != y ? y : T(0);
    return y > T(0) || !factors.relu ? dy_k : cut;
  }
};

// sets.cu has the kernels of these.
#define GX_PASSES(GX_PASS)             \
  GX_PASS(ForwardPass, float, false)   \
  GX_PASS(ForwardPass, float, true)    \
  GX_PASS(ForwardPass, double, false)  \
  GX_PASS(ForwardPass, double, true)   \
  GX_PASS(BackwardPass, float, false)  \
  GX_PASS(BackwardPass, float, true)   \
  GX_PASS(BackwardPass, double, false) \
  GX_PASS(BackwardPass, double, true)
#define GX_PASS(pass, type, of_elements)                                                                               \
  extern template void run<pass<type, of_elements>>(gx_device*, const Sets&, int64_t, const pass<type, of_elements>&); \
  extern template void write_flat<pass<type, of_elements>>(                                                            \
      Gpu&, int64_t, int64_t, int64_t, const pass<type, of_elements>::Ready*, const pass<type, of_elements>&);
GX_PASSES(GX_PASS)
#undef GX_PASS

}  // namespace gx::cuda::norm

#endif  // GENERATRIX_CUDA_KERNELS_NORM_PASSES_H_
