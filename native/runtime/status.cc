// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "runtime/status.h"

#include <cstdarg>
#include <cstdio>

namespace gx {
namespace {
// A plain array, so that reporting a failure never needs memory.
thread_local char last_error[512] = "";
}  // namespace

void set_last_error(const char* message) noexcept { std::snprintf(last_error, sizeof last_error, "%s", message); }

void fail(gx_status status, const char* format, ...) {
  char sentence[512];
  va_list args;
  va_start(args, format);
  std::vsnprintf(sentence, sizeof sentence, format, args);
  va_end(args);
  throw Error{status, sentence};
}

}  // namespace gx

const char* gx_last_error(void) { return gx::last_error; }
const char* gx_version(void) { return GX_VERSION; }
