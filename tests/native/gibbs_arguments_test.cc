// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every argument check of every entry of gibbs.h: the status, and a sentence with the expected and the actual value.

#include <functional>
#include <limits>

#include "gibbs_support.h"

namespace gx::test::gibbs {
namespace {

const float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();

template <class T>
T* off_by_a_byte(T* p) {
  return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(p) + 1);
}

// A machine of 5 visible and 3 hidden units and batches of 4 rows that every call accepts; a test spoils one thing at a
// time. One array holds all floats, so that any two of them can be made to overlap.
class GibbsArguments : public testing::Test {
 protected:
  static constexpr int64_t kRows = 4, kVisible = 5, kHidden = 3;

  gx_states states(Buffer<uint32_t>& data, int64_t units, gx_format format = GX_BITS, int64_t rows = kRows) {
    return {data.data(), rows, units, format};
  }
  // The call is refused with this sentence once `spoil` has run, and accepted before and after.
  template <class Spoiled>
  void refused(const char* part, Spoiled& what, const std::function<void(Spoiled&)>& spoil,
               const std::function<gx_status()>& call) {
    const Spoiled kept = what;
    spoil(what);
    EXPECT_REFUSED(part, call());
    what = kept;
    EXPECT_OK(call()) << "after " << part;
  }

  // The checks of rbm and device that all entries share.
  void expect_machine_checked(const std::function<gx_status(gx_device*, const gx_rbm*)>& call) {
    EXPECT_OK(call(device, &rbm));
    EXPECT_REFUSED("device must not be null", call(nullptr, &rbm));
    EXPECT_REFUSED("rbm must not be null", call(device, nullptr));
    const auto spoiled = [&](const char* part, const std::function<void(gx_rbm&)>& spoil) {
      gx_rbm bad = rbm;
      spoil(bad);
      EXPECT_REFUSED(part, call(device, &bad));
    };
    spoiled("the visible units must be at least 1, got 0", [](gx_rbm& r) { r.visible = 0; });
    spoiled("the hidden units must be at least 1, got -3", [](gx_rbm& r) { r.hidden = -3; });
    spoiled("the visible units must be between 1 and 1.07374e+09, got",
            [](gx_rbm& r) { r.visible = int64_t(1) << 40; });
    spoiled("the hidden units must be between 1 and 1.07374e+09, got", [](gx_rbm& r) { r.hidden = INT64_MAX; });
    spoiled("W must not be null", [](gx_rbm& r) { r.W = nullptr; });
    spoiled("b must not be null", [](gx_rbm& r) { r.b = nullptr; });
    spoiled("c must not be null", [](gx_rbm& r) { r.c = nullptr; });
    spoiled("W must be aligned to 4 bytes, got 0x", [](gx_rbm& r) { r.W = off_by_a_byte(r.W); });
    spoiled("b must be aligned to 4 bytes, got 0x", [](gx_rbm& r) { r.b = off_by_a_byte(r.b); });
    spoiled("c must be aligned to 4 bytes, got 0x", [](gx_rbm& r) { r.c = off_by_a_byte(r.c); });
    spoiled("mu must be aligned to 4 bytes, got 0x", [](gx_rbm& r) { r.mu = off_by_a_byte(r.mu); });
    spoiled("lambda must be aligned to 4 bytes, got 0x", [](gx_rbm& r) { r.lambda = off_by_a_byte(r.lambda); });
  }

  // The checks of a states argument of `units` units.
  void expect_states_checked(const char* name, gx_states& s, const std::function<gx_status()>& call, bool fixed_rows) {
    const std::string n = name;
    const auto spoiled = [&](const std::string& part, const std::function<void(gx_states&)>& spoil) {
      refused<gx_states>(part.c_str(), s, spoil, call);
    };
    spoiled("the format of " + n + " must be GX_FLOAT32 (0) or GX_BITS (1), got 2", [](gx_states& x) {
      const int format = 2;  // not by a cast, which would be undefined
      std::memcpy(&x.format, &format, sizeof format);
    });
    spoiled("the rows of " + n + " must be between 0 and 2^32 - 1, got -1", [](gx_states& x) { x.rows = -1; });
    spoiled("the rows of " + n + " must be between 0 and 2^32 - 1, got 4294967296",
            [](gx_states& x) { x.rows = int64_t(1) << 32; });
    spoiled("the units of " + n + " must be " + std::to_string(s.units) + ", got " + std::to_string(s.units + 1),
            [](gx_states& x) { ++x.units; });
    spoiled(n + " must not be null", [](gx_states& x) { x.data = nullptr; });
    spoiled(n + " must be aligned to 4 bytes, got 0x",
            [](gx_states& x) { x.data = off_by_a_byte(static_cast<char*>(x.data)); });
    if (fixed_rows) spoiled("the rows of " + n + " must be 4, got 3", [](gx_states& x) { x.rows = 3; });
  }

