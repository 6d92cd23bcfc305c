// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// All of the C ABI.
#ifndef GENERATRIX_GENERATRIX_H_
#define GENERATRIX_GENERATRIX_H_

#include "generatrix/arrays.h"
#include "generatrix/causal.h"
#include "generatrix/conv.h"
#include "generatrix/core.h"
#include "generatrix/coupling.h"
#include "generatrix/elementwise.h"
#include "generatrix/gibbs.h"
#include "generatrix/linear.h"
#include "generatrix/loss.h"
#include "generatrix/norm.h"
#include "generatrix/optim.h"
#include "generatrix/random.h"
#include "generatrix/recurrent.h"
#include "generatrix/reduce.h"
#include "generatrix/resample.h"
#include "generatrix/softmax.h"
#include "generatrix/states.h"

#endif  // GENERATRIX_GENERATRIX_H_
