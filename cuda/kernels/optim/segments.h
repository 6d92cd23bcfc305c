// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// A model's segments in one launch. Their list travels as the kernel's argument: nothing is uploaded, so that a step
// can be captured in a graph, and a list of more than kMostSegments goes in several launches. Segments are cut into
// tiles of kStepTile elements, a block for each, in order; a tile belongs to one segment, so that addresses keep their
// grid.
#ifndef GENERATRIX_CUDA_KERNELS_OPTIM_SEGMENTS_H_
#define GENERATRIX_CUDA_KERNELS_OPTIM_SEGMENTS_H_

#include "generatrix/optim.h"
#include "runtime/gpu.h"

namespace gx::cuda {

constexpr int kMostSegments = 120;    // segments of a launch: 4 or 8 KB of arguments
constexpr int64_t kStepTile = 4096;   // elements of a step's block
constexpr int64_t kReadTile = 16384;  // elements of a block that only reads

// Segment: what the kernel knows of each, with a `count`.
template <class Segment>
struct Segments {
  int64_t count;
  int64_t end[kMostSegments];  // of the tiles of each and those before it
  Segment segment[kMostSegments];
};

// Which segment a block works on, and its first element there.
struct TilePlace {
  int segment;
  int64_t first;
};
template <class Segment>
__device__ inline TilePlace tile_place(const Segments<Segment>& list, int64_t tile, int64_t elements) {
  int below = 0;  // segments that end at or before the tile
#pragma unroll
  for (int step = 64; step > 0; step /= 2) {
    if (below + step <= list.count && list.end[below + step - 1] <= tile) below += step;
  }
  return {below, (tile - (below > 0 ? list.end[below - 1] : 0)) * elements};
}

// run(list, tiles, index of its first segment) for as many lists as it takes. Segments without elements take no part.
template <class Segment, class Given, class Make, class Run>
void each_list(int64_t segments, const Given* given, int64_t elements, Make make, Run run) {
  for (int64_t s = 0; s < segments;) {
    Segments<Segment> list = {};
    int64_t tiles = 0;
    for (; s < segments && list.count < kMostSegments; ++s) {
      if (given[s].count == 0) continue;
      tiles += (given[s].count + elements - 1) / elements;
      list.end[list.count] = tiles;
      list.segment[list.count++] = make(s);
    }
    if (list.count > 0) run(list, tiles);
  }
}

}  // namespace gx::cuda

#endif  // GENERATRIX_CUDA_KERNELS_OPTIM_SEGMENTS_H_
