// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// All of the C ABI.
#ifndef GENERATRIX_GENERATRIX_H_
#define GENERATRIX_GENERATRIX_H_

#include "generatrix/core.h"
#include "generatrix/gibbs.h"
#include "generatrix/random.h"
#include "generatrix/states.h"
#include "generatrix/vmath.h"

#endif  // GENERATRIX_GENERATRIX_H_
