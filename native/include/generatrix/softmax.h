// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Log-sum-exp, softmax and log-softmax over one axis, and their gradients.
#ifndef GENERATRIX_SOFTMAX_H_
#define GENERATRIX_SOFTMAX_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_SOFTMAX_H_
