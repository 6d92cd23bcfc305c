// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// gx_causal_sample (causal.h): all pixels of all images in one launch. A block of 256 threads has G images and goes
// through the whole tape (schedule.h) with them, so that blocks never wait for each other; activations lie in shared
// memory as [place][G], weights there too as far as they fit, the rest comes from L2. A convolution's outputs are
// shared among threads, 2^log_splits of them to an output, which add their parts by shuffles; its sum's order depends
// on the network alone, so that an image's numbers do not depend on the others.
//
// What it costs is waiting: an instruction begins when the one before it is done, some 50 to a pixel for a PixelCNN of
// 15 blocks. So tape and next instruction are read ahead, quads and weights before the barrier, functions and sums of
// maps stay in registers, and barriers stand only where something would be read too early.
//   256 images of 28x28, 15 blocks of 16 channels (the CPU: 82 ms): 49 instructions a pixel, each with its barrier, at
//   some 250 cycles are 10 M cycles, 5.5 ms; their 7.3 G multiply-adds at full rate would be 0.2 ms. With two images
//   to a block activations take 60 KB and weights 170, of which 27 KB stay in L2.
//   Gated, 12 blocks of 32 (the CPU: 330 ms): 1 MB of weights a pixel and block, of which most comes from L2: 10 ms
//   with four images to a block.
// Choice of G: cost_of() below.
//
// Draws are in double (draw.h). FLOAT64: the same kernel, an image to a block.
//
// Registers by nvcc 13.0, sm_80 / sm_90a: 168 to 170 / 182 to 186, FLOAT64 209 / 214, of 255 that a block of 256
// threads may have; no spills, a stack of 48 bytes for a draw (the word of a Philox counter, a mixture's channels).
// Weights are read 16 bytes at a time, activations G numbers.
//
// Not yet run on a GPU.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "kernels/causal/draw.h"
#include "kernels/causal/functions_of_maps.h"
#include "kernels/causal/schedule.h"
#include "runtime/entries.h"
#include "runtime/map.h"

namespace gx::cuda {
namespace causal {
namespace {

constexpr int kThreads = 256, kWarps = kThreads / kWarp;
constexpr int kAhead = 4;  // rounds whose quads and weights are on their way at once
constexpr int kMostImages = 8;

template <class T>
struct ExampleValues {
  const T* values;  // [rows][channels]
  int32_t channels, place;
};

// Where things lie in a block's shared memory, in bytes; -1: in the device's memory. (Numbers of 64 bits, as a kernel's
// argument: two of 32 would look like an address to the emulator.)
struct Places {
  int64_t memory, instructions, quads, biases, weights, bytes;
  int64_t shared_packs;  // of the weights, the first ones
};

template <class T>
struct Program {
  const int32_t* tape;
  int64_t chunk, chunks;
  const Instruction* instructions;
  const Quad* quads;
  const T* biases;
  const Pack<T, 4>* weights;
  int64_t instruction_count, quad_count, bias_count;
  const Head<T>* heads;
  const ExampleValues<T>* examples;
  int64_t example_count, zeros, places;
  T* memory;  // [blocks][places][images], or null
  Places at;
  Run<T> run;
};

__device__ inline void copy_async(void* to_shared, const void* from) {
#if GX_ON_DEVICE
  const unsigned to = unsigned(__cvta_generic_to_shared(to_shared));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
#else
  *static_cast<int4*>(to_shared) = *static_cast<const int4*>(from);
#endif
}
__device__ inline void wait_for_copies() {
#if GX_ON_DEVICE
  asm volatile("cp.async.wait_all;" ::: "memory");
#endif
}

// A whole array, up to 16 bytes more; both aligned to 16.
__device__ inline void copy_to_shared(void* to, const void* from, int64_t bytes) {
  for (int64_t i = int64_t(threadIdx.x) * 16; i < bytes; i += kThreads * 16) {
    copy_async(static_cast<char*>(to) + i, static_cast<const char*>(from) + i);
  }
}

template <class T, int G>
struct Block {
  const Program<T>& p;
  char* shared;
  T* memory;
  const Instruction* instructions;
  const Quad* quads;
  const T* biases;
  int warp, lane_;

