// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
#ifndef GENERATRIX_CAUSAL_H_
#define GENERATRIX_CAUSAL_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_CAUSAL_H_
