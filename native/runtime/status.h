// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// How a C entry fails: internal code throws Error, the entry's guarded() turns it into a status and a sentence.
#ifndef GENERATRIX_RUNTIME_STATUS_H_
#define GENERATRIX_RUNTIME_STATUS_H_

#include <exception>
#include <new>
#include <string>

#include "generatrix/core.h"

namespace gx {

struct Error {
  gx_status status;
  std::string message;
};

// printf-style; the sentence carries the expected and the actual value.
[[noreturn]] void fail(gx_status status, const char* format, ...) __attribute__((format(printf, 2, 3)));

void set_last_error(const char* message) noexcept;

// Runs the body of a C entry. Nothing leaves it but a status.
template <class Body>
gx_status guarded(Body&& body) noexcept {
  try {
    body();
    return GX_OK;
  } catch (const Error& e) {
    set_last_error(e.message.c_str());
    return e.status;
  } catch (const std::bad_alloc&) {
    set_last_error("the machine has no memory left for the library's own bookkeeping");
    return GX_OUT_OF_MEMORY;
  } catch (const std::exception& e) {
    set_last_error(e.what());
    return GX_INTERNAL;
  }
}

}  // namespace gx

#endif  // GENERATRIX_RUNTIME_STATUS_H_
