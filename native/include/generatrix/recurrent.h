// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Steps of recurrent cells, and their gradients.
#ifndef GENERATRIX_RECURRENT_H_
#define GENERATRIX_RECURRENT_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_RECURRENT_H_
