// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0

#include "runtime/isa.h"

#include <cpuid.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace gx {
namespace {

const char* const kNames[] = {"baseline (x86-64-v2)", "v3 (AVX2, FMA)", "v4 (AVX-512)"};

uint64_t enabled_register_state() {  // xgetbv(0): what the operating system saves on a context switch
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

// What the CPU and the operating system offer. libgcc's own test would do, but not under an emulator's reduced models,
// where cpuid leaves are all there is to go by.
gx_isa offered() {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return GX_ISA_BASELINE;
  const bool osxsave = c & bit_OSXSAVE, avx = c & bit_AVX, fma = c & bit_FMA, f16c = c & bit_F16C,
             movbe = c & bit_MOVBE;
  if (!osxsave || !avx || !fma || !f16c || !movbe) return GX_ISA_BASELINE;
  const uint64_t state = enabled_register_state();
  if ((state & 0x6) != 0x6) return GX_ISA_BASELINE;  // xmm, ymm
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return GX_ISA_BASELINE;
  unsigned ea, eb, ec, ed;
  if (!__get_cpuid(0x80000001, &ea, &eb, &ec, &ed) || !(ec & bit_LZCNT)) return GX_ISA_BASELINE;
  if (!(b & bit_AVX2) || !(b & bit_BMI) || !(b & bit_BMI2)) return GX_ISA_BASELINE;
  const unsigned avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
  if ((b & avx512) != avx512 || (state & 0xe6) != 0xe6) return GX_ISA_V3;  // opmask, upper zmm
  return GX_ISA_V4;
}

struct Choice {
  gx_isa isa;
  char reason[160];

  Choice() {
    const gx_isa best = offered();
    isa = best;
    const char* cap = std::getenv("GENERATRIX_ISA");
    if (!cap || !*cap) {
      std::snprintf(reason, sizeof reason, "%s is the best the CPU and the operating system offer", kNames[best]);
      return;
    }
    const gx_isa wanted = !std::strcmp(cap, "baseline") ? GX_ISA_BASELINE
                          : !std::strcmp(cap, "v3")     ? GX_ISA_V3
                                                        : GX_ISA_V4;
    if (wanted == GX_ISA_V4 && std::strcmp(cap, "v4")) {
      std::snprintf(reason, sizeof reason, "%s: GENERATRIX_ISA must be baseline, v3 or v4, got '%.40s', and is ignored",
                    kNames[best], cap);
    } else if (wanted < best) {
      isa = wanted;
      std::snprintf(reason, sizeof reason, "GENERATRIX_ISA=%s caps it below %s, which the machine offers", cap,
                    kNames[best]);
    } else {
      std::snprintf(reason, sizeof reason, "%s is the best the machine offers, within GENERATRIX_ISA=%s", kNames[best],
                    cap);
    }
  }
};

const Choice& choice() {
  static const Choice chosen;
  return chosen;
}

}  // namespace
}  // namespace gx

gx_isa gx_cpu_isa(void) { return gx::choice().isa; }
const char* gx_cpu_isa_reason(void) { return gx::choice().reason; }
