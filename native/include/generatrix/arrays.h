// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arrays as such: copies along strides (permutation, slices, broadcasting), gathering, conversion.
#ifndef GENERATRIX_ARRAYS_H_
#define GENERATRIX_ARRAYS_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_ARRAYS_H_
