// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/loss/gaussian_mixture_log_density/generic.h"