  __device__ Block(const Program<T>& program, char* shared_memory) : p(program), shared(shared_memory) {
    memory = p.at.memory >= 0 ? at<T>(p.at.memory) : p.memory + int64_t(blockIdx.x) * p.places * G;
    instructions = p.at.instructions >= 0 ? at<Instruction>(p.at.instructions) : p.instructions;
    quads = p.at.quads >= 0 ? at<Quad>(p.at.quads) : p.quads;
    biases = p.at.biases >= 0 ? at<T>(p.at.biases) : p.biases;
    warp = int(threadIdx.x) / kWarp;
    lane_ = int(threadIdx.x) % kWarp;
  }
  template <class V>
  __device__ V* at(int64_t offset) const {
    return reinterpret_cast<V*>(shared + offset);
  }
  __device__ int32_t* chunk(int64_t i) const { return reinterpret_cast<int32_t*>(shared) + (i & 1) * p.chunk; }

  __device__ void load_chunk(int64_t i) const {
    if (i < p.chunks) copy_to_shared(chunk(i), p.tape + i * p.chunk, int64_t(p.chunk) * 4);
  }

  __device__ void begin(int64_t first_row) const {
    load_chunk(0);
    load_chunk(1);
    if (p.at.instructions >= 0) {
      copy_to_shared(at<char>(p.at.instructions), p.instructions, int64_t(p.instruction_count) * sizeof(Instruction));
      copy_to_shared(at<char>(p.at.quads), p.quads, int64_t(p.quad_count) * sizeof(Quad));
      copy_to_shared(at<char>(p.at.biases), p.biases, int64_t(p.bias_count) * sizeof(T));
    }
    copy_to_shared(at<char>(p.at.weights), p.weights, int64_t(p.at.shared_packs) * sizeof(Pack<T, 4>));
    for (int i = int(threadIdx.x); i < p.zeros * G; i += kThreads) memory[i] = T(0);
    for (int e = 0; e < p.example_count; ++e) {
      const ExampleValues<T> of = p.examples[e];
      for (int i = int(threadIdx.x); i < of.channels * G; i += kThreads) {
        const int64_t row = first_row + i % G;
        memory[int64_t(of.place) * G + i] = row < p.run.rows ? of.values[row * of.channels + i / G] : T(0);
      }
    }
    wait_for_copies();
    __syncthreads();
  }

  // Where an instruction's results go, and what its functions read beside them.
  struct Ends {
    int32_t to;
    int32_t other[kAfters], after_to[kAfters];
  };
  __device__ Ends ends_of(const Instruction& i, const int32_t* w) const {
    Ends e;
    e.to = w[1];
#pragma unroll
    for (int k = 0; k < kAfters; ++k) {
      e.other[k] = k < i.afters ? w[2 + 2 * k] : -1;
      e.after_to[k] = k < i.afters ? w[3 + 2 * k] : -1;
    }
    return e;
  }
  __device__ void load_others(const Ends& e, int o, int g, T (&others)[kAfters]) const {
#pragma unroll
    for (int k = 0; k < kAfters; ++k) others[k] = e.other[k] >= 0 ? memory[(e.other[k] + o) * G + g] : T(0);
  }
  // Output o of image g is z: it is stored, and what follows is computed.
  __device__ void finish(const Instruction& i, const Ends& e, const T (&others)[kAfters], int o, int g, T z) const {
    if (e.to >= 0) memory[(e.to + o) * G + g] = z;
#pragma unroll
    for (int k = 0; k < kAfters; ++k) {
      if (k < i.afters) {
        z = apply(i.after[k], z, others[k]);
        if (e.after_to[k] >= 0) memory[(e.after_to[k] + o) * G + g] = z;
      }
    }
  }

