// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/loss/categorical_log_likelihood/generic.h"
