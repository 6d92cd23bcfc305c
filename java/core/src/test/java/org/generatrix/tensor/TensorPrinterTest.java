// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.generatrix.binding.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every expected text was printed by NumPy 2.4 with {@code set_printoptions(precision=4)}. */
class TensorPrinterTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private void prints(String expected, Tensor tensor) {
    try (tensor) {
      assertEquals(expected.strip(), tensor.toString());
    }
  }

  private void prints(String expected, float... values) {
    prints(expected, Tensor.of(device, values, values.length));
  }

  private Tensor counted(double step, long... shape) {
    long size = 1;
    for (long extent : shape) {
      size *= extent;
    }
    double[] values = new double[(int) size];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * step;
    }
    try (Tensor wide = Tensor.of(device, values, shape)) {
      return wide.toFloats();
    }
  }

  @Test
  void columnsAreAligned() {
    prints("[ 1.    2.5  -3.25]", 1, 2.5f, -3.25f);
    prints("[0.1 0.2 0.3]", 0.1f, 0.2f, 0.3f);
    prints("[999.9999  -1.    ]", 999.99995f, -1);
    prints("[0.3333 0.6667]", Tensor.of(device, new double[] {1. / 3, 2. / 3}, 2));
    prints(
        """
        [[ 0.  1.  2.  3.]
         [ 4.  5.  6.  7.]
         [ 8.  9. 10. 11.]]
        """,
        counted(1, 3, 4));
  }

  @Test
  void notEveryNumberIsFinite() {
    prints("[nan 1.5]", NAN, 1.5f);
    prints("[inf]", INF);
    prints(
        """
        [[ 0.1  nan]
         [ inf -inf]]
        """,
        Tensor.of(device, new float[] {0.1f, NAN, INF, -INF}, 2, 2));
  }

  @Test
  void exponentsComeWithWideRanges() {
    prints("[1.e-05 1.e+00 1.e+02]", 1e-5f, 1, 100);
    prints("[1.0e+10 2.5e-03]", 1e10f, 2.5e-3f);
    prints("[-0.e+00  5.e-05  5.e-01]", -0f, 0.00005f, 0.5f);
    prints("[ 1.2346e+05 -2.0000e+00]", 123456.789f, -2);
    prints("[9.9999e-01 1.0000e-04]", 0.99999f, 1e-4f);
    prints("[1.e-30]", Tensor.of(device, new double[] {1e-30}, 1));
  }

  @Test
  void axesNest() {
    prints("3.1416", Tensor.of(device, new float[] {3.14159265f}));
    prints("[]", Tensor.zeros(device, 0, 3));
    prints(
        """
        [[0. 0. 0.]
         [0. 0. 0.]]
        """,
        Tensor.zeros(device, 2, 3));
    prints(
        """
        [[[0.     0.3333 0.6667]
          [1.     1.3333 1.6667]]

         [[2.     2.3333 2.6667]
          [3.     3.3333 3.6667]]]
        """,
        counted(1. / 3, 2, 2, 3));
    prints(
        """
        [[[0.]]

         [[1.]]]
        """,
        counted(1, 2, 1, 1));
    Tensor bits = Tensor.bits(device, 2, 3);
    bits.copyFrom(new float[] {1, 0, 0, 1, 1, 0});
    prints(
        """
        [[1 0 0]
         [1 1 0]]
        """,
        bits);
  }

  @Test
  void longRowsAreWrapped() {
    prints(
        """
        [ 0.   1.5  3.   4.5  6.   7.5  9.  10.5 12.  13.5 15.  16.5 18.  19.5
         21.  22.5 24.  25.5 27.  28.5 30.  31.5 33.  34.5 36.  37.5 39.  40.5
         42.  43.5]
        """,
        counted(1.5, 30));
  }

  @Test
  void largeTensorsAreSummarised() {
    prints("[   0.    1.    2. ...  998.  999. 1000.]", counted(1, 1001));
    prints(
        """
        [[0.000e+00 1.000e+00 2.000e+00 ... 4.700e+01 4.800e+01 4.900e+01]
         [5.000e+01 5.100e+01 5.200e+01 ... 9.700e+01 9.800e+01 9.900e+01]
         [1.000e+02 1.010e+02 1.020e+02 ... 1.470e+02 1.480e+02 1.490e+02]
         ...
         [1.850e+03 1.851e+03 1.852e+03 ... 1.897e+03 1.898e+03 1.899e+03]
         [1.900e+03 1.901e+03 1.902e+03 ... 1.947e+03 1.948e+03 1.949e+03]
         [1.950e+03 1.951e+03 1.952e+03 ... 1.997e+03 1.998e+03 1.999e+03]]
        """,
        counted(1, 40, 50));
    prints(
        """
        [[[0.000e+00 1.000e+00]
          [2.000e+00 3.000e+00]
          [4.000e+00 5.000e+00]
          ...
          [9.940e+02 9.950e+02]
          [9.960e+02 9.970e+02]
          [9.980e+02 9.990e+02]]

         [[1.000e+03 1.001e+03]
          [1.002e+03 1.003e+03]
          [1.004e+03 1.005e+03]
          ...
          [1.994e+03 1.995e+03]
          [1.996e+03 1.997e+03]
          [1.998e+03 1.999e+03]]]
        """,
        counted(1, 2, 500, 2));
  }

  @Test
  void aClosedTensorIsDescribed() {
    Tensor closed = Tensor.zeros(device, 2, 3);
    assertEquals("Tensor[FLOAT32 [2, 3], cpu]", closed.describe());
    closed.close();
    assertEquals("Tensor[FLOAT32 [2, 3], cpu, closed]", closed.toString());
  }
}