  // Some rounds of a convolution: where the quads lie, how many channels they have, their weights.
  struct Rounds {
    int32_t place[kAhead], count[kAhead];
    Pack<T, 4> weight[kAhead];
  };
  __device__ void fetch(const Instruction& i, const int32_t* w, int t, int round, Rounds& r) const {
    const int log = i.log_splits, outputs = i.channels << log;
    const int32_t* const places = w + i.operand_word;
    const Quad* const table = quads + i.table + (t & ((1 << log) - 1));
    const Pack<T, 4>* const weights =
        (i.weights < p.at.shared_packs ? at<const Pack<T, 4>>(p.at.weights) : p.weights) + i.weights;
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      r.count[k] = 0;
      if (round + k >= i.rounds) continue;
      const Quad q = table[(round + k) << log];
      r.count[k] = q.offset_and_count & 7;
      r.place[k] = places[q.word] + (q.offset_and_count >> 3);
      r.weight[k] = weights[int64_t(round + k) * outputs + min(t, outputs - 1)];
    }
  }
  // What can be read of an instruction before the barrier in front of it.
  __device__ void prepare(const Instruction& i, const int32_t* w, Rounds& ready) const {
    const int t = int(threadIdx.x);
    if (i.kind == kConv && warp * kWarp < i.channels << i.log_splits) fetch(i, w, t, 0, ready);
  }

  __device__ void add(const Rounds& r, T (&sums)[G]) const {
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        if (c >= r.count[k]) continue;
        const auto x = *reinterpret_cast<const Pack<T, G>*>(memory + int64_t(r.place[k] + c) * G);
#pragma unroll
        for (int g = 0; g < G; ++g) sums[g] += r.weight[k].v[c] * x.v[g];
      }
    }
  }

  // `ready` are the first rounds; prepare_next() reads ahead for the next instruction, while this one's sums are added.
  template <class Next>
  __device__ void conv(const Instruction& i, const int32_t* w, bool wait, Rounds& ready, Next&& prepare_next) const {
    const int log = i.log_splits, split = lane_ & ((1 << log) - 1), outputs = i.channels << log;
    const Ends ends = ends_of(i, w);
    if (wait) __syncthreads();
    int base = warp * kWarp;
    if (base >= outputs) prepare_next();
    for (; base < outputs; base += kThreads) {
      const int t = base + lane_, o = t >> log;
      const bool mine = t < outputs;
      if (base >= kThreads) fetch(i, w, t, 0, ready);
      T others[kAfters] = {};
      if (mine && split < G) load_others(ends, o, split, others);
      const T bias = mine ? biases[i.bias + o] : T(0);
      T sums[G] = {};
      add(ready, sums);
      for (int round = kAhead; round < i.rounds; round += kAhead) {
        fetch(i, w, t, round, ready);
        add(ready, sums);
      }
      if (base < kThreads) prepare_next();
      for (int by = 1 << log >> 1; by > 0; by >>= 1) {
#pragma unroll
        for (int g = 0; g < G; ++g) sums[g] += __shfl_xor_sync(kAllLanes, sums[g], by);
      }
      // The threads of an output share the images, too.
      for (int first = 0; first < G; first += 1 << log) {
        const int g = first + split;
        T z = sums[0];
#pragma unroll
        for (int k = 1; k < G; ++k) z = k == g ? sums[k] : z;
        if (!mine || g >= G) continue;
        if (first > 0) load_others(ends, o, g, others);
        finish(i, ends, others, o, g, apply(i.function, z + bias, T(0)));
      }
    }
  }

  __device__ void map(const Instruction& i, const int32_t* w, bool wait) const {
    const T* const a = memory + int64_t(w[i.operand_word]) * G;
    const T* const b = i.operands == 2 ? memory + int64_t(w[i.operand_word + 1]) * G : nullptr;
    const Ends ends = ends_of(i, w);
    if (wait) __syncthreads();
    for (int e = int(threadIdx.x); e < i.channels * G; e += kThreads) {
      T others[kAfters];
      load_others(ends, e / G, e % G, others);
      finish(i, ends, others, e / G, e % G, apply(i.function, a[e], b ? b[e] : T(0)));
    }
  }

