// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.generatrix.autograd.Resampling.affineGrid;
import static org.generatrix.autograd.Resampling.averagePool;
import static org.generatrix.autograd.Resampling.bilinearAdditive;
import static org.generatrix.autograd.Resampling.depthToSpace;
import static org.generatrix.autograd.Resampling.gridSample;
import static org.generatrix.autograd.Resampling.maxPool;
import static org.generatrix.autograd.Resampling.maxPoolWithIndex;
import static org.generatrix.autograd.Resampling.padReflect;
import static org.generatrix.autograd.Resampling.padZero;
import static org.generatrix.autograd.Resampling.spaceToDepth;
import static org.generatrix.autograd.Resampling.sumPool;
import static org.generatrix.autograd.Resampling.unpool;
import static org.generatrix.autograd.Resampling.unpoolUpperLeft;
import static org.generatrix.autograd.Resampling.upsampleBilinear;
import static org.generatrix.autograd.Resampling.upsampleLinear;
import static org.generatrix.autograd.Resampling.upsampleNearest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.generatrix.autograd.op.AffineGrid;
import org.generatrix.autograd.op.GridSample;
import org.generatrix.autograd.op.MaxPool;
import org.generatrix.autograd.op.Pad;
import org.generatrix.autograd.op.Pool;
import org.generatrix.autograd.op.Resize;
import org.generatrix.autograd.op.SpaceToDepth;
import org.generatrix.autograd.op.Unpool;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Resample.BlockOrder;
import org.generatrix.binding.Resample.Pooling;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Up-sampling, pooling, padding, blocks to channels, spatial transformers. */
final class ResamplingCases {
  private static final double[][] ONE = {{1}};

  private ResamplingCases() {}

  static Stream<OpCase> all() {
    return Stream.of(resizes(), pools(), maxima(), unpools(), blocks(), pads(), grids())
        .flatMap(s -> s);
  }

  // --- maps along both axes ---

  private interface Weight {
    double of(int o, int i);
  }

  /** [out][in]. */
  private static double[][] matrix(int out, int in, Weight weight) {
    return IntStream.range(0, out)
        .mapToObj(o -> IntStream.range(0, in).mapToDouble(i -> weight.of(o, i)).toArray())
        .toArray(double[][]::new);
  }

  private static double[][] nearest(int in, int factor) {
    return matrix(in * factor, in, (o, i) -> o / factor == i ? 1 : 0);
  }

  private static double[][] corner(int in, int factor) {
    return matrix(in * factor, in, (o, i) -> o == factor * i ? 1 : 0);
  }

  // The hat of width 1 at each element of `in`.
  private static double[][] linear(int in, int out, boolean aligned) {
    return matrix(
        out,
        in,
        (o, i) -> {
          double at =
              aligned ? out == 1 ? 0 : o * (in - 1.0) / (out - 1.0) : (o + 0.5) * in / out - 0.5;
          return Math.max(0, 1 - Math.abs(Math.min(Math.max(at, 0), in - 1.0) - i));
        });
  }

  // Sums of k elements, `dilation` apart, over 1 or, if inside, over how many there are.
  private static double[][] windows(int in, int k, int stride, int padding, int dilation) {
    int out = (in + 2 * padding - dilation * (k - 1) - 1) / stride + 1;
    return matrix(
        out,
        in,
        (o, i) -> {
          int tap = i - o * stride + padding;
          return tap >= 0 && tap % dilation == 0 && tap / dilation < k ? 1 : 0;
        });
  }

  private static double[][] averages(double[][] sums) {
    return Arrays.stream(sums)
        .map(
            row -> {
              double all = DoubleStream.of(row).sum();
              return DoubleStream.of(row).map(v -> v / all).toArray();
            })
        .toArray(double[][]::new);
  }

  private static double[][] times(double factor, double[][] matrix) {
    return Arrays.stream(matrix)
        .map(row -> DoubleStream.of(row).map(v -> factor * v).toArray())
        .toArray(double[][]::new);
  }

  private static double[][] padded(int in, int before, int after, boolean mirrored) {
    return matrix(
        before + in + after,
        in,
        (o, i) -> {
          int at = o - before;
          return at == i || mirrored && (-at == i || 2 * (in - 1) - at == i) ? 1 : 0;
        });
  }

