// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Optimiser steps, each one call over all parameters of a model.
#ifndef GENERATRIX_OPTIM_H_
#define GENERATRIX_OPTIM_H_

#include "generatrix/core.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_OPTIM_H_