  // A warp for each image.
  __device__ void head(const Instruction& i, const int32_t* w, bool wait, int64_t first_row, double* likelihood) const {
    if (wait) __syncthreads();
    const Head<T>& h = p.heads[i.bias];
    for (int g = warp; g < G; g += kWarps) {
      T* const image = memory + int64_t(w[2]) * G + g;
      if (first_row + g < p.run.rows) {
        const double value =
            draw(h, p.run, first_row + g, int64_t(w[1]), {memory + int64_t(w[3]) * G + g, G}, image, G);
        if (lane_ == 0) likelihood[g] += value;
      } else {
        for (int c = lane_; c < h.drawn; c += kWarp) image[int64_t(h.image_channel + c) * G] = T(0);
      }
    }
  }
};

__device__ inline int number_of(int32_t first_word) { return (first_word < 0 ? -first_word : first_word) - 1; }

template <class T, int G>
__global__ void __launch_bounds__(kThreads, 1) sample(const __grid_constant__ Program<T> p) {
  GX_DYNAMIC_SHARED(char, shared);
  GX_SHARED(double, likelihood, kMostImages);
  const Block<T, G> block(p, shared);
  const int64_t first_row = int64_t(blockIdx.x) * G;
  if (threadIdx.x < G) likelihood[threadIdx.x] = 0;
  block.begin(first_row);
  const int32_t* w = block.chunk(0);
  int32_t first = w[0];
  Instruction now = block.instructions[number_of(first)];
  typename Block<T, G>::Rounds ready = {}, coming = {};
  block.prepare(now, w, ready);
  for (int64_t chunk = 0;;) {
    const bool wait = first < 0;
    const int32_t next_first = w[now.words];
    const bool more = next_first != kNextChunk && next_first != kEndOfTape;
    const Instruction next = block.instructions[more ? number_of(next_first) : 0];  // on its way in the meantime
    const auto prepare_next = [&] {
      if (more) block.prepare(next, w + now.words, coming);
    };
    if (now.kind == kConv) {
      block.conv(now, w, wait, ready, prepare_next);
    } else {
      prepare_next();
      if (now.kind == kMap) {
        block.map(now, w, wait);
      } else {
        block.head(now, w, wait, first_row, likelihood);
      }
    }
    if (more) {
      w += now.words;
      first = next_first;
      now = next;
      ready = coming;
      continue;
    }
    if (next_first == kEndOfTape) break;
    wait_for_copies();
    __syncthreads();  // the next chunk is there, and nobody reads this one any more
    block.load_chunk(chunk + 2);
    w = block.chunk(++chunk);
    first = w[0];
    now = block.instructions[number_of(first)];
    block.prepare(now, w, ready);
  }
  __syncthreads();
  const int64_t row = first_row + threadIdx.x;
  if (threadIdx.x < G && row < p.run.rows && p.run.log_likelihood) p.run.log_likelihood[row] = likelihood[threadIdx.x];
}

// --- Weights and biases, as the blocks read them

template <class T>
struct PackJob {
  const T *W, *b;  // of the node's first row; b may be null
  int64_t row_step, first_source;
  int32_t log_splits, rounds, channels, weights, bias;
};

template <class T>
__global__ void __launch_bounds__(256)
    pack(const PackJob<T>* jobs, int64_t count, const int64_t* sources, Pack<T, 4>* weights, T* biases) {
  for (int64_t j = blockIdx.y; j < count; j += gridDim.y) {
    const PackJob<T> job = jobs[j];
    const int64_t outputs = int64_t(job.channels) << job.log_splits;
    for (int64_t i = grid_place(); i < job.rounds * outputs; i += grid_size()) {
      const int64_t round = i / outputs, t = i % outputs, o = t >> job.log_splits;
      const int64_t quad = (round << job.log_splits) + (t & ((1 << job.log_splits) - 1));
      Pack<T, 4> v;
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        const int64_t from = sources[job.first_source + 4 * quad + c];
        v.v[c] = from < 0 ? T(0) : job.W[o * job.row_step + from];
      }
      weights[job.weights + i] = v;
    }
    for (int64_t o = grid_place(); o < job.channels; o += grid_size()) {
      biases[job.bias + o] = job.b ? job.b[o] : T(0);
    }
  }
}

// --- The host's side

