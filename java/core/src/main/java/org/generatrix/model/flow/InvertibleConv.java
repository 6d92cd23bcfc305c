// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.linear;

import java.util.Arrays;
import org.generatrix.autograd.Convolutions;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Cast;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * A learned mixture of channels in every pixel, y = W x, or of the units of vectors: W = P L (U +
 * diag(sign e^l)), whose log-determinant is height width sum l (Kingma and Dhariwal, "Glow", 2018,
 * section 3.2, eq. 10). W begins as a random rotation; P and the signs stay what they are.
 */
public final class InvertibleConv extends Transform {
  private final int channels;
  private final Tensor lower; // [channels, channels], below the diagonal
  private final Tensor upper; // [channels, channels], above the diagonal
  private final Tensor logScale; // [channels]
  private final Tensor sign; // [channels]
  private final Tensor permutation; // [channels]

  /**
   * @param seed of the rotation
   */
  public InvertibleConv(Device device, int channels, long seed) {
    this(device, DType.FLOAT32, channels, seed);
  }

  public InvertibleConv(Device device, DType dtype, int channels, long seed) {
    this.channels = channels;
    lower = parameter("lower", Tensor.zeros(device, dtype, channels, channels));
    upper = parameter("upper", Tensor.zeros(device, dtype, channels, channels));
    logScale = parameter("log_scale", Tensor.zeros(device, dtype, channels));
    sign = buffer("sign", Tensor.zeros(device, dtype, channels));
    permutation = buffer("permutation", Tensor.zeros(device, dtype, channels));
    try (Tensor rotation = Tensor.zeros(device, DType.FLOAT64, channels, channels)) {
      Initialiser.orthogonal().fill(rotation, seed);
      factorise(rotation.toDoubleArray());
    }
  }

  /** Gaussian elimination with the largest pivot of each column. */
  private void factorise(double... a) {
    int n = channels;
    int[] row = new int[n]; // row k of L U is row row[k] of W
    Arrays.setAll(row, k -> k);
    for (int k = 0; k < n; k++) {
      int best = k;
      for (int i = k + 1; i < n; i++) {
        if (Math.abs(a[i * n + k]) > Math.abs(a[best * n + k])) {
          best = i;
        }
      }
      for (int j = 0; j < n; j++) {
        double moved = a[k * n + j];
        a[k * n + j] = a[best * n + j];
        a[best * n + j] = moved;
      }
      int moved = row[k];
      row[k] = row[best];
      row[best] = moved;
      for (int i = k + 1; i < n; i++) {
        a[i * n + k] /= a[k * n + k];
        for (int j = k + 1; j < n; j++) {
          a[i * n + j] -= a[i * n + k] * a[k * n + j];
        }
      }
    }
    double[] l = new double[n * n];
    double[] u = new double[n * n];
    double[] s = new double[n];
    double[] size = new double[n];
    double[] place = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        (j < i ? l : u)[i * n + j] = j == i ? 0 : a[i * n + j];
      }
      s[i] = Math.signum(a[i * n + i]);
      size[i] = Math.log(Math.abs(a[i * n + i]));
      place[row[i]] = i;
    }
    lower.copyFrom(l);
    upper.copyFrom(u);
    sign.copyFrom(s);
    logScale.copyFrom(size);
    permutation.copyFrom(place);
  }

  /** W, or its inverse, of this moment: [channels, channels]. */
  public Var weight(Tape tape, boolean inverse) {
    double[] place = permutation.toDoubleArray();
    long[] order = new long[channels];
    Arrays.setAll(order, i -> (long) place[i]);
    return Couplings.invertibleMatrix(
        order, tape.variable(lower), tape.variable(upper), sign, tape.variable(logScale), inverse);
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return map(x, logDet, false);
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    return map(y, logDet, true);
  }

  private Mapped map(Var x, Var logDet, boolean inverse) {
    Var w = weight(x.tape(), inverse);
    long[] shape = x.shape();
    long pixels = 1;
    Var y;
    if (shape.length == 2) {
      y = linear(x, w, null);
    } else {
      pixels = shape[2] * shape[3];
      y = Convolutions.conv(x, w.reshape(channels, channels, 1, 1), null, Window.of(1, 1));
    }
    Var own = Cast.of(x.tape().variable(logScale), DType.FLOAT64).sum();
    return new Mapped(y, gathered(x, logDet).add(own.mul(inverse ? -pixels : pixels)));
  }
}
