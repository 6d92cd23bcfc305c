// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conv/direct/depthwise.h"
#include "kernels/conv/direct/few_outputs.h"