  // rows x columns' of each plane of x, `summed` planes added up.
  private static double[] map(double[] x, double[][] rows, double[][] columns, int summed) {
    int in = rows[0].length * columns[0].length;
    int out = rows.length * columns.length;
    double[] y = new double[x.length / in / summed * out];
    for (int plane = 0; plane < x.length / in; plane++) {
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
          y[plane / summed * out + o] +=
              rows[o / columns.length][i / columns[0].length]
                  * columns[o % columns.length][i % columns[0].length]
                  * x[plane * in + i];
        }
      }
    }
    return y;
  }

  private static double[] squared(double... y) {
    return DoubleStream.of(y).map(v -> v * v).toArray();
  }

  private interface Call {
    Var of(Var x);
  }

  /** A case of the squared result, so that there are second derivatives. */
  private static OpCase mapped(
      Class<? extends Op> op,
      String name,
      double[][] rows,
      double[][] columns,
      int summed,
      Call call,
      long... shape) {
    return OpCase.of(op, name)
        .input(-2, 2, shape)
        .calls((tape, x) -> squared(call.of(x[0])))
        .expects(x -> squared(map(x[0], rows, columns, summed)))
        .twiceDifferentiable();
  }

  private static Var squared(Var y) {
    return y.mul(y);
  }

  private static Stream<OpCase> resizes() {
    return Stream.of(
        mapped(
                Resize.class,
                "nearest 2",
                nearest(2, 2),
                nearest(3, 2),
                1,
                x -> upsampleNearest(x, 2),
                2,
                2,
                2,
                3)
            .refuses("factor of at least 1, got 0", (tape, x) -> upsampleNearest(x[0], 0))
            .refuses("[batch, channels, length]", (tape, x) -> upsampleNearest(rank2(tape), 2))
            .refuses("sizes of at least 1", (tape, x) -> upsampleBilinear(x[0], 0, 3, false))
            .refuses("a multiple of 4, got 2", (tape, x) -> bilinearAdditive(x[0])),
        mapped(
                Resize.class,
                "nearest 3 of a line",
                ONE,
                nearest(4, 3),
                1,
                x -> upsampleNearest(x, 3),
                1,
                2,
                4)
            .refuses("a height of 1, got 2 x 4", (tape, x) -> upsampleBilinear(x[0], 2, 4, true)),
        mapped(
            Resize.class,
            "bilinear",
            linear(3, 6, false),
            linear(4, 7, false),
            1,
            x -> upsampleBilinear(x, 6, 7, false),
            1,
            2,
            3,
            4),
        mapped(
            Resize.class,
            "bilinear, smaller",
            linear(6, 3, false),
            linear(5, 2, false),
            1,
            x -> upsampleBilinear(x, 3, 2, false),
            1,
            1,
            6,
            5),
        mapped(
            Resize.class,
            "bilinear, aligned",
            linear(3, 5, true),
            linear(2, 1, true),
            1,
            x -> upsampleBilinear(x, 5, 1, true),
            1,
            2,
            3,
            2),
        mapped(
            Resize.class,
            "linear",
            ONE,
            linear(3, 7, true),
            1,
            x -> upsampleLinear(x, 7, true),
            2,
            1,
            3),
        mapped(
            Resize.class,
            "bilinear additive",
            linear(2, 4, false),
            linear(3, 6, false),
            4,
            Resampling::bilinearAdditive,
            1,
            8,
            2,
            3),
        mapped(
            Resize.class,
            "upper left",
            corner(2, 3),
            corner(2, 3),
            1,
            x -> unpoolUpperLeft(x, 3),
            1,
            2,
            2,
            2));
  }

  private static Stream<OpCase> pads() {
    return Stream.of(
        mapped(
                Pad.class,
                "zeros",
                padded(2, 1, 0, false),
                padded(3, 2, 1, false),
                1,
                x -> padZero(x, 1, 0, 2, 1),
                2,
                1,
                2,
                3)
            .refuses("at least 0, got top 0, bottom -1", (tape, x) -> padZero(x[0], 0, -1, 0, 0))
            .refuses("below the height of 2, got 2", (tape, x) -> padReflect(x[0], 2, 0, 0, 0))
            .refuses("[batch, channels, length]", (tape, x) -> padZero(rank2(tape), 0, 0, 0, 0)),
        mapped(
            Pad.class,
            "mirrored",
            padded(3, 1, 2, true),
            padded(4, 3, 2, true),
            1,
            x -> padReflect(x, 1, 2, 3, 2),
            1,
            2,
            3,
            4),
        mapped(
                Pad.class,
                "a line",
                ONE,
                padded(3, 2, 0, true),
                1,
                x -> padReflect(x, 0, 0, 2, 0),
                1,
                2,
                3)
            .refuses("none above and below a line", (tape, x) -> padZero(x[0], 1, 0, 0, 0)));
  }

  private static Stream<OpCase> pools() {
    Window two = Window.of(2, 2).stride(2);
    Window three = Window.of(3, 2).stride(2, 1).padding(1);
    Window wide = Window.of(3).dilation(2).padding(2);
    return Stream.of(
        mapped(
                Pool.class,
                "averages of 2 x 2",
                averages(windows(4, 2, 2, 0, 1)),
                averages(windows(5, 2, 2, 0, 1)),
                1,
                x -> averagePool(x, two),
                1,
                2,
                4,
                5)
            .refuses("see MaxPool", (tape, x) -> Pool.of(x[0], two, Pooling.MAX))
            .refuses("a window of 2 axes", (tape, x) -> sumPool(x[0], Window.of(2)))
            .refuses("without groups", (tape, x) -> sumPool(x[0], two.groups(2)))
            .refuses("output padding", (tape, x) -> sumPool(x[0], two.outputPadding(1)))
            .refuses("at most half", (tape, x) -> sumPool(x[0], two.padding(2)))
            .refuses("at most 4 pixels, got 5", (tape, x) -> sumPool(x[0], Window.of(5, 1)))
            .refuses("[batch, channels, length]", (tape, x) -> sumPool(rank2(tape), two)),
        mapped(
            Pool.class,
            "averages with padding",
            times(1.0 / 3, windows(5, 3, 2, 1, 1)),
            times(1.0 / 2, windows(3, 2, 1, 1, 1)),
            1,
            x -> averagePool(x, three),
            1,
            1,
            5,
            3),
        mapped(
            Pool.class,
            "averages inside",
            averages(windows(5, 3, 2, 1, 1)),
            averages(windows(3, 2, 1, 1, 1)),
            1,
            x -> averagePool(x, three, false),
            1,
            1,
            5,
            3),
        mapped(
            Pool.class,
            "sums of a line",
            ONE,
            windows(6, 3, 1, 2, 2),
            1,
            x -> sumPool(x, wide),
            2,
            1,
            6));
  }

  // --- greatest elements ---

  /** Where the greatest of each window stands; a picture's windows one after the other. */
  private static int[] places(double[] x, int height, int width, int k, int stride, int padding) {
    List<Integer> places = new ArrayList<>();
    for (int plane = 0; plane < x.length; plane += height * width) {
      for (int r = -padding; r + k <= height + padding; r += stride) {
        for (int c = -padding; c + k <= width + padding; c += stride) {
          int best = -1;
          for (int i = Math.max(0, r); i < Math.min(height, r + k); i++) {
            for (int j = Math.max(0, c); j < Math.min(width, c + k); j++) {
              int at = plane + i * width + j;
              best = best < 0 || x[at] > x[best] ? at : best;
            }
          }
          places.add(best);
        }
      }
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }

  private static Stream<OpCase> maxima() {
    Window two = Window.of(2, 2).stride(2);
    Window three = Window.of(3, 3).stride(1).padding(1);
    return Stream.of(
        OpCase.of(MaxPool.class, "2 x 2")
            .input(-2, 2, 2, 2, 4, 5)
            .calls((tape, x) -> squared(maxPool(x[0], two)))
            .expects(
                x ->
                    IntStream.of(places(x[0], 4, 5, 2, 2, 0))
                        .mapToDouble(i -> x[0][i] * x[0][i])
                        .toArray())
            .twiceDifferentiable()
            .refuses("at most half", (tape, x) -> maxPool(x[0], two.padding(2)))
            .refuses("a window of 2 axes", (tape, x) -> maxPool(x[0], Window.of(2)))
            .refuses("at most 4 pixels, got 5", (tape, x) -> maxPool(x[0], Window.of(5, 1))),
        OpCase.of(MaxPool.class, "3 x 3, overlapping")
            .input(-2, 2, 1, 2, 3, 4)
            .calls((tape, x) -> squared(maxPoolWithIndex(x[0], three).y()))
            .expects(
                x ->
                    IntStream.of(places(x[0], 3, 4, 3, 1, 1))
                        .mapToDouble(i -> x[0][i] * x[0][i])
                        .toArray())
            .twiceDifferentiable());
  }

  private static Stream<OpCase> unpools() {
    Window two = Window.of(2, 2).stride(2);
    return Stream.of(
        OpCase.of(Unpool.class, "of a max pooling")
            .input(-2, 2, 2, 1, 4, 4)
            .calls(
                (tape, x) -> {
                  MaxPool.Found found = maxPoolWithIndex(x[0], two);
                  return squared(unpool(found.y(), found.index(), 4, 4));
                })
            .expects(
                x -> {
                  double[] y = new double[x[0].length];
                  for (int i : places(x[0], 4, 4, 2, 2, 0)) {
                    y[i] = x[0][i] * x[0][i];
                  }
                  return y;
                })
            .twiceDifferentiable()
            .refuses(
                "an index [2, 1, 4, 4]", (tape, x) -> unpool(x[0], floats(tape, 2, 1, 4), 8, 8))
            .refuses("a constant", (tape, x) -> unpool(x[0], x[0], 8, 8))
            .refuses("at least 0", (tape, x) -> unpool(x[0], x[0].detach(), -1, 8))
            .refuses("like the others", (tape, x) -> unpool(x[0], floats(tape, 2, 1, 4, 4), 8, 8)),
        OpCase.of(Unpool.class, "sums of equal indices in a line")
            .input(-2, 2, 1, 1, 4)
            .calls((tape, x) -> squared(unpool(x[0], index(tape, x[0], 2, 7, 2, 0), 1, 3)))
            .expects(x -> squared(x[0][3], 0, x[0][0] + x[0][2])) // 7 is no pixel
            .twiceDifferentiable()
            .refuses("a height of 1", (tape, x) -> unpool(x[0], x[0].detach(), 2, 3)));
  }

  // --- blocks ---

  private static Stream<OpCase> blocks() {
    return Stream.of(
        OpCase.of(SpaceToDepth.class, "by channel")
            .input(-2, 2, 1, 2, 4, 6)
            .calls((tape, x) -> squared(spaceToDepth(x[0], 2)))
            .expects(x -> squared(toDepth(x[0], 2, 4, 6, 2, true)))
            .twiceDifferentiable()
            .refuses("blocks that divide 4 x 6, got 0", (tape, x) -> spaceToDepth(x[0], 0))
            .refuses("blocks that divide 4 x 6, got 3", (tape, x) -> spaceToDepth(x[0], 3))
            .refuses("the 4 pixels of a block, got 2", (tape, x) -> depthToSpace(x[0], 2))
            .refuses("the 0 pixels of a block", (tape, x) -> depthToSpace(x[0], 0))
            .refuses(
                "[batch, channels, height, width]",
                (tape, x) -> spaceToDepth(doubles(tape, 1, 2, 3), 1))
            .refuses(
                "blocks of 2, got 1",
                (tape, x) -> spaceToDepth(x[0], 1, BlockOrder.BY_CHECKERBOARD))
            .refuses("[batch, channels, length]", (tape, x) -> spaceToDepth(rank2(tape), 1)),
        OpCase.of(SpaceToDepth.class, "by pixel, of three")
            .input(-2, 2, 2, 2, 3, 6)
            .calls((tape, x) -> squared(spaceToDepth(x[0], 3, BlockOrder.BY_PIXEL)))
            .expects(x -> squared(toDepth(x[0], 2, 3, 6, 3, false)))
            .twiceDifferentiable(),
        OpCase.of(SpaceToDepth.class, "and back")
            .input(-2, 2, 1, 8, 2, 3)
            .calls(
                (tape, x) ->
                    squared(spaceToDepth(depthToSpace(x[0], 2), 2, BlockOrder.BY_CHECKERBOARD)))
            .expects(
                x -> {
                  int[] pixel = {0, 3, 1, 2}; // of channel q C + c: 2 i + j
                  return IntStream.range(0, 48)
                      .mapToDouble(i -> x[0][(i / 6 % 2 * 4 + pixel[i / 12]) * 6 + i % 6])
                      .map(v -> v * v)
                      .toArray();
                })
            .twiceDifferentiable());
  }

  private static double[] toDepth(
      double[] x, int channels, int height, int width, int b, boolean byChannel) {
    double[] y = new double[x.length];
    int small = height / b * (width / b);
    for (int k = 0; k < x.length; k++) {
      int plane = k / (height * width);
      int c = plane % channels;
      int h = k / width % height;
      int w = k % width;
      int pixel = h % b * b + w % b;
      int channel = byChannel ? c * b * b + pixel : pixel * channels + c;
      int at = (plane / channels * channels * b * b + channel) * small;
      y[at + h / b * (width / b) + w / b] = x[k];
    }
    return y;
  }

  // --- spatial transformers ---

  private static double position(int j, int n, boolean aligned) {
    return aligned ? 2.0 * j / (n - 1) - 1 : (2.0 * j + 1) / n - 1;
  }

  private static double[] grid(double[] theta, int height, int width, boolean aligned) {
    double[] grid = new double[theta.length / 6 * height * width * 2];
    for (int k = 0; k < grid.length; k++) {
      int row = k / 2 / (height * width) * 6 + k % 2 * 3;
      grid[k] =
          theta[row] * position(k / 2 % width, width, aligned)
              + theta[row + 1] * position(k / 2 / width % height, height, aligned)
              + theta[row + 2];
    }
    return grid;
  }

  // Every pixel weighs by its hat.
  private static double[] sampled(
      double[] x, double[] grid, int batch, int height, int width, boolean aligned) {
    int points = grid.length / 2 / batch;
    int channels = x.length / batch / height / width;
    double[] y = new double[batch * channels * points];
    for (int k = 0; k < y.length; k++) {
      int at = 2 * (k / points / channels * points + k % points);
      for (int i = 0; i < height; i++) {
        for (int j = 0; j < width; j++) {
          y[k] +=
              hat(grid[at], j, width, aligned)
                  * hat(grid[at + 1], i, height, aligned)
                  * x[k / points * height * width + i * width + j];
        }
      }
    }
    return y;
  }

  private static double hat(double at, int i, int n, boolean aligned) {
    double pixel = aligned ? (at + 1) / 2 * (n - 1) : ((at + 1) * n - 1) / 2;
    return Math.max(0, 1 - Math.abs(pixel - i));
  }

  private static Stream<OpCase> grids() {
    return Stream.of(
        OpCase.of(AffineGrid.class, "2 x 3")
            .input(-1, 1, 2, 2, 3)
            .calls((tape, x) -> squared(affineGrid(x[0], 2, 3)))
            .expects(x -> squared(grid(x[0], 2, 3, false)))
            .twiceDifferentiable()
            .refuses("theta [batch, 2, 3]", (tape, x) -> affineGrid(rank2(tape), 2, 3))
            .refuses("at least 1, got 0 x 3", (tape, x) -> affineGrid(x[0], 0, 3)),
        OpCase.of(AffineGrid.class, "aligned")
            .input(-1, 1, 1, 2, 3)
            .calls((tape, x) -> squared(affineGrid(x[0], 3, 2, true)))
            .expects(x -> squared(grid(x[0], 3, 2, true)))
            .twiceDifferentiable(),
        OpCase.of(GridSample.class, "3 x 4")
            .input(-2, 2, 2, 3, 3, 4)
            .input(-1.4, 1.4, 2, 2, 5, 2)
            .calls((tape, x) -> gridSample(x[0], x[1]))
            .expects(x -> sampled(x[0], x[1], 2, 3, 4, false))
            .refuses("a grid [2, height, width, 2]", (tape, x) -> gridSample(x[0], x[0]))
            .refuses(
                "height, width] for sampling",
                (tape, x) -> gridSample(doubles(tape, 1, 2, 3), x[1]))
            .refuses("like the others", (tape, x) -> gridSample(x[0], floats(tape, 2, 2, 5, 2)))
            .refuses("out_size", (tape, x) -> gridSample(x[0], doubles(tape, 2, 0, 5, 2))),
        OpCase.of(GridSample.class, "aligned, along an affine map")
            .input(-2, 2, 1, 2, 3, 3)
            .input(-0.9, 0.9, 1, 2, 3)
            .calls((tape, x) -> gridSample(x[0], affineGrid(x[1], 2, 4, true), true))
            .expects(x -> sampled(x[0], grid(x[1], 2, 4, true), 1, 3, 3, true)));
  }

  // --- operands of refusals ---

  private static Var rank2(Tape tape) {
    return doubles(tape, 2, 3);
  }

  private static Var floats(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), DType.FLOAT32, shape)));
  }

  private static Var doubles(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), DType.FLOAT64, shape)));
  }

  private static Var index(Tape tape, Var like, double... values) {
    Tensor index = tape.empty(like.dtype(), like.shape());
    try (Tensor host = Tensor.of(tape.device(), values, like.shape())) {
      if (like.dtype() == DType.FLOAT64) {
        index.copyFrom(values);
      } else {
        index.copyFrom(host.toArray());
      }
    }
    return tape.constant(index);
  }
}
