// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/coupling/base_log_density/generic.h"
