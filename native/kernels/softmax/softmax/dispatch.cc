// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/softmax/softmax/softmax.h"
#include "runtime/backend.h"
#include "runtime/check.h"
#include "runtime/device.h"
#include "runtime/threads.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                                   \
  namespace isa {                                                                                             \
  void op##_##variant(gx_softmax_function, const SoftmaxBlock&, const float*, float*);                        \
  void op##_backward_##variant(gx_softmax_function, const SoftmaxBlock&, const float*, const float*, float*); \
  void logsumexp_##variant(const SoftmaxBlock&, const float*, float*);                                        \
  void logsumexp_backward_##variant(const SoftmaxBlock&, const float*, const float*, const float*, float*);   \
  }
#include "kernels/softmax/softmax/kernels.inc"
#undef GX_KERNEL

namespace {

const SoftmaxVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa)  \
  {{#family "." #op, #variant, isa_of::isa}, \
   isa::op##_##variant,                      \
   isa::op##_backward_##variant,             \
   isa::logsumexp_##variant,                 \
   isa::logsumexp_backward_##variant},
#include "kernels/softmax/softmax/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kItem = 1 << 14;      // elements of a work item
constexpr int64_t kStreamed = 1 << 21;  // elements from which results go past the caches: 8 MiB
constexpr int64_t kColumns = 64;        // a multiple of which a work item takes: whole strips of every instruction set

struct Sizes {
  int64_t outer, n, inner;

  Sizes(int64_t outer, int64_t n, int64_t inner) : outer(outer), n(n), inner(inner) {
    check::at_least(outer, 0, "outer");
    check::at_least(n, 0, "n");
    check::at_least(inner, 0, "inner");
  }
  int64_t results() const { return check::product(outer, inner, "y"); }
  int64_t elements() const { return check::product(results(), n, "x"); }

  // body(block, offset of its elements, offset of its results), work items shared out.
  template <class Body>
  void each(int threads, Body&& body) const {
    if (results() == 0) return;
    const int64_t size = std::max<int64_t>(1, n);
    if (inner == 1) {
      const int64_t group = std::max<int64_t>(1, kItem / size);
      parallel_for(threads, (outer + group - 1) / group, [&](int64_t item, int) {
        const int64_t first = item * group;
        body(SoftmaxBlock{n, 1, std::min(group, outer - first), 1, outer * n >= kStreamed}, first * n, first);
      });
    } else {
      const int64_t columns = std::max<int64_t>(1, kItem / size / kColumns) * kColumns;
      const int64_t groups = (inner + columns - 1) / columns;
      parallel_for(threads, outer * groups, [&](int64_t item, int) {
        const int64_t o = item / groups, first = item % groups * columns;
        body(SoftmaxBlock{n, inner, 1, std::min(columns, inner - first), false}, o * n * inner + first,
             o * inner + first);
      });
    }
  }
};

void check_function(gx_softmax_function f) { check::in_range(check::number_in(f), 0, GX_LOG_SOFTMAX, "the function"); }

const float* floats(const void* p) { return static_cast<const float*>(p); }
const double* doubles(const void* p) { return static_cast<const double*>(p); }

}  // namespace

const SoftmaxVariant* softmax_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

}  // namespace gx

gx_status gx_softmax(gx_device* device, gx_format format, gx_softmax_function f, int64_t outer, int64_t n,
                     int64_t inner, const void* x, void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check_function(f);
    const Sizes sizes(outer, n, inner);
    const int64_t elements = sizes.elements();
    check::same_or_disjoint(check::array(y, elements, format, "y"), check::array(x, elements, format, "x"));
    if (elements == 0) return;
    if (ran_on_gpu(&Backend::gx_softmax, device, format, f, outer, n, inner, x, y)) return;
    if (format == GX_FLOAT64) {
      return reference::softmax(f, outer, n, inner, doubles(x), static_cast<double*>(y));
    }
    const SoftmaxKernel run = first_usable(kVariants).forward;
    sizes.each(device->threads, [&](const SoftmaxBlock& block, int64_t at, int64_t) {
      run(f, block, floats(x) + at, static_cast<float*>(y) + at);
    });
  });
}

gx_status gx_softmax_backward(gx_device* device, gx_format format, gx_softmax_function f, int64_t outer, int64_t n,
                              int64_t inner, const void* y, const void* dy, void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    check_function(f);
    const Sizes sizes(outer, n, inner);
    const int64_t elements = sizes.elements();
    const auto result = check::array(dx, elements, format, "dx");
    check::disjoint(result, check::array(y, elements, format, "y"));
    check::same_or_disjoint(result, check::array(dy, elements, format, "dy"));
    if (elements == 0) return;
    if (ran_on_gpu(&Backend::gx_softmax_backward, device, format, f, outer, n, inner, y, dy, dx)) return;
    if (format == GX_FLOAT64) {
      return reference::softmax_backward(f, outer, n, inner, doubles(y), doubles(dy), static_cast<double*>(dx));
    }
    const SoftmaxBackwardKernel run = first_usable(kVariants).backward;
    sizes.each(device->threads, [&](const SoftmaxBlock& block, int64_t at, int64_t) {
      run(f, block, floats(y) + at, floats(dy) + at, static_cast<float*>(dx) + at);
    });
  });
}

gx_status gx_logsumexp(gx_device* device, gx_format format, int64_t outer, int64_t n, int64_t inner, const void* x,
                       void* y) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes(outer, n, inner);
    check::disjoint(check::array(y, sizes.results(), format, "y"), check::array(x, sizes.elements(), format, "x"));
    if (ran_on_gpu(&Backend::gx_logsumexp, device, format, outer, n, inner, x, y)) return;
    if (format == GX_FLOAT64) return reference::logsumexp(outer, n, inner, doubles(x), static_cast<double*>(y));
    const LogSumExpKernel run = first_usable(kVariants).logsumexp;
    sizes.each(device->threads, [&](const SoftmaxBlock& block, int64_t at, int64_t result) {
      run(block, floats(x) + at, static_cast<float*>(y) + result);
    });
  });
}

gx_status gx_logsumexp_backward(gx_device* device, gx_format format, int64_t outer, int64_t n, int64_t inner,
                                const void* x, const void* y, const void* dy, void* dx) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const Sizes sizes(outer, n, inner);
    const auto result = check::array(dx, sizes.elements(), format, "dx");
    check::same_or_disjoint(result, check::array(x, sizes.elements(), format, "x"));
    check::disjoint(result, check::array(y, sizes.results(), format, "y"));
    check::disjoint(result, check::array(dy, sizes.results(), format, "dy"));
    if (ran_on_gpu(&Backend::gx_logsumexp_backward, device, format, outer, n, inner, x, y, dy, dx)) return;
    if (format == GX_FLOAT64) {
      return reference::logsumexp_backward(outer, n, inner, doubles(x), doubles(y), doubles(dy),
                                           static_cast<double*>(dx));
    }
    const LogSumExpBackwardKernel run = first_usable(kVariants).logsumexp_backward;
    sizes.each(device->threads, [&](const SoftmaxBlock& block, int64_t at, int64_t k) {
      run(block, floats(x) + at, floats(y) + k, floats(dy) + k, static_cast<float*>(dx) + at);
    });
  });
}
