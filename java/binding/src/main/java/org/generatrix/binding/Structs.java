// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.gx_ais_params;
import org.generatrix.binding.abi.gx_chain_params;
import org.generatrix.binding.abi.gx_gradient_params;
import org.generatrix.binding.abi.gx_layer_sample_params;
import org.generatrix.binding.abi.gx_rbm;
import org.generatrix.binding.abi.gx_rng;
import org.generatrix.binding.abi.gx_states;
import org.generatrix.binding.abi.gx_tempering_params;
import org.generatrix.binding.abi.gx_update_params;

/**
 * The structs of the C ABI, each with one method that fills every field. Addresses are native, 0 =
 * NULL.
 */
final class Structs {
  private static final int RNG_SEED = Struct.at(gx_rng.class, "seed");
  private static final int RNG_STEP = Struct.at(gx_rng.class, "step");

  private Structs() {}

  private static void putRng(Struct<?> struct, int at, Rng rng) {
    struct.fields.putLong(at + RNG_SEED, rng.seed());
    struct.fields.putLong(at + RNG_STEP, rng.step());
  }

  static final class RngStruct extends Struct<gx_rng> {
    RngStruct() {
      super(gx_rng.class, gx_rng::new);
    }

    gx_rng fill(Rng rng) {
      putRng(this, 0, rng);
      return pointer;
    }
  }

  static final class StatesStruct extends Struct<gx_states> {
    private static final int DATA = at(gx_states.class, "data");
    private static final int ROWS = at(gx_states.class, "rows");
    private static final int UNITS = at(gx_states.class, "units");
    private static final int FORMAT = at(gx_states.class, "format");

    StatesStruct() {
      super(gx_states.class, gx_states::new);
    }

    gx_states fill(long data, long rows, long units, Format format) {
      fields.putLong(DATA, data);
      fields.putLong(ROWS, rows);
      fields.putLong(UNITS, units);
      fields.putInt(FORMAT, format.ordinal());
      return pointer;
    }
  }

  static final class RbmStruct extends Struct<gx_rbm> {
    private static final int VISIBLE = at(gx_rbm.class, "visible");
    private static final int HIDDEN = at(gx_rbm.class, "hidden");
    private static final int W = at(gx_rbm.class, "W");
    private static final int B = at(gx_rbm.class, "b");
    private static final int C = at(gx_rbm.class, "c");
    private static final int MU = at(gx_rbm.class, "mu");
    private static final int LAMBDA = at(gx_rbm.class, "lambda");

    RbmStruct() {
      super(gx_rbm.class, gx_rbm::new);
    }

    gx_rbm fill(long visible, long hidden, long w, long b, long c, long mu, long lambda) {
      fields.putLong(VISIBLE, visible);
      fields.putLong(HIDDEN, hidden);
      fields.putLong(W, w);
      fields.putLong(B, b);
      fields.putLong(C, c);
      fields.putLong(MU, mu);
      fields.putLong(LAMBDA, lambda);
      return pointer;
    }
  }

  static final class LayerSampleStruct extends Struct<gx_layer_sample_params> {
    private static final int TARGET = at(gx_layer_sample_params.class, "target");
    private static final int GIVEN = at(gx_layer_sample_params.class, "given");
    private static final int BETA = at(gx_layer_sample_params.class, "beta");
    private static final int ROW_BETA = at(gx_layer_sample_params.class, "row_beta");
    private static final int RNG = at(gx_layer_sample_params.class, "rng");
    private static final int X = at(gx_layer_sample_params.class, "x");
    private static final int P = at(gx_layer_sample_params.class, "p");
    private static final int SAMPLE = at(gx_layer_sample_params.class, "sample");

    LayerSampleStruct() {
      super(gx_layer_sample_params.class, gx_layer_sample_params::new);
    }

    gx_layer_sample_params fill(
        Layer target, long given, float beta, long rowBeta, Rng rng, long x, long p, long sample) {
      fields.putInt(TARGET, target.ordinal());
      fields.putLong(GIVEN, given);
      fields.putFloat(BETA, beta);
      fields.putLong(ROW_BETA, rowBeta);
      putRng(this, RNG, rng);
      fields.putLong(X, x);
      fields.putLong(P, p);
      fields.putLong(SAMPLE, sample);
      return pointer;
    }
  }

  static final class ChainStruct extends Struct<gx_chain_params> {
    private static final int STEPS = at(gx_chain_params.class, "steps");
    private static final int BETA = at(gx_chain_params.class, "beta");
    private static final int ROW_BETA = at(gx_chain_params.class, "row_beta");
    private static final int RNG = at(gx_chain_params.class, "rng");
    private static final int V = at(gx_chain_params.class, "v");
    private static final int OBSERVED = at(gx_chain_params.class, "observed");
    private static final int H = at(gx_chain_params.class, "h");
    private static final int P_V = at(gx_chain_params.class, "p_v");
    private static final int P_H = at(gx_chain_params.class, "p_h");

    ChainStruct() {
      super(gx_chain_params.class, gx_chain_params::new);
    }

    gx_chain_params fill(
        long steps,
        float beta,
        long rowBeta,
        Rng rng,
        long v,
        long observed,
        long h,
        long pV,
        long pH) {
      fields.putLong(STEPS, steps);
      fields.putFloat(BETA, beta);
      fields.putLong(ROW_BETA, rowBeta);
      putRng(this, RNG, rng);
      fields.putLong(V, v);
      fields.putLong(OBSERVED, observed);
      fields.putLong(H, h);
      fields.putLong(P_V, pV);
      fields.putLong(P_H, pH);
      return pointer;
    }
  }

