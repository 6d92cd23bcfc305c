// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The C entry of the generator itself.

#include "runtime/philox.h"

#include "generatrix/random.h"
#include "runtime/check.h"

gx_status gx_philox4x32_10(const uint32_t* key, const uint32_t* counter, uint32_t* out) {
  return gx::guarded([&] {
    gx::check::not_null(key, "key");
    gx::check::not_null(counter, "counter");
    gx::check::not_null(out, "out");
    uint32_t words[4];  // so that out may be counter
    gx::philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1], words);
    for (int i = 0; i < 4; ++i) out[i] = words[i];
  });
}