// Several arrays in one copy to the device.
class Parcel {
 public:
  template <class V>
  int64_t add(const std::vector<V>& values) {
    const int64_t at = int64_t(bytes_.size());
    bytes_.resize((bytes_.size() + values.size() * sizeof(V) + 127) / 128 * 128 + 128);
    if (!values.empty()) std::memcpy(bytes_.data() + at, values.data(), values.size() * sizeof(V));
    return at;
  }
  void send(Gpu& gpu, Workspace& workspace) { sent_ = upload(gpu, workspace, bytes_.data(), int64_t(bytes_.size())); }
  template <class V>
  const V* get(int64_t at) const {
    return reinterpret_cast<const V*>(sent_ + at);
  }

 private:
  std::vector<char> bytes_;
  char* sent_ = nullptr;
};

int64_t rounded(int64_t bytes) { return (bytes + 127) / 128 * 128; }

template <class T>
Places places_for(const Gpu& gpu, const Schedule& s, int images) {
  const int64_t memory = rounded(s.places * images * int64_t(sizeof(T)));
  const int64_t instructions = rounded(int64_t(s.instructions.size() * sizeof(Instruction)));
  const int64_t quads = rounded(int64_t(s.quads.size() * sizeof(Quad)));
  const int64_t biases = rounded(s.biases * int64_t(sizeof(T)) + 16);
  const int64_t limit = gpu.shared_memory - 2048;  // the rest: what the kernel declares, and the system's own
  Places at = {-1, -1, -1, -1, 0, rounded(2 * s.chunk * 4), 0};
  if (at.bytes + memory <= limit) {
    at.memory = at.bytes;
    at.bytes += memory;
  }
  if (at.bytes + instructions + quads + biases <= limit) {
    at.instructions = at.bytes;
    at.quads = at.bytes += instructions;
    at.biases = at.bytes += quads;
    at.bytes += biases;
  }
  at.weights = at.bytes;
  for (const Packing& packing : s.packings) {  // as many of the first as fit
    const int64_t end = packing.weights + (int64_t(packing.rounds) * packing.channels << packing.log_splits);
    if (at.bytes + end * int64_t(sizeof(Pack<T, 4>)) > limit) break;
    at.shared_packs = end;
  }
  at.bytes += rounded(at.shared_packs * int64_t(sizeof(Pack<T, 4>)));
  return at;
}

// Cycles with so many images to a block, roughly: instructions, multiply-adds, and weights that come from L2.
template <class T>
double cost_of(const Gpu& gpu, const Schedule& s, const Places& at, int64_t rows, int images) {
  const double blocks = double((rows + images - 1) / images), most = gpu.multiprocessors;
  const double waves = std::ceil(blocks / most);
  const double from_l2 =
      double(s.terms) * sizeof(T) * (1 - double(at.shared_packs) / double(std::max<int64_t>(1, s.packs)));
  double compute = 260.0 * double(s.steps) + 2.5 / 128 * double(s.terms) * images;
  if (at.memory < 0) compute *= 1.5;
  return waves * std::max({compute, from_l2 / 64, from_l2 * std::min(blocks, most) / 2800});
}