  static final class GradientStruct extends Struct<gx_gradient_params> {
    private static final int DATA_V = at(gx_gradient_params.class, "data_v");
    private static final int DATA_H = at(gx_gradient_params.class, "data_h");
    private static final int MODEL_V = at(gx_gradient_params.class, "model_v");
    private static final int MODEL_H = at(gx_gradient_params.class, "model_h");
    private static final int DW = at(gx_gradient_params.class, "dW");
    private static final int DB = at(gx_gradient_params.class, "db");
    private static final int DC = at(gx_gradient_params.class, "dc");
    private static final int MEAN_V = at(gx_gradient_params.class, "mean_v");
    private static final int MEAN_H = at(gx_gradient_params.class, "mean_h");

    GradientStruct() {
      super(gx_gradient_params.class, gx_gradient_params::new);
    }

    gx_gradient_params fill(
        long dataV,
        long dataH,
        long modelV,
        long modelH,
        long dW,
        long db,
        long dc,
        long meanV,
        long meanH) {
      fields.putLong(DATA_V, dataV);
      fields.putLong(DATA_H, dataH);
      fields.putLong(MODEL_V, modelV);
      fields.putLong(MODEL_H, modelH);
      fields.putLong(DW, dW);
      fields.putLong(DB, db);
      fields.putLong(DC, dc);
      fields.putLong(MEAN_V, meanV);
      fields.putLong(MEAN_H, meanH);
      return pointer;
    }
  }

  static final class UpdateStruct extends Struct<gx_update_params> {
    private static final String[] POINTERS = {
      "W", "b", "c", "sW", "sb", "sc", "dW", "db", "dc", "mu", "lambda", "mean_v", "mean_h"
    };
    private static final String[] RATES = {
      "rate", "momentum", "weight_decay", "sparsity_target", "sparsity_cost", "offset_rate"
    };
    private static final int VISIBLE = at(gx_update_params.class, "visible");
    private static final int HIDDEN = at(gx_update_params.class, "hidden");
    private static final int[] POINTERS_AT = all(POINTERS);
    private static final int[] RATES_AT = all(RATES);

    UpdateStruct() {
      super(gx_update_params.class, gx_update_params::new);
    }

    private static int[] all(String[] names) {
      int[] at = new int[names.length];
      for (int i = 0; i < at.length; i++) {
        at[i] = at(gx_update_params.class, names[i]);
      }
      return at;
    }

    /** Pointers and rates in the order of the C struct, sizes apart. */
    gx_update_params fill(long visible, long hidden, long[] pointers, float... rates) {
      fields.putLong(VISIBLE, visible);
      fields.putLong(HIDDEN, hidden);
      for (int i = 0; i < POINTERS_AT.length; i++) {
        fields.putLong(POINTERS_AT[i], pointers[i]);
      }
      for (int i = 0; i < RATES_AT.length; i++) {
        fields.putFloat(RATES_AT[i], rates[i]);
      }
      return pointer;
    }
  }

  static final class AisStruct extends Struct<gx_ais_params> {
    private static final int BETAS = at(gx_ais_params.class, "betas");
    private static final int COUNT = at(gx_ais_params.class, "count");
    private static final int BASE_B = at(gx_ais_params.class, "base_b");
    private static final int START_FROM_BASE = at(gx_ais_params.class, "start_from_base");
    private static final int RNG = at(gx_ais_params.class, "rng");
    private static final int V = at(gx_ais_params.class, "v");
    private static final int LOG_WEIGHTS = at(gx_ais_params.class, "log_weights");

    AisStruct() {
      super(gx_ais_params.class, gx_ais_params::new);
    }

    gx_ais_params fill(
        long betas,
        long count,
        long baseB,
        boolean startFromBase,
        Rng rng,
        long v,
        long logWeights) {
      fields.putLong(BETAS, betas);
      fields.putLong(COUNT, count);
      fields.putLong(BASE_B, baseB);
      fields.putInt(START_FROM_BASE, startFromBase ? 1 : 0);
      putRng(this, RNG, rng);
      fields.putLong(V, v);
      fields.putLong(LOG_WEIGHTS, logWeights);
      return pointer;
    }
  }

  static final class TemperingStruct extends Struct<gx_tempering_params> {
    private static final int BETAS = at(gx_tempering_params.class, "betas");
    private static final int REPLICAS = at(gx_tempering_params.class, "replicas");
    private static final int PARITY = at(gx_tempering_params.class, "parity");
    private static final int RNG = at(gx_tempering_params.class, "rng");
    private static final int V = at(gx_tempering_params.class, "v");
    private static final int ACCEPTED = at(gx_tempering_params.class, "accepted");

    TemperingStruct() {
      super(gx_tempering_params.class, gx_tempering_params::new);
    }

    gx_tempering_params fill(
        long betas, long replicas, int parity, Rng rng, long v, long accepted) {
      fields.putLong(BETAS, betas);
      fields.putLong(REPLICAS, replicas);
      fields.putInt(PARITY, parity);
      putRng(this, RNG, rng);
      fields.putLong(V, v);
      fields.putLong(ACCEPTED, accepted);
      return pointer;
    }
  }
}
