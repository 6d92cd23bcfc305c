// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/arrays/copy_strided/generic.h"
