// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rows of the Gibbs family: every variant of the fused layer, which has several for one instruction set, and the
// other kernels through the C ABI, as the instruction set of this process runs them (GENERATRIX_ISA caps it).
#include <algorithm>
#include <cmath>

#include "generatrix/states.h"
#include "gibbs_operands.h"
#include "kernels/gibbs/layer_sample/layer_sample.h"
#include "kernels/gibbs/layer_sample/reference.h"
#include "kernels/gibbs/machine.h"
#include "row.h"

namespace gx::bench {
namespace {

constexpr gx_rng kRng = {7, 1};
constexpr int64_t kCheckedRows = 3;
constexpr int64_t kEnumerated = 16;  // units of the smaller layer, at most, whose states are enumerated here

class Rows {
 public:
  Rows(const GibbsShape& shape, gx_device* device, const std::string& filter, const Emit& emit)
      : shape_(shape),
        device_(device),
        filter_(filter),
        emit_(emit),
        o_(shape),
        products_(double(shape.batch) * shape.visible * shape.hidden) {}

  void all() {
    for (gx_layer target : {GX_HIDDEN, GX_VISIBLE}) {
      for (gx_format format : {GX_BITS, GX_FLOAT32}) layer_sample(target, format);
    }
    gradient(GX_BITS);
    gradient(GX_FLOAT32);
    update();
    free_energy();
    ais();
    log_pseudo_likelihood();
    if (std::min(shape_.visible, shape_.hidden) <= kEnumerated) log_partition();
  }

 private:
  double weight_bytes() const { return 4.0 * shape_.visible * shape_.hidden; }
  static double state_bytes(const gx_states& s) {
    return s.rows * (s.format == GX_BITS ? 4.0 * ((s.units + 31) / 32) : 4.0 * s.units);
  }

  void row(const Row& r) {
    if (matches(r, filter_)) emit_(r);
  }

  void layer_sample(gx_layer target, gx_format format) {
    const gx_states given = (target == GX_HIDDEN ? o_.v : o_.h).as(format);
    const int64_t units = target == GX_HIDDEN ? shape_.hidden : shape_.visible;
    Machine machine(*device_, o_.rbm);
    LayerSample layer = machine.layer(target, given);
    layer.stream = philox_stream(kRng.seed, kRng.step, target == GX_HIDDEN ? GX_PURPOSE_HIDDEN : GX_PURPOSE_VISIBLE);
    layer.sample_bits = o_.out.bits.data();
    const LayerSampleVariant& chosen = choose_layer_sample(layer);
    int count;
    const LayerSampleVariant* variants = layer_sample_variants(&count);
    for (const LayerSampleVariant* v = variants; v < variants + count; ++v) {
      const bool takes_bits = v->walk == Walk::kTables || v->walk == Walk::kBitRows;
      if (!usable(v->line.isa) || takes_bits != (format == GX_BITS)) continue;
      row({v->line.op, v->line.variant, v->line.isa, shape_.name, target == GX_HIDDEN ? "v to h" : "h to v",
           v == &chosen, 2 * products_, weight_bytes() + state_bytes(given) + 4.0 * shape_.batch * ((units + 31) / 32),
           [&, v] { machine.for_each_tile_of(layer, v->walk, v->run); },
           [&, v] { check_layer(machine, layer, target, given, *v); }});
    }
  }

  // The first rows against the reference: probabilities, and every draw that is not within rounding of its probability.
  void check_layer(Machine& machine, LayerSample layer, gx_layer target, const gx_states& given,
                   const LayerSampleVariant& v) {
    const int64_t units = layer.out_units, words = (units + 31) / 32;
    layer.p = o_.p.data();
    machine.for_each_tile_of(layer, v.walk, v.run);
    const gx_states first = rows_of(given, 0, std::min(given.rows, kCheckedRows));
    gx_layer_sample_params params = {};
    params.target = target;
    params.given = &first;
    params.beta = 1;
    params.rng = kRng;
    const reference::Layer expected = reference::layer_sample(o_.rbm, params);
    const double tolerance = double(layer.in_units + 16) * 0x1p-24;
    for (int64_t i = 0; i < first.rows * units; ++i) {
      const std::string what = "p[" + std::to_string(i) + "] of " + v.line.variant;
      require_close(what, o_.p[size_t(i)], expected.p[size_t(i)], tolerance);
      if (std::fabs(expected.uniform[size_t(i)] - expected.p[size_t(i)]) <= tolerance) continue;
      const uint32_t word = o_.out.bits[size_t(i / units * words + i % units / 32)];
      require_close("the draw of " + what, word >> (i % units % 32) & 1,
                    expected.uniform[size_t(i)] < expected.p[size_t(i)], 0);
    }
  }

