// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions of one, two or three arrays, element by element, and their gradients.
#ifndef GENERATRIX_ELEMENTWISE_H_
#define GENERATRIX_ELEMENTWISE_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_ELEMENTWISE_H_