template <class T>
void run(gx_device* device, const gx_causal_program& program, const gx_causal_run& given, const Schedule& s) {
  Gpu& gpu = gpu_of(device);
  Workspace workspace(*device);
  std::vector<PackJob<T>> jobs;
  for (const Packing& packing : s.packings) {
    const gx_causal_node& n = program.node[packing.node];
    jobs.push_back({static_cast<const T*>(n.W) + n.first_row * n.row_step,
                    n.b ? static_cast<const T*>(n.b) + n.first_row : nullptr, n.row_step, packing.first_source,
                    packing.log_splits, packing.rounds, packing.channels, packing.weights, packing.bias});
  }
  std::vector<Head<T>> heads;
  int64_t parameters = 0, units = 0;
  for (int64_t h = 0; h < program.heads; ++h) {
    const gx_causal_head& head = program.head[h];
    heads.push_back({head.distribution, int32_t(head.image_channel), int32_t(head.drawn), int32_t(head.levels),
                     int32_t(head.components), causal_parameters(head), parameters, units, head.min_log_scale,
                     static_cast<const T*>(head.values)});
    parameters += causal_parameters(head);
    units += causal_units(head);
  }
  std::vector<ExampleValues<T>> examples;
  for (const Example& e : s.examples) {
    const gx_causal_node& n = program.node[e.node];
    examples.push_back({static_cast<const T*>(n.values), int32_t(n.channels), int32_t(e.place)});
  }
  Parcel parcel;
  const int64_t at_instructions = parcel.add(s.instructions), at_quads = parcel.add(s.quads),
                at_sources = parcel.add(s.sources), at_jobs = parcel.add(jobs), at_heads = parcel.add(heads),
                at_examples = parcel.add(examples);
  parcel.send(gpu, workspace);

  Pack<T, 4>* const weights = workspace.get<Pack<T, 4>>(s.packs);
  T* const biases = workspace.get<T>(s.biases + 16);
  const int64_t widest = s.packs / std::max<int64_t>(1, int64_t(jobs.size()));
  launch(gpu, {dim3(blocks_for(gpu, widest + 1, 256), unsigned(std::min<size_t>(jobs.size(), 65535))), 256}, pack<T>,
         parcel.get<PackJob<T>>(at_jobs), int64_t(jobs.size()), parcel.get<int64_t>(at_sources), weights, biases);

  // FLOAT64 has one kernel: it is there to be right.
  int images = 1;
  Places at = places_for<T>(gpu, s, 1);
  double least = cost_of<T>(gpu, s, at, given.rows, 1);
  for (int more = 2; sizeof(T) == sizeof(float) && more <= kMostImages; more *= 2) {
    const Places then = places_for<T>(gpu, s, more);
    const double cost = cost_of<T>(gpu, s, then, given.rows, more);
    if (cost < least) images = more, at = then, least = cost;
  }
  const int64_t blocks = (given.rows + images - 1) / images;
  Program<T> p = {};
  p.tape = upload(gpu, workspace, s.tape.data(), int64_t(s.tape.size()));
  p.chunk = s.chunk;
  p.chunks = int64_t(s.tape.size()) / s.chunk;
  p.instructions = parcel.get<Instruction>(at_instructions);
  p.quads = parcel.get<Quad>(at_quads);
  p.biases = biases;
  p.weights = weights;
  p.instruction_count = int64_t(s.instructions.size());
  p.quad_count = int64_t(s.quads.size());
  p.bias_count = s.biases;
  p.heads = parcel.get<Head<T>>(at_heads);
  p.examples = parcel.get<ExampleValues<T>>(at_examples);
  p.example_count = int64_t(examples.size());
  p.zeros = s.zeros;
  p.places = s.places;
  p.memory = at.memory >= 0 ? nullptr : workspace.get<T>(blocks * s.places * images);
  p.at = at;
  double* const likelihood = given.log_likelihood ? workspace.get<double>(given.rows) : nullptr;
  p.run = {given.rows,         program.channels,         program.height * program.width,
           given.rng.seed,     given.rng.step,           static_cast<const T*>(given.observed),
           given.all_observed, static_cast<T*>(given.x), static_cast<T*>(given.logits),
           likelihood};
  void (*kernel)(Program<T>) = sample<T, 1>;
  if constexpr (sizeof(T) == sizeof(float)) {
    if (images == 2) kernel = sample<T, 2>;
    if (images == 4) kernel = sample<T, 4>;
    if (images == 8) kernel = sample<T, 8>;
  }
  launch(gpu, {unsigned(blocks), kThreads, at.bytes}, kernel, p);
  if (likelihood) copy(gpu, given.log_likelihood, likelihood, given.rows * int64_t(sizeof(double)));
}

}  // namespace
}  // namespace causal

gx_status gx_causal_sample(gx_device* device, gx_format format, const gx_causal_program* program,
                           const gx_causal_run* run) {
  return guarded([&] {
    const std::shared_ptr<const causal::Schedule> schedule = causal::schedule_of(*program);
    if (run->evaluations) {
      std::copy(schedule->evaluations.begin(), schedule->evaluations.end(), run->evaluations);
    }
    if (run->rows == 0) return;
    with_real(format, [&](auto zero) { causal::run<decltype(zero)>(device, *program, *run, *schedule); });
  });
}

}  // namespace gx::cuda
