// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the cells share in front of their kernels.
#ifndef GENERATRIX_KERNELS_RECURRENT_OPERAND_H_
#define GENERATRIX_KERNELS_RECURRENT_OPERAND_H_

#include <cstdint>

namespace gx {

// p moved on; what is not there stays null.
template <class T>
T* from(T* p, int64_t offset) {
  return p ? p + offset : nullptr;
}

}  // namespace gx

#endif  // GENERATRIX_KERNELS_RECURRENT_OPERAND_H_
