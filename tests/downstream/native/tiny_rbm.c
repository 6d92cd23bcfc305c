// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Learns a distribution of two patterns over six units with CD-1 and checks that it got likelier.
#include <generatrix/generatrix.h>
#include <math.h>
#include <stdio.h>

enum { VISIBLE = 6, HIDDEN = 4, ROWS = 64, STEPS = 400 };

static int failed(gx_status status, const char* what) {
  if (status != GX_OK) fprintf(stderr, "%s: %s\n", what, gx_last_error());
  return status != GX_OK;
}

typedef struct {
  float W[VISIBLE * HIDDEN], b[VISIBLE], c[HIDDEN];
} Parameters;

// Mean log-likelihood of v: -F(v) - log Z, exact.
static gx_status mean_log_likelihood(gx_device* device, const gx_rbm* rbm, const gx_states* v, double* mean) {
  double free_energy[ROWS], log_z;
  gx_status status = gx_rbm_free_energy(device, rbm, v, 1.0f, NULL, free_energy);
  if (status != GX_OK) return status;
  status = gx_rbm_log_partition(device, rbm, &log_z);
  *mean = -log_z;
  for (int r = 0; r < ROWS; ++r) *mean -= free_energy[r] / ROWS;
  return status;
}

static gx_status train(gx_device* device, const gx_rbm* rbm, Parameters* p, const gx_states* data) {
  static Parameters gradient, velocity;
  static float chain_data[ROWS * VISIBLE], data_h[ROWS * HIDDEN], model_h[ROWS * HIDDEN];
  const gx_states chain = {chain_data, ROWS, VISIBLE, GX_FLOAT32};
  for (uint64_t step = 0; step < STEPS; ++step) {
    const gx_rng rng = {1, step};
    const gx_layer_sample_params hidden = {.target = GX_HIDDEN, .given = data, .beta = 1, .rng = rng, .p = data_h};
    gx_status status = gx_rbm_layer_sample(device, rbm, &hidden);
    if (status != GX_OK) return status;

    status = gx_states_convert(device, data, 0, &chain);
    if (status != GX_OK) return status;
    const gx_chain_params walk = {.steps = 1, .beta = 1, .rng = rng, .v = &chain, .p_h = model_h};
    status = gx_rbm_chain(device, rbm, &walk);
    if (status != GX_OK) return status;

    const gx_gradient_params statistics = {.data_v = data,
                                           .data_h = data_h,
                                           .model_v = &chain,
                                           .model_h = model_h,
                                           .dW = gradient.W,
                                           .db = gradient.b,
                                           .dc = gradient.c};
    status = gx_rbm_gradient(device, rbm, &statistics);
    if (status != GX_OK) return status;
    const gx_update_params update = {.visible = VISIBLE,
                                     .hidden = HIDDEN,
                                     .W = p->W,
                                     .b = p->b,
                                     .c = p->c,
                                     .sW = velocity.W,
                                     .sb = velocity.b,
                                     .sc = velocity.c,
                                     .dW = gradient.W,
                                     .db = gradient.b,
                                     .dc = gradient.c,
                                     .rate = 0.1f,
                                     .momentum = 0.5f};
    status = gx_rbm_update(device, &update);
    if (status != GX_OK) return status;
  }
  return GX_OK;
}

int main(void) {
  gx_device* device = NULL;
  if (failed(gx_device_create_cpu(0, &device), "device")) return 1;

  uint32_t rows[ROWS];  // 111000 and 000111, a word each
  for (int r = 0; r < ROWS; ++r) rows[r] = r % 2 ? 0x07 : 0x38;
  const gx_states data = {rows, ROWS, VISIBLE, GX_BITS};

  Parameters p = {0};
  if (failed(gx_random_normal(device, GX_FLOAT32, (gx_rng){2, 0}, 0, 0.1f, VISIBLE, HIDDEN, p.W), "start")) return 1;
  const gx_rbm rbm = {.visible = VISIBLE, .hidden = HIDDEN, .W = p.W, .b = p.b, .c = p.c};

  double before, after;
  if (failed(mean_log_likelihood(device, &rbm, &data, &before), "before")) return 1;
  if (failed(train(device, &rbm, &p, &data), "training")) return 1;
  if (failed(mean_log_likelihood(device, &rbm, &data, &after), "after")) return 1;
  printf("generatrix %s from C: mean log-likelihood %.3f -> %.3f, best %.3f\n", gx_version(), before, after, -log(2.0));
  if (!(after > -1.5 && after < -0.69)) {
    fprintf(stderr, "expected a mean log-likelihood in (-1.5, -0.69), got %f\n", after);
    return 1;
  }
  return failed(gx_device_destroy(device), "destroy");
}
