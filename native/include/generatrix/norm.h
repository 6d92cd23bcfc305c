// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Normalisation: batch, instance, layer and weight norm and their kin, and their gradients.
#ifndef GENERATRIX_NORM_H_
#define GENERATRIX_NORM_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_NORM_H_
