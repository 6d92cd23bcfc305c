// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How a kernel moves over pixels, with a number for each axis: width alone, height and width, or
 * depth, height and width. Names and meaning are those of torch.nn.Conv* and ConvTranspose*.
 *
 * <pre>{@code
 * Window w = Window.of(4, 4).stride(2).padding(1);
 * }</pre>
 *
 * @param kernel at least 1
 * @param stride at least 1
 * @param padding pixels of zeros on either side, at least 0
 * @param dilation pixels from one tap to the next, at least 1
 * @param outputPadding of a transposed convolution: pixels more at the end, less than stride or
 *     dilation
 * @param groups that the channels are cut into, each with weights of its own; at least 1
 */
public record Window(
    List<Integer> kernel,
    List<Integer> stride,
    List<Integer> padding,
    List<Integer> dilation,
    List<Integer> outputPadding,
    int groups) {
  private static final int MOST_AXES = 3;

  public Window {
    kernel = List.copyOf(kernel);
    int axes = kernel.size();
    if (axes < 1 || axes > MOST_AXES) {
      throw new IllegalArgumentException("expected a kernel of 1 to 3 axes, got " + kernel);
    }
    stride = checked("stride", 1, axes, stride);
    padding = checked("padding", 0, axes, padding);
    dilation = checked("dilation", 1, axes, dilation);
    outputPadding = checked("outputPadding", 0, axes, outputPadding);
    checked("kernel", 1, axes, kernel);
    if (groups < 1) {
      throw new IllegalArgumentException("groups must be at least 1, got " + groups);
    }
  }

  private static List<Integer> checked(String name, int least, int axes, List<Integer> values) {
    if (values.size() != axes) {
      throw new IllegalArgumentException(
          "expected %s with %d numbers, one for each axis, got %s".formatted(name, axes, values));
    }
    if (values.stream().anyMatch(value -> value < least)) {
      throw new IllegalArgumentException(
          "%s must be at least %d, got %s".formatted(name, least, values));
    }
    return List.copyOf(values);
  }

  /** A kernel of these sizes, (5) over a line, (3, 3) over pictures; stride 1, no padding. */
  public static Window of(int... kernel) {
    List<Integer> sizes = Arrays.stream(kernel).boxed().toList();
    List<Integer> ones = Collections.nCopies(kernel.length, 1);
    List<Integer> zeros = Collections.nCopies(kernel.length, 0);
    return new Window(sizes, ones, zeros, ones, zeros, 1);
  }

  public int axes() {
    return kernel.size();
  }

  /** Taps of the kernel. */
  public int taps() {
    return kernel.stream().reduce(1, Math::multiplyExact);
  }

  /** With this stride, a number for each axis or one for all; so are the others. */
  public Window stride(int... s) {
    return new Window(kernel, each(s), padding, dilation, outputPadding, groups);
  }

  public Window padding(int... p) {
    return new Window(kernel, stride, each(p), dilation, outputPadding, groups);
  }

  public Window dilation(int... d) {
    return new Window(kernel, stride, padding, each(d), outputPadding, groups);
  }

  public Window outputPadding(int... p) {
    return new Window(kernel, stride, padding, dilation, each(p), groups);
  }

  public Window groups(int g) {
    return new Window(kernel, stride, padding, dilation, outputPadding, g);
  }

  /**
   * With the padding that keeps the size at stride 1; the kernel must be odd or its dilation even.
   */
  public Window same() {
    int[] half = new int[axes()];
    for (int a = 0; a < half.length; a++) {
      int reach = dilation.get(a) * (kernel.get(a) - 1);
      if (reach % 2 != 0) {
        throw new IllegalArgumentException(
            "expected a kernel with a middle, got " + kernel + " with dilation " + dilation);
      }
      half[a] = reach / 2;
    }
    return padding(half);
  }

  private List<Integer> each(int... values) {
    return values.length == 1
        ? Collections.nCopies(axes(), values[0])
        : Arrays.stream(values).boxed().toList();
  }
}