  void expect_overlap(const char* a, const char* b, const std::function<gx_status()>& call) {
    const std::string part = std::string(a) + " and " + b + " must not overlap, got ";
    EXPECT_REFUSED(part.c_str(), call());
  }

  Device device{1};
  Random random{100};
  Machine machine{kVisible, kHidden, Values::kReals, true, random};
  gx_rbm rbm = machine.view();
  Buffer<uint32_t> v_bits{kRows}, h_bits{kRows}, more_bits{kRows};
  Buffer<float> floats{200}, row_beta{kRows};
  gx_states v = states(v_bits, kVisible), h = states(h_bits, kHidden);
};

TEST_F(GibbsArguments, LayerSample) {
  Buffer<float> x(kRows * kHidden), p(kRows * kHidden);
  gx_states sample = states(more_bits, kHidden);
  gx_layer_sample_params a = {GX_HIDDEN, &v, 1, nullptr, {1, 2}, x.data(), p.data(), &sample};
  const auto call = [&] { return gx_rbm_layer_sample(device, &rbm, &a); };
  expect_machine_checked([&](gx_device* d, const gx_rbm* r) { return gx_rbm_layer_sample(d, r, &a); });
  EXPECT_REFUSED("params must not be null", gx_rbm_layer_sample(device, &rbm, nullptr));
  expect_states_checked("given", v, call, false);
  expect_states_checked("sample", sample, call, true);
  using P = gx_layer_sample_params;
  const auto spoiled = [&](const char* part, const std::function<void(P&)>& spoil) {
    refused<P>(part, a, spoil, call);
  };
  spoiled("given must not be null", [](P& q) { q.given = nullptr; });
  spoiled("target must be GX_VISIBLE (0) or GX_HIDDEN (1), got 2", [](P& q) {
    const int target = 2;
    std::memcpy(&q.target, &target, sizeof target);
  });
  spoiled("the units of given must be 3, got 5", [](P& q) { q.target = GX_VISIBLE; });
  spoiled("beta must be finite, got nan", [](P& q) { q.beta = kNan; });
  spoiled("beta must be finite, got inf", [](P& q) { q.beta = kInf; });
  row_beta[2] = -kInf;
  spoiled("an element of row_beta must be finite, got -inf", [&](P& q) { q.row_beta = row_beta.data(); });
  row_beta[2] = 0;
  spoiled("row_beta must be aligned to 4 bytes, got 0x", [&](P& q) { q.row_beta = off_by_a_byte(row_beta.data()); });
  spoiled("the random step must end by 2^56, got 72057594037927936 + 1", [](P& q) { q.rng.step = uint64_t(1) << 56; });
  spoiled("the random step must end by 2^56, got 18446744073709551615 + 1", [](P& q) { q.rng.step = UINT64_MAX; });
  a.rng.step = (uint64_t(1) << 56) - 1;
  EXPECT_OK(call());
  spoiled("at least one of x, p and sample must be asked for, got none",
          [](P& q) { q.x = q.p = nullptr, q.sample = nullptr; });
  spoiled("x must be aligned to 4 bytes, got 0x", [](P& q) { q.x = off_by_a_byte(q.x); });
  spoiled("p must be aligned to 4 bytes, got 0x", [](P& q) { q.p = off_by_a_byte(q.p); });
  a.beta = kNan;  // not read when there is a row_beta
  a.row_beta = row_beta.data();
  EXPECT_OK(call());

  // Every output against every input and every other output, by one float.
  a = {GX_HIDDEN, &v, 1, row_beta.data(), {1, 2}, x.data(), p.data(), &sample};
  float* const last = x.data() + kRows * kHidden - 1;
  const auto overlaps = [&](const char* output, const char* input,
                            const std::function<void(P&, gx_rbm&, float*)>& lay) {
    const P kept = a;
    const gx_rbm kept_rbm = rbm;
    const gx_states kept_v = v, kept_sample = sample;
    lay(a, rbm, last);
    expect_overlap(output, input, call);
    a = kept, rbm = kept_rbm, v = kept_v, sample = kept_sample;
    EXPECT_OK(call());
  };
  overlaps("x", "given", [&](P&, gx_rbm&, float* f) { v.data = f; });
  overlaps("x", "W", [&](P&, gx_rbm& r, float* f) { r.W = f; });
  overlaps("x", "b", [&](P&, gx_rbm& r, float* f) { r.b = f; });
  overlaps("x", "c", [&](P&, gx_rbm& r, float* f) { r.c = f; });
  overlaps("x", "mu", [&](P&, gx_rbm& r, float* f) { r.mu = f; });
  overlaps("x", "lambda", [&](P&, gx_rbm& r, float* f) { r.lambda = f; });
  *last = 0;
  overlaps("p", "x", [&](P& q, gx_rbm&, float* f) { q.p = f; });
  overlaps("sample", "x", [&](P&, gx_rbm&, float* f) { sample.data = f; });
  overlaps("sample", "given", [&](P&, gx_rbm&, float*) { sample.data = v.data; });
  overlaps("p", "row_beta", [&](P& q, gx_rbm&, float*) { q.p = row_beta.data() + kRows - 1; });
}

TEST_F(GibbsArguments, ARefusedCallWritesNothing) {
  Buffer<float> x(kRows * kHidden);
  std::fill(x.begin(), x.end(), 7.0f);
  gx_states sample = states(more_bits, kHidden, GX_BITS, 3);
  gx_layer_sample_params a = {GX_HIDDEN, &v, 1, nullptr, {1, 2}, x.data(), nullptr, &sample};
  EXPECT_REFUSED("the rows of sample must be 4, got 3", gx_rbm_layer_sample(device, &rbm, &a));
  for (const float f : x) EXPECT_EQ(f, 7);
}

TEST_F(GibbsArguments, SizesBeyondMemory) {
  gx_rbm huge = rbm;
  huge.visible = 1 << 30;
  gx_states given = {floats.data(), int64_t(UINT32_MAX), 1 << 30, GX_FLOAT32};
  gx_layer_sample_params a = {GX_HIDDEN, &given, 1, nullptr, {1, 2}, floats.data(), nullptr, nullptr};
  EXPECT_REFUSED("the size of given must fit in 63 bits, got 4611686017353646080 x 4",
                 gx_rbm_layer_sample(device, &huge, &a));
}

TEST_F(GibbsArguments, MemoryLimit) {
  Buffer<float> p(kRows * kHidden);
  const gx_layer_sample_params a = {GX_HIDDEN, &v, 1, nullptr, {1, 2}, nullptr, p.data(), nullptr};
  ASSERT_OK(gx_device_set_memory_limit(device, 1000));
  EXPECT_FAILS(GX_OUT_OF_MEMORY, "the limit is 1000", gx_rbm_layer_sample(device, &rbm, &a));
  double log_z;
  EXPECT_FAILS(GX_OUT_OF_MEMORY, "the limit is 1000", gx_rbm_log_partition(device, &rbm, &log_z));
  ASSERT_OK(gx_device_set_memory_limit(device, 0));
  EXPECT_OK(gx_rbm_layer_sample(device, &rbm, &a));
}

TEST_F(GibbsArguments, Chain) {
  Buffer<float> p_v(kRows * kVisible), p_h(kRows * kHidden);
  gx_states observed = states(more_bits, kVisible);
  gx_chain_params a = {2, 1, nullptr, {1, 2}, &v, &observed, &h, p_v.data(), p_h.data()};
  const auto call = [&] { return gx_rbm_chain(device, &rbm, &a); };
  expect_machine_checked([&](gx_device* d, const gx_rbm* r) { return gx_rbm_chain(d, r, &a); });
  EXPECT_REFUSED("params must not be null", gx_rbm_chain(device, &rbm, nullptr));
  // v first without the others, whose rows are held against its own.
  a.observed = a.h = nullptr;
  a.p_v = a.p_h = nullptr;
  expect_states_checked("v", v, call, false);
  a = {2, 1, nullptr, {1, 2}, &v, &observed, &h, p_v.data(), p_h.data()};
  expect_states_checked("h", h, call, true);
  expect_states_checked("observed", observed, call, false);
  using P = gx_chain_params;
  const auto spoiled = [&](const char* part, const std::function<void(P&)>& spoil) {
    refused<P>(part, a, spoil, call);
  };
  spoiled("v must not be null", [](P& q) { q.v = nullptr; });
  spoiled("steps must be at least 0, got -1", [](P& q) { q.steps = -1; });
  spoiled("beta must be finite, got nan", [](P& q) { q.beta = kNan; });
  row_beta[3] = kNan;
  spoiled("an element of row_beta must be finite, got nan", [&](P& q) { q.row_beta = row_beta.data(); });
  row_beta[3] = 0;
  spoiled("the random step must end by 2^56, got 72057594037927935 + 2",
          [](P& q) { q.rng.step = (uint64_t(1) << 56) - 1; });
  spoiled("the random step must end by 2^56, got 2 + 9223372036854775807", [](P& q) { q.steps = INT64_MAX; });
  spoiled("h and p_v must be null when steps is 0, got h", [](P& q) { q.steps = 0; });
  spoiled("h and p_v must be null when steps is 0, got p_v", [](P& q) { q.steps = 0, q.h = nullptr; });
  spoiled("p_v must be aligned to 4 bytes, got 0x", [](P& q) { q.p_v = off_by_a_byte(q.p_v); });
  spoiled("p_h must be aligned to 4 bytes, got 0x", [](P& q) { q.p_h = off_by_a_byte(q.p_h); });
  refused<gx_states>(
      "the rows of observed must be 1 or 4, got 2", observed, [](gx_states& s) { s.rows = 2; }, call);
  refused<gx_states>(
      "the format of observed must be GX_BITS (1), got GX_FLOAT32 (0)", observed,
      [&](gx_states& s) { s.format = GX_FLOAT32, s.data = floats.data(); }, call);
  const auto overlaps = [&](const char* one, const char* other, const std::function<void(P&, gx_rbm&)>& lay) {
    const P kept = a;
    const gx_rbm kept_rbm = rbm;
    const gx_states kept_h = h, kept_observed = observed;
    lay(a, rbm);
    expect_overlap(one, other, call);
    a = kept, rbm = kept_rbm, h = kept_h, observed = kept_observed;
    EXPECT_OK(call());
  };
  overlaps("v", "observed", [&](P&, gx_rbm&) { observed.data = v.data; });
  overlaps("h", "v", [&](P&, gx_rbm&) { h.data = v.data; });
  overlaps("p_v", "W", [&](P& q, gx_rbm& r) { r.W = q.p_v + 1; });
  overlaps("p_v", "b", [&](P& q, gx_rbm& r) { r.b = q.p_v; });
  overlaps("p_v", "c", [&](P& q, gx_rbm& r) { r.c = q.p_v; });
  overlaps("p_h", "mu", [&](P& q, gx_rbm& r) { r.mu = q.p_h; });
  overlaps("p_h", "lambda", [&](P& q, gx_rbm& r) { r.lambda = q.p_h; });
  overlaps("p_h", "p_v", [&](P& q, gx_rbm&) { q.p_h = q.p_v + kRows * kVisible - 1; });
  overlaps("p_v", "row_beta", [&](P& q, gx_rbm&) { q.row_beta = q.p_v; });
  observed.rows = 1;
  EXPECT_OK(call());
}

TEST_F(GibbsArguments, Gradient) {
  Buffer<float> data_h(kRows * kHidden), model_h(kRows * kHidden), dW(kVisible * kHidden), db(kVisible), dc(kHidden),
      mean_v(kVisible), mean_h(kHidden);
  gx_states model = states(more_bits, kVisible);
  gx_gradient_params a = {&v,        data_h.data(), &model,        model_h.data(), dW.data(),
                          db.data(), dc.data(),     mean_v.data(), mean_h.data()};
  const auto call = [&] { return gx_rbm_gradient(device, &rbm, &a); };
  expect_machine_checked([&](gx_device* d, const gx_rbm* r) { return gx_rbm_gradient(d, r, &a); });
  EXPECT_REFUSED("params must not be null", gx_rbm_gradient(device, &rbm, nullptr));
  expect_states_checked("data_v", v, call, false);
  expect_states_checked("model_v", model, call, false);
  refused<gx_states>(
      "the rows of data_v must be at least 1, got 0", v, [](gx_states& s) { s.rows = 0; }, call);
  refused<gx_states>(
      "the rows of model_v must be at least 1, got 0", model, [](gx_states& s) { s.rows = 0; }, call);
  using P = gx_gradient_params;
  const auto spoiled = [&](const char* part, const std::function<void(P&)>& spoil) {
    refused<P>(part, a, spoil, call);
  };
  spoiled("data_v must not be null", [](P& q) { q.data_v = nullptr; });
  spoiled("model_v must not be null", [](P& q) { q.model_v = nullptr; });
  spoiled("data_h must not be null", [](P& q) { q.data_h = nullptr; });
  spoiled("model_h must not be null", [](P& q) { q.model_h = nullptr; });
  spoiled("dW must not be null", [](P& q) { q.dW = nullptr; });
  spoiled("db must not be null", [](P& q) { q.db = nullptr; });
  spoiled("dc must not be null", [](P& q) { q.dc = nullptr; });
  spoiled("data_h must be aligned to 4 bytes, got 0x", [](P& q) { q.data_h = off_by_a_byte(q.data_h); });
  spoiled("model_h must be aligned to 4 bytes, got 0x", [](P& q) { q.model_h = off_by_a_byte(q.model_h); });
  spoiled("dW must be aligned to 4 bytes, got 0x", [](P& q) { q.dW = off_by_a_byte(q.dW); });
  spoiled("mean_v must be aligned to 4 bytes, got 0x", [](P& q) { q.mean_v = off_by_a_byte(q.mean_v); });
  spoiled("mean_h must be aligned to 4 bytes, got 0x", [](P& q) { q.mean_h = off_by_a_byte(q.mean_h); });
  spoiled("dW and data_h must not overlap, got 60 bytes at 0x", [](P& q) { q.data_h = q.dW; });
  spoiled("dW and model_h must not overlap", [](P& q) { q.model_h = q.dW + 1; });
  spoiled("db and dW must not overlap", [](P& q) { q.db = q.dW + kVisible * kHidden - 1; });
  spoiled("dc and db must not overlap", [](P& q) { q.dc = q.db; });
  spoiled("mean_v and dc must not overlap", [](P& q) { q.mean_v = q.dc; });
  spoiled("mean_h and mean_v must not overlap", [](P& q) { q.mean_h = q.mean_v; });
  refused<gx_states>(
      "dW and data_v must not overlap", v, [&](gx_states& s) { s.data = dW.data(); }, call);
  refused<gx_states>(
      "dW and model_v must not overlap", model, [&](gx_states& s) { s.data = dW.data(); }, call);
  refused<gx_rbm>(
      "dW and mu must not overlap", rbm, [&](gx_rbm& r) { r.mu = dW.data(); }, call);
  refused<gx_rbm>(
      "dW and lambda must not overlap", rbm, [&](gx_rbm& r) { r.lambda = dW.data(); }, call);
}

TEST_F(GibbsArguments, Update) {
  Buffer<float> sW(kVisible * kHidden), sb(kVisible), sc(kHidden), dW(kVisible * kHidden), db(kVisible), dc(kHidden),
      mean_v(kVisible), mean_h(kHidden);
  gx_update_params a = {kVisible,
                        kHidden,
                        machine.W.data(),
                        machine.b.data(),
                        machine.c.data(),
                        sW.data(),
                        sb.data(),
                        sc.data(),
                        dW.data(),
                        db.data(),
                        dc.data(),
                        machine.mu.data(),
                        machine.lambda.data(),
                        mean_v.data(),
                        mean_h.data(),
                        0.1f,
                        0.5f,
                        0.01f,
                        0.1f,
                        0.1f,
                        0.1f};
  const auto call = [&] { return gx_rbm_update(device, &a); };
  ASSERT_OK(call());
  EXPECT_REFUSED("device must not be null", gx_rbm_update(nullptr, &a));
  EXPECT_REFUSED("params must not be null", gx_rbm_update(device, nullptr));
  using P = gx_update_params;
  const auto spoiled = [&](const char* part, const std::function<void(P&)>& spoil) {
    refused<P>(part, a, spoil, call);
  };
  spoiled("the visible units must be between 1 and 1.07374e+09, got 0", [](P& q) { q.visible = 0; });
  spoiled("the hidden units must be between 1 and 1.07374e+09, got -1", [](P& q) { q.hidden = -1; });
  spoiled("W must not be null", [](P& q) { q.W = nullptr; });
  spoiled("b must not be null", [](P& q) { q.b = nullptr; });
  spoiled("c must not be null", [](P& q) { q.c = nullptr; });
  spoiled("sW must not be null", [](P& q) { q.sW = nullptr; });
  spoiled("sb must not be null", [](P& q) { q.sb = nullptr; });
  spoiled("sc must not be null", [](P& q) { q.sc = nullptr; });
  spoiled("dW must not be null", [](P& q) { q.dW = nullptr; });
  spoiled("db must not be null", [](P& q) { q.db = nullptr; });
  spoiled("dc must not be null", [](P& q) { q.dc = nullptr; });
  spoiled("rate must be finite, got nan", [](P& q) { q.rate = kNan; });
  spoiled("momentum must be finite, got inf", [](P& q) { q.momentum = kInf; });
  spoiled("weight_decay must be finite, got nan", [](P& q) { q.weight_decay = kNan; });
  spoiled("sparsity_target must be finite, got nan", [](P& q) { q.sparsity_target = kNan; });
  spoiled("sparsity_cost must be finite, got inf", [](P& q) { q.sparsity_cost = kInf; });
  spoiled("offset_rate must be finite, got nan", [](P& q) { q.offset_rate = kNan; });
  spoiled("momentum must be between 0 and 1, got -0.5", [](P& q) { q.momentum = -0.5f; });
  spoiled("momentum must be between 0 and 1, got 1.5", [](P& q) { q.momentum = 1.5f; });
  spoiled("offset_rate must be between 0 and 1, got 2", [](P& q) { q.offset_rate = 2; });
  spoiled("sparsity_cost must be between 0 and 3e+38, got -1", [](P& q) { q.sparsity_cost = -1; });
  spoiled("sparsity_target must be between 0 and 1, got 1.5", [](P& q) { q.sparsity_target = 1.5f; });
  spoiled("mean_h, which sparsity_cost > 0 needs, must not be null", [](P& q) { q.mean_h = nullptr; });
  spoiled("mean_v, which a moving mu needs, must not be null", [](P& q) { q.mean_v = nullptr; });
  spoiled("mean_h, which a moving lambda needs, must not be null",
          [](P& q) { q.mean_h = nullptr, q.sparsity_cost = 0; });
  spoiled("W must be aligned to 4 bytes, got 0x", [](P& q) { q.W = off_by_a_byte(q.W); });
  spoiled("sc must be aligned to 4 bytes, got 0x", [](P& q) { q.sc = off_by_a_byte(q.sc); });
  spoiled("dW must be aligned to 4 bytes, got 0x", [](P& q) { q.dW = off_by_a_byte(q.dW); });
  spoiled("mean_v must be aligned to 4 bytes, got 0x", [](P& q) { q.mean_v = off_by_a_byte(q.mean_v); });
  spoiled("W and dW must not overlap, got 60 bytes at 0x", [](P& q) { q.dW = q.W; });
  spoiled("sW and W must not overlap", [](P& q) { q.sW = q.W + 1; });
  spoiled("sb and b must not overlap", [](P& q) { q.sb = q.b; });
  spoiled("c and b must not overlap", [](P& q) { q.c = q.b + kVisible - 1; });
  spoiled("b and mean_v must not overlap", [](P& q) { q.mean_v = q.b; });
  spoiled("mu and mean_v must not overlap", [](P& q) { q.mean_v = q.mu; });
  spoiled("lambda and mean_h must not overlap", [](P& q) { q.mean_h = q.lambda; });
  spoiled("lambda and mu must not overlap", [](P& q) { q.lambda = q.mu; });
  // What no term names may be null.
  a.mean_v = a.mean_h = nullptr;
  a.sparsity_cost = a.offset_rate = 0;
  a.sparsity_target = 7;
  EXPECT_OK(call());
}

TEST_F(GibbsArguments, Energies) {
  Guarded<double> out(kRows);
  expect_machine_checked([&](gx_device* d, const gx_rbm* r) { return gx_rbm_energy(d, r, &v, &h, out.data()); });
  expect_machine_checked(
      [&](gx_device* d, const gx_rbm* r) { return gx_rbm_free_energy(d, r, &v, 1, nullptr, out.data()); });
  expect_machine_checked(
      [&](gx_device* d, const gx_rbm* r) { return gx_rbm_log_pseudo_likelihood(d, r, &v, out.data()); });
  expect_states_checked(
      "h", h, [&] { return gx_rbm_energy(device, &rbm, &v, &h, out.data()); }, true);
  expect_states_checked(
      "v", v, [&] { return gx_rbm_free_energy(device, &rbm, &v, 1, nullptr, out.data()); }, false);
  expect_states_checked(
      "v", v, [&] { return gx_rbm_log_pseudo_likelihood(device, &rbm, &v, out.data()); }, false);
  gx_states short_v = v;
  short_v.rows = 3;
  EXPECT_REFUSED("the rows of h must be 3, got 4", gx_rbm_energy(device, &rbm, &short_v, &h, out.data()));
  EXPECT_REFUSED("the units of v must be 5, got 3", gx_rbm_energy(device, &rbm, &h, &v, out.data()));
  EXPECT_REFUSED("v must not be null", gx_rbm_energy(device, &rbm, nullptr, &h, out.data()));
  EXPECT_REFUSED("h must not be null", gx_rbm_energy(device, &rbm, &v, nullptr, out.data()));
  EXPECT_REFUSED("energy must not be null", gx_rbm_energy(device, &rbm, &v, &h, nullptr));
  EXPECT_REFUSED("v must not be null", gx_rbm_free_energy(device, &rbm, nullptr, 1, nullptr, out.data()));
  EXPECT_REFUSED("free_energy must not be null", gx_rbm_free_energy(device, &rbm, &v, 1, nullptr, nullptr));
  EXPECT_REFUSED("beta must be finite, got nan", gx_rbm_free_energy(device, &rbm, &v, kNan, nullptr, out.data()));
  row_beta[1] = kInf;
  EXPECT_REFUSED("an element of row_beta must be finite, got inf",
                 gx_rbm_free_energy(device, &rbm, &v, 1, row_beta.data(), out.data()));
  EXPECT_REFUSED("v must not be null", gx_rbm_log_pseudo_likelihood(device, &rbm, nullptr, out.data()));
  EXPECT_REFUSED("log_pl must not be null", gx_rbm_log_pseudo_likelihood(device, &rbm, &v, nullptr));
  floats[19] = 0.5f;
  const gx_states gray = {floats.data(), kRows, kVisible, GX_FLOAT32};
  EXPECT_REFUSED("float elements of v must be 0 or 1, got 0.5",
                 gx_rbm_log_pseudo_likelihood(device, &rbm, &gray, out.data()));
  floats[19] = kNan;
  EXPECT_REFUSED("float elements of v must be 0 or 1, got nan",
                 gx_rbm_log_pseudo_likelihood(device, &rbm, &gray, out.data()));
}

TEST_F(GibbsArguments, LogPartition) {
  double log_z;
  expect_machine_checked([&](gx_device* d, const gx_rbm* r) { return gx_rbm_log_partition(d, r, &log_z); });
  EXPECT_REFUSED("log_z must not be null", gx_rbm_log_partition(device, &rbm, nullptr));
  const Machine wide(26, 27, Values::kReals, false, random);
  const gx_rbm too_wide = wide.view();
  EXPECT_FAILS(GX_UNSUPPORTED, "at most 25 units there, got 26", gx_rbm_log_partition(device, &too_wide, &log_z));
}

TEST_F(GibbsArguments, Ais) {
  Buffer<float> base(kVisible);
  Guarded<double> betas(3), log_weights(kRows);
  betas[0] = 0, betas[1] = 0.5, betas[2] = 1;
  gx_ais_params a = {betas.data(), 3, base.data(), 1, {1, 2}, &v, log_weights.data()};
  const auto call = [&] { return gx_rbm_ais(device, &rbm, &a); };
  expect_machine_checked([&](gx_device* d, const gx_rbm* r) { return gx_rbm_ais(d, r, &a); });
  EXPECT_REFUSED("params must not be null", gx_rbm_ais(device, &rbm, nullptr));
  expect_states_checked("v", v, call, false);
  using P = gx_ais_params;
  const auto spoiled = [&](const char* part, const std::function<void(P&)>& spoil) {
    refused<P>(part, a, spoil, call);
  };
  spoiled("betas must not be null", [](P& q) { q.betas = nullptr; });
  spoiled("the count of betas must be at least 2, got 1", [](P& q) { q.count = 1; });
  spoiled("base_b must not be null", [](P& q) { q.base_b = nullptr; });
  spoiled("base_b must be aligned to 4 bytes, got 0x", [](P& q) { q.base_b = off_by_a_byte(q.base_b); });
  spoiled("v must not be null", [](P& q) { q.v = nullptr; });
  spoiled("log_weights must not be null", [](P& q) { q.log_weights = nullptr; });
  spoiled("the random step must end by 2^56, got 72057594037927934 + 3",
          [](P& q) { q.rng.step = (uint64_t(1) << 56) - 2; });
  const auto with_betas = [&](const char* part, double x, double y, double z) {
    betas[0] = x, betas[1] = y, betas[2] = z;
    EXPECT_REFUSED(part, call());
    betas[0] = 0, betas[1] = 0.5, betas[2] = 1;
  };
  with_betas("an element of betas must be between 0 and 1, got -0.25", -0.25, 0.5, 1);
  with_betas("an element of betas must be between 0 and 1, got 1.5", 0, 0.5, 1.5);
  with_betas("an element of betas must be between 0 and 1, got nan", 0, std::nan(""), 1);
  with_betas("betas must never decrease, got 0.5 after 0.75 at 2", 0, 0.75, 0.5);
  with_betas("betas must begin at 0 when the start comes from the base, got 0.125", 0.125, 0.5, 1);
  a.start_from_base = 0;
  with_betas("betas must never increase, got 0.75 after 0.5 at 1", 0.5, 0.75, 0.25);
  floats[7] = 0.25f;
  refused<gx_states>(
      "float elements of v must be 0 or 1, got 0.25", v,
      [&](gx_states& s) { s.data = floats.data(), s.format = GX_FLOAT32; }, call);
  a.start_from_base = 1;
  refused<gx_rbm>(
      "v and W must not overlap", rbm, [&](gx_rbm& r) { r.W = static_cast<float*>(v.data) + kRows - 1; }, call);
  refused<gx_rbm>(
      "v and b must not overlap", rbm, [&](gx_rbm& r) { r.b = static_cast<float*>(v.data); }, call);
  refused<gx_rbm>(
      "v and c must not overlap", rbm, [&](gx_rbm& r) { r.c = static_cast<float*>(v.data); }, call);
  refused<gx_rbm>(
      "v and mu must not overlap", rbm, [&](gx_rbm& r) { r.mu = static_cast<float*>(v.data); }, call);
  refused<gx_rbm>(
      "v and lambda must not overlap", rbm, [&](gx_rbm& r) { r.lambda = static_cast<float*>(v.data); }, call);
  spoiled("v and base_b must not overlap", [&](P& q) { q.base_b = static_cast<float*>(v.data); });
  spoiled("log_weights and betas must not overlap", [&](P& q) { q.log_weights = betas.data() + 2; });
  refused<gx_states>(
      "log_weights and v must not overlap, got 32 bytes at 0x", v, [&](gx_states& s) { s.data = log_weights.data(); },
      call);
}

TEST_F(GibbsArguments, TemperingSwap) {
  Buffer<float> betas(2);
  betas[1] = 1;
  int64_t accepted = 0;
  gx_tempering_params a = {betas.data(), 2, 0, {1, 2}, &v, &accepted};
  const auto call = [&] { return gx_rbm_tempering_swap(device, &rbm, &a); };
  expect_machine_checked([&](gx_device* d, const gx_rbm* r) { return gx_rbm_tempering_swap(d, r, &a); });
  EXPECT_REFUSED("params must not be null", gx_rbm_tempering_swap(device, &rbm, nullptr));
  expect_states_checked("v", v, call, false);
  using P = gx_tempering_params;
  const auto spoiled = [&](const char* part, const std::function<void(P&)>& spoil) {
    refused<P>(part, a, spoil, call);
  };
  spoiled("replicas must be at least 1, got 0", [](P& q) { q.replicas = 0; });
  spoiled("betas must not be null", [](P& q) { q.betas = nullptr; });
  spoiled("parity must be between 0 and 1, got 2", [](P& q) { q.parity = 2; });
  spoiled("parity must be between 0 and 1, got -1", [](P& q) { q.parity = -1; });
  spoiled("v must not be null", [](P& q) { q.v = nullptr; });
  spoiled("the random step must end by 2^56, got 72057594037927936 + 1", [](P& q) { q.rng.step = uint64_t(1) << 56; });
  refused<gx_states>(
      "the rows of v must be a multiple of the 2 replicas, got 3", v, [](gx_states& s) { s.rows = 3; }, call);
  betas[1] = kNan;
  EXPECT_REFUSED("an element of betas must be finite, got nan", call());
  betas[1] = 1;
  refused<gx_rbm>(
      "v and W must not overlap", rbm, [&](gx_rbm& r) { r.W = static_cast<float*>(v.data); }, call);
  refused<gx_rbm>(
      "v and b must not overlap", rbm, [&](gx_rbm& r) { r.b = static_cast<float*>(v.data); }, call);
  refused<gx_rbm>(
      "v and c must not overlap", rbm, [&](gx_rbm& r) { r.c = static_cast<float*>(v.data); }, call);
  refused<gx_rbm>(
      "v and mu must not overlap", rbm, [&](gx_rbm& r) { r.mu = static_cast<float*>(v.data); }, call);
  refused<gx_rbm>(
      "v and lambda must not overlap", rbm, [&](gx_rbm& r) { r.lambda = static_cast<float*>(v.data); }, call);
  a.accepted = nullptr;
  EXPECT_OK(call());
}

}  // namespace
}  // namespace gx::test::gibbs
