// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The library as a C program sees it: a machine without weights, whose log Z is known, and samples of it.

#include <generatrix/generatrix.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { VISIBLE = 20, HIDDEN = 12, ROWS = 500, WORDS = 1 };

static void must(gx_status status) {
  if (status == GX_OK) return;
  fprintf(stderr, "status %d: %s\n", (int)status, gx_last_error());
  exit(1);
}

int main(void) {
  static float W[VISIBLE][HIDDEN], b[VISIBLE], c[HIDDEN], mean[VISIBLE];
  static uint32_t bits[ROWS][WORDS];
  gx_device* device = NULL;
  must(gx_device_create_cpu(0, &device));

  gx_rbm rbm = {.visible = VISIBLE, .hidden = HIDDEN, .W = &W[0][0], .b = b, .c = c};
  double log_z = 0;
  must(gx_rbm_log_partition(device, &rbm, &log_z));
  const double want = (VISIBLE + HIDDEN) * log(2.0);
  printf("log Z %.12f, want %.12f\n", log_z, want);
  if (!(fabs(log_z - want) < 1e-9)) return 1;

  gx_states v = {.data = bits, .rows = ROWS, .units = VISIBLE, .format = GX_BITS};
  gx_chain_params chain = {.steps = 2, .beta = 1, .rng = {.seed = 1, .step = 0}, .v = &v};
  must(gx_rbm_chain(device, &rbm, &chain));
  must(gx_states_mean(device, &v, mean));
  for (int i = 0; i < VISIBLE; ++i) {
    if (!(fabs(mean[i] - 0.5) < 0.12)) {  // more than five standard deviations
      fprintf(stderr, "the mean of unit %d is %g, want about 0.5\n", i, mean[i]);
      return 1;
    }
  }
  if (gx_rbm_chain(device, NULL, &chain) != GX_INVALID_ARGUMENT || gx_last_error()[0] == 0) return 1;
  must(gx_device_destroy(device));
  printf("generatrix %s works from C\n", gx_version());
  return 0;
}
