// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
//
// Drawing images from an autoregressive network, pixel by pixel in raster order, each activation of the network being
// computed once (the idea of Ramachandran et al., "Fast generation for convolutional autoregressive models", 2017, for
// any network made of the nodes below).
//
// A program is a list of nodes, each a map of channels at some resolution, and of heads, which draw the image's
// channels from the channels of a node at the same pixel. For every pixel, and at it for every head in order, the
// activations that the head needs and that are not there yet are computed, and the head draws. A network that would
// need a pixel which is not drawn yet is refused.
//
// The lists of nodes, sources, taps and heads, log_likelihood and evaluations are in host memory; the arrays of numbers
// are the device's.
//
// Images are [rows, channels, height, width]. A row's results depend neither on the other rows nor on threads. FLOAT32
// sums, in a convolution, go over k = (source, channel, tap) in this order, in blocks of at most 512 terms cut as in
// linear.h, then the bias is added: the bits of gx_conv's masked convolutions. FLOAT64 is computed by a plain
// reference. On a GPU sums have an order of their own, which depends on the network alone.
#ifndef GENERATRIX_CAUSAL_H_
#define GENERATRIX_CAUSAL_H_

#include "generatrix/core.h"
#include "generatrix/elementwise.h"
#include "generatrix/linear.h"
#include "generatrix/random.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gx_causal_kind {
  GX_CAUSAL_INPUT = 0,    // channels of the image as it is drawn: a pixel is known once its heads have drawn it
  GX_CAUSAL_EXAMPLE = 1,  // values [rows, channels] of each example, the same at every pixel, and known from the start
  GX_CAUSAL_CONV = 2,     // y = f(the sum over all sources + b)
  GX_CAUSAL_UNARY = 3,    // y = f(x), one source
  GX_CAUSAL_BINARY = 4,   // y = f(a, b), two sources
  GX_CAUSAL_CONCAT = 5,   // the sources' channels one after another
  GX_CAUSAL_CONCAT_ELU = 6  // elu(x), then elu(-x), one source of half the channels (Shang et al., "CReLU", 2016)
} gx_causal_kind;

// A tap of a convolution's source. Pixel (i, j) of the result meets the source's pixel
//   (i stride_h + dh, j stride_w + dw)              convolution
//   ((i - dh) / stride_h, (j - dw) / stride_w)      transposed, if both divide
// where it exists: pixels outside are padding. `weight` is the tap's place in the kernel.
typedef struct gx_causal_tap {
  int32_t dh, dw;
  int32_t weight;
} gx_causal_tap;

// Channels [first_channel, + channels) of an earlier node. Taps [first_tap, + taps) of the program's list, and
// first_column, are looked at in convolutions only; elsewhere the source is read at the pixel itself.
typedef struct gx_causal_source {
  int64_t node;
  int64_t first_channel, channels;
  int64_t first_column;  // of W, at which its channels begin
  int64_t first_tap, taps;
} gx_causal_source;

typedef struct gx_causal_node {
  gx_causal_kind kind;
  int32_t function;  // CONV: a gx_activation, UNARY: a gx_unary_function, BINARY: a gx_binary_function
  double p;          // the function's parameter
  int64_t channels, height, width;
  int64_t first_source, sources;  // in the program's list; 0 for INPUT and EXAMPLE
  int64_t first_channel;          // INPUT: of the image
  const void* values;             // EXAMPLE
  // CONV: the weight of channel o of the result, channel c of a source and a tap is
  //   W[(first_row + o) row_step + (first_column + c) column_step + tap.weight]
  // and b[first_row + o] its bias, or b is NULL.
  int32_t transposed;
  int64_t stride[2];
  int64_t first_row, row_step, column_step;
  int64_t weights, biases;  // elements of W and b
  const void *W, *b;
} gx_causal_node;

// How a head draws, from parameters l = channels of its node, computed in double. With u the uniform number (seed, step
// + pixel, GX_PURPOSE_UNIFORM, row, unit), pixel = i width + j, where a head's units follow those of the heads before
// it:
//   BERNOULLI           level 1 if u < 1 / (1 + e^-l), else 0; of 2 levels. Parameters and units: one per drawn channel
//   CATEGORICAL         the first level whose cumulative sum of e^(l - max l) is above u times the sum of all; `levels`
//                       parameters and one unit per drawn channel
//   LOGISTIC_MIXTURE    loss.h's discretised mixture, its parameters in that order. Unit 0 picks the component as
//                       CATEGORICAL does; unit 1 + c with v = u + 2^-25 makes x_c = m_c + s_c (log v - log(1 - v)), cut
//                       off at -1 and 1 and rounded to the nearest level. 1 or 3 channels
typedef enum gx_causal_distribution {
  GX_CAUSAL_BERNOULLI = 0,
  GX_CAUSAL_CATEGORICAL = 1,
  GX_CAUSAL_LOGISTIC_MIXTURE = 2
} gx_causal_distribution;

typedef struct gx_causal_head {
  gx_causal_distribution distribution;
  int64_t node, first_channel;   // where its parameters begin; the node has the image's resolution
  int64_t image_channel, drawn;  // draws channels [image_channel, + drawn) of the image
  int64_t levels;                // at least 2
  int64_t components;            // LOGISTIC_MIXTURE
  double min_log_scale;          // LOGISTIC_MIXTURE, in [-30, 30]
  const void* values;            // [levels], increasing: what stands in the image for a level
} gx_causal_head;

typedef struct gx_causal_program {
  int64_t channels, height, width;  // of the image; sizes of maps are at most 2^15 - 1
  int64_t nodes, sources, taps, heads;
  const gx_causal_node* node;  // every source of a node is an earlier one
  const gx_causal_source* source;
  const gx_causal_tap* tap;
  const gx_causal_head* head;  // each image channel is drawn by exactly one
} gx_causal_program;

typedef struct gx_causal_run {
  int64_t rows;
  gx_rng rng;
  // Where an element of observed is not 0, x's is kept instead of drawn. NULL: see all_observed.
  const void* observed;
  int32_t
      all_observed;  // x is kept as a whole: its likelihood is what is wanted. Else, without `observed`: all is drawn
  void* x;           // [rows, channels, height, width], read where observed, written where not
  // May be NULL: what the heads' parameters were, one array after another [rows, parameters, height, width].
  void* logits;
  double* log_likelihood;  // [rows], of all channels and pixels, or NULL
  int64_t* evaluations;    // [height, width], or NULL: how many nodes' activations each pixel took to draw
} gx_causal_run;

GX_API gx_status gx_causal_sample(gx_device* device, gx_format format, const gx_causal_program* program,
                                  const gx_causal_run* run);

#ifdef __cplusplus
}
#endif
#endif  // GENERATRIX_CAUSAL_H_