  void gradient(gx_format format) {
    const gx_states v = o_.v.as(format);
    std::vector<float> dW(o_.W.size()), db(o_.b.size()), dc(o_.c.size());
    const std::vector<float>& h = o_.h.values;
    std::vector<float> model_h(h.rbegin(), h.rend());
    const gx_gradient_params a = {&v, h.data(), &v, model_h.data(), dW.data(), db.data(), dc.data(), nullptr, nullptr};
    row(through_abi(
        "gibbs.gradient", shape_.name, format == GX_BITS ? "bits" : "floats", 4 * products_,
        weight_bytes() + 2 * state_bytes(v) + 8.0 * h.size(), [&] { require(gx_rbm_gradient(device_, &o_.rbm, &a)); },
        [&] {
          require(gx_rbm_gradient(device_, &o_.rbm, &a));
          for (int64_t i = 0; i < shape_.visible; i += 1 + shape_.visible / 7) {
            const int64_t j = (31 * i) % shape_.hidden;
            double expected = 0;
            for (int64_t r = 0; r < shape_.batch; ++r) {
              const size_t at = size_t(r * shape_.hidden + j);
              expected +=
                  double(o_.v.values[size_t(r * shape_.visible + i)]) * (h[at] - model_h[at]) / double(shape_.batch);
            }
            require_close("dW[" + std::to_string(i) + "][" + std::to_string(j) + "]", dW[size_t(i * shape_.hidden + j)],
                          expected, double(shape_.batch + 2) * 0x1p-23);
          }
        }));
  }

  void update() {
    std::vector<float> W = o_.W, b = o_.b, c = o_.c, sW(W.size()), sb(b.size()), sc(c.size());
    const std::vector<float> dW = o_.normal(int64_t(W.size()));
    gx_update_params a = {};
    a.visible = shape_.visible;
    a.hidden = shape_.hidden;
    a.W = W.data(), a.b = b.data(), a.c = c.data();
    a.sW = sW.data(), a.sb = sb.data(), a.sc = sc.data();
    a.dW = dW.data(), a.db = dW.data(), a.dc = dW.data();
    a.rate = 1e-6f, a.momentum = 0.5f;
    row(through_abi(
        "gibbs.update", shape_.name, "", 0, 5 * weight_bytes(), [&] { require(gx_rbm_update(device_, &a)); },
        [&] {
          const size_t last = W.size() - 1;
          const double velocity = double(a.momentum) * sW[last] + double(a.rate) * dW[last],
                       expected = W[last] + velocity;
          require(gx_rbm_update(device_, &a));
          require_close("the last weight", W[last], expected, 0x1p-23 * (1 + std::fabs(expected)));
        }));
  }

  void free_energy() {
    const gx_states v = o_.v.as(GX_BITS);
    std::vector<double> energy(size_t(shape_.batch));
    const auto run = [&] { require(gx_rbm_free_energy(device_, &o_.rbm, &v, 1, nullptr, energy.data())); };
    row(through_abi("gibbs.softplus_sum", shape_.name, "free energy, bits", 2 * products_,
                    weight_bytes() + state_bytes(v), run, [&] {
                      run();
                      double expected = 0;
                      std::vector<double> x(o_.c.begin(), o_.c.end());
                      for (int64_t i = 0; i < shape_.visible; ++i) {
                        if (o_.v.values[size_t(i)] == 0) continue;
                        expected -= o_.b[size_t(i)];
                        for (int64_t j = 0; j < shape_.hidden; ++j) x[size_t(j)] += o_.W[size_t(i * shape_.hidden + j)];
                      }
                      for (double xj : x) expected -= std::fmax(xj, 0) + std::log1p(std::exp(-std::fabs(xj)));
                      require_close("the free energy of row 0", energy[0], expected, 1e-5 * (1 + std::fabs(expected)));
                    }));
  }

