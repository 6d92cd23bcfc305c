// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/loss/gaussian_kl/generic.h"
