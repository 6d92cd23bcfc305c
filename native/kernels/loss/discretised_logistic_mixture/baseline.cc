// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/loss/discretised_logistic_mixture/generic.h"