  void ais() {
    std::vector<double> betas(11), weights(size_t(shape_.batch));
    for (size_t k = 0; k < betas.size(); ++k) betas[k] = double(k) / double(betas.size() - 1);
    const std::vector<float> base(o_.b.size());
    LayerStates states = o_.v;
    const gx_states v = states.as(GX_BITS);
    const gx_ais_params a = {betas.data(), int64_t(betas.size()), base.data(), 1, kRng, &v, weights.data()};
    const double steps = double(betas.size() - 1);
    row(through_abi(
        "gibbs.ais", shape_.name, "10 temperatures", 4 * products_ * steps,
        steps * (2 * weight_bytes() + 4 * state_bytes(v)), [&] { require(gx_rbm_ais(device_, &o_.rbm, &a)); },
        [&] {
          require(gx_rbm_ais(device_, &o_.rbm, &a));
          // E[w] = Z / Z_base, and weights this small leave the logarithms within a nat or so of it.
          for (double w : weights) require_close("a log weight", std::isfinite(w), 1, 0);
        }));
  }

  void log_pseudo_likelihood() {
    const gx_states v = o_.v.as(GX_BITS);
    std::vector<double> log_pl(size_t(shape_.batch));
    const auto run = [&] { require(gx_rbm_log_pseudo_likelihood(device_, &o_.rbm, &v, log_pl.data())); };
    row(through_abi("gibbs.log_pseudo_likelihood", shape_.name, "", 4 * products_, weight_bytes() + state_bytes(v), run,
                    [&] {
                      run();
                      // sum_i log sigmoid(F(v with i flipped) - F(v)), from the free energies of row 0 and its
                      // neighbours.
                      const gx_states first = rows_of(o_.v.as(GX_FLOAT32), 0, 1);
                      std::vector<float> flipped;
                      for (int64_t i = 0; i < shape_.visible; ++i) {
                        flipped.insert(flipped.end(), o_.v.values.begin(), o_.v.values.begin() + shape_.visible);
                        float& unit = flipped[size_t(i * shape_.visible + i)];
                        unit = 1 - unit;
                      }
                      const gx_states neighbours = {flipped.data(), shape_.visible, shape_.visible, GX_FLOAT32};
                      double own;
                      std::vector<double> energies(size_t(shape_.visible));
                      require(gx_rbm_free_energy(device_, &o_.rbm, &first, 1, nullptr, &own));
                      require(gx_rbm_free_energy(device_, &o_.rbm, &neighbours, 1, nullptr, energies.data()));
                      double expected = 0;
                      for (double energy : energies) expected -= std::log1p(std::exp(own - energy));
                      require_close("log PL of row 0", log_pl[0], expected, 1e-4 * (1 + std::fabs(expected)));
                    }));
  }

  void log_partition() {
    double log_z = 0;
    const auto run = [&] { require(gx_rbm_log_partition(device_, &o_.rbm, &log_z)); };
    const double states = std::exp2(double(std::min(shape_.visible, shape_.hidden)));
    const double units = double(std::max(shape_.visible, shape_.hidden));
    // One addition per state and unit of the larger layer, and its softplus.
    row(through_abi("gibbs.log_partition", shape_.name, "", 2 * states * units, weight_bytes(), run, [&] {
      run();
      // Small weights: log Z is that of independent units up to the variance of v W h, a fraction of a nat or two.
      double independent = 0;
      for (float x : o_.b) independent += std::log1p(std::exp(double(x)));
      for (float x : o_.c) independent += std::log1p(std::exp(double(x)));
      const double spread = 0.05 * 0.05 * double(shape_.visible) * double(shape_.hidden);
      require_close("log Z", log_z, independent, 1 + spread);
    }));
  }

  const GibbsShape& shape_;
  gx_device* device_;
  const std::string& filter_;
  const Emit& emit_;
  GibbsOperands o_;
  double products_;
};

}  // namespace

void gibbs_rows(const std::string& shapes_file, const std::string& filter, int threads, const Emit& emit) {
  Device device(threads);
  for (const GibbsShape& shape : read_gibbs_shapes(shapes_file)) Rows(shape, device.device, filter, emit).all();
}

}  // namespace gx::bench
