// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The devices of the run, for tests beside the cases.
#ifndef GENERATRIX_TESTS_CONFORMANCE_GPU_H_
#define GENERATRIX_TESTS_CONFORMANCE_GPU_H_

#include "generatrix/core.h"

namespace gx::test {

gx_device* gpu();
gx_device* cpu();

}  // namespace gx::test

#endif  // GENERATRIX_TESTS_CONFORMANCE_GPU_H_
