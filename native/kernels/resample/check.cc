// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/resample/check.h"

#include "kernels/resample/separable/separable.h"
#include "runtime/check.h"

namespace gx {

void check::picture_size(int64_t size, const char* name) {
  if (size < 1 || size > int64_t(1) << 30) {
    fail(GX_INVALID_ARGUMENT, "%s must be in [1, 2^30], got %lld", name, (long long)size);
  }
}

int64_t check::elements(std::initializer_list<int64_t> sizes, const char* name) {
  int64_t count = 1;
  for (int64_t size : sizes) count = product(count, size, name);
  return count;
}

void SeparableMaps::run(gx_device& device, int64_t planes, int64_t summed, int64_t copies, const void* from,
                        void* to) const {
  constexpr int64_t kStreamed = 1 << 21;  // elements of a result that is not to be found in a cache anyway
  Separable s = {rows_.taps(), columns_.taps(), planes, summed, copies, false};
  s.streamed = planes * copies * s.rows.out * s.columns.out >= kStreamed && s.columns.out % 16 == 0 &&
               reinterpret_cast<uintptr_t>(to) % 64 == 0;
  run_separable(device, s, static_cast<const float*>(from), static_cast<float*>(to));
}

}  // namespace gx
