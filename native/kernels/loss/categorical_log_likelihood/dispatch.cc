// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/loss/categorical_log_likelihood/categorical_log_likelihood.h"
#include "kernels/loss/rows.h"
#include "runtime/backend.h"
#include "runtime/check.h"

namespace gx {

#define GX_KERNEL(family, op, variant, isa)                                                        \
  namespace isa {                                                                                  \
  double op##_##variant(const CategoricalLogLikelihood<float>&, int64_t, int64_t, int64_t);        \
  void op##_backward_##variant(const CategoricalLogLikelihood<float>&, int64_t, int64_t, int64_t); \
  }
#include "kernels/loss/categorical_log_likelihood/kernels.inc"
#undef GX_KERNEL

namespace {

const CategoricalLogLikelihoodVariant kVariants[] = {
#define GX_KERNEL(family, op, variant, isa) \
  {{#family "." #op, #variant, isa_of::isa}, isa::op##_##variant, isa::op##_backward_##variant},
#include "kernels/loss/categorical_log_likelihood/kernels.inc"
#undef GX_KERNEL
};

constexpr int64_t kClassesOfItem = 1 << 13;

// Whole rows, several of them to a work item.
template <class Body>
void each_row(gx_device& device, int64_t rows, int64_t classes, Body&& body) {
  const int64_t most = kClassesOfItem / classes + 1;
  parallel_for(device.threads, (rows + most - 1) / most, [&](int64_t item, int) {
    for (int64_t r = item * most; r < rows && r < (item + 1) * most; ++r) body(r);
  });
}

check::Range check_labels(const int64_t* labels, const void* probabilities, int64_t rows, int64_t classes) {
  check::at_least(rows, 0, "rows");
  check::at_least(classes, 1, "classes");
  const check::Range range = {labels, check::product(rows, 8, "labels"), "labels"};
  if (rows == 0) return range;
  if (!labels == !probabilities) {
    fail(GX_INVALID_ARGUMENT, "exactly one of labels and probabilities must be given, got %s",
         labels ? "both" : "neither");
  }
  if (reinterpret_cast<uintptr_t>(labels) % 8 != 0) {
    fail(GX_INVALID_ARGUMENT, "labels must be aligned to 8 bytes, got %p", static_cast<const void*>(labels));
  }
  for (int64_t r = 0; labels && r < rows; ++r) {
    if (labels[r] < 0 || labels[r] >= classes) {
      fail(GX_INVALID_ARGUMENT, "labels must be between 0 and %lld, got %lld in row %lld", (long long)classes - 1,
           (long long)labels[r], (long long)r);
    }
  }
  return range;
}

}  // namespace

const CategoricalLogLikelihoodVariant* categorical_log_likelihood_variants(int* count) {
  *count = int(sizeof kVariants / sizeof kVariants[0]);
  return kVariants;
}

void categorical_log_likelihood(const CategoricalLogLikelihoodVariant& variant, gx_device& device,
                                const CategoricalLogLikelihood<float>& a) {
  each_row(device, a.rows, a.units, [&](int64_t r) { a.out[r] = float(variant.forward(a, r, 0, a.units)); });
}

void categorical_log_likelihood_backward(const CategoricalLogLikelihoodVariant& variant, gx_device& device,
                                         const CategoricalLogLikelihood<float>& a) {
  each_row(device, a.rows, a.units, [&](int64_t r) { variant.backward(a, r, 0, a.units); });
}

}  // namespace gx

gx_status gx_categorical_log_likelihood(gx_device* device, gx_format format, int64_t rows, int64_t classes,
                                        const void* logits, const int64_t* labels, const void* probabilities,
                                        void* out) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const check::Range targets = check_labels(labels, probabilities, rows, classes);
    const int64_t size = check::product(rows, classes, "logits");
    check::disjoint({check::array(out, rows, format, "out")},
                    {check::array(logits, size, format, "logits"), targets,
                     check::optional_array(probabilities, size, format, "probabilities")});
    if (ran_on_gpu(&Backend::gx_categorical_log_likelihood, device, format, rows, classes, logits, labels,
                   probabilities, out))
      return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      CategoricalLogLikelihood<T> a = {};
      a.rows = rows, a.units = classes, a.labels = labels;
      a.logits = static_cast<const T*>(logits), a.probabilities = static_cast<const T*>(probabilities);
      a.out = static_cast<T*>(out);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::categorical_log_likelihood(a);
      } else {
        categorical_log_likelihood(first_usable(kVariants), *device, a);
      }
    });
  });
}

gx_status gx_categorical_log_likelihood_backward(gx_device* device, gx_format format, int64_t rows, int64_t classes,
                                                 const void* logits, const int64_t* labels, const void* probabilities,
                                                 const void* dy, void* dlogits, void* dprobabilities) {
  return gx::guarded([&] {
    using namespace gx;
    checked(device);
    const check::Range targets = check_labels(labels, probabilities, rows, classes);
    const int64_t size = check::product(rows, classes, "logits");
    check::disjoint(
        {check::optional_array(dlogits, size, format, "dlogits"),
         check::optional_array(dprobabilities, size, format, "dprobabilities")},
        {check::array(logits, size, format, "logits"), targets,
         check::optional_array(probabilities, size, format, "probabilities"), check::array(dy, rows, format, "dy")});
    if (dprobabilities && labels) {
      fail(GX_INVALID_ARGUMENT, "dprobabilities must be null where the targets are labels, got %p", dprobabilities);
    }
    if (ran_on_gpu(&Backend::gx_categorical_log_likelihood_backward, device, format, rows, classes, logits, labels,
                   probabilities, dy, dlogits, dprobabilities))
      return;
    with_real(format, [&](auto t) {
      using T = decltype(t);
      CategoricalLogLikelihood<T> a = {};
      a.rows = rows, a.units = classes, a.labels = labels;
      a.logits = static_cast<const T*>(logits), a.probabilities = static_cast<const T*>(probabilities);
      a.dy = static_cast<const T*>(dy);
      a.dlogits = static_cast<T*>(dlogits), a.dprobabilities = static_cast<T*>(dprobabilities);
      if constexpr (sizeof(T) == sizeof(double)) {
        reference::categorical_log_likelihood_backward(a);
      } else {
        categorical_log_likelihood_backward(first_usable(kVariants), *device, a);
      }
    });
  });
}
