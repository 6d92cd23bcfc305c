// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sums, means and extremes over axes.
#ifndef GENERATRIX_REDUCE_H_
#define GENERATRIX_REDUCE_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_REDUCE_H_
