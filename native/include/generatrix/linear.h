// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Dense matrix products and layers.
#ifndef GENERATRIX_LINEAR_H_
#define GENERATRIX_LINEAR_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_LINEAR_H_
