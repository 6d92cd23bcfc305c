// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#undef GX_ISA
#define GX_ISA x86_v4::unfused  // compiled without contraction: see random/doubles.h
#include "kernels/random/exponential/generic.h"
