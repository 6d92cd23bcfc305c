// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Log-likelihoods and distances, each fused into one pass, and their gradients.
#ifndef GENERATRIX_LOSS_H_
#define GENERATRIX_LOSS_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_LOSS_H_
