// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/**
 * The dark squares, of side 1, of a board around (0, 0).
 *
 * @param side of the board, even
 */
record Squares(int side) implements PointFigure {
  private static final double REACH = 7; // standard deviations around the board

  private double low() {
    return -side / 2.0;
  }

  private int dark() {
    return side * side / 2;
  }

  @Override
  public void place(PointDraws draws, double[] at) {
    int square = draws.choice(dark());
    int column = square / (side / 2);
    int row = 2 * (square % (side / 2)) + column % 2;
    at[0] = low() + column + draws.uniform();
    at[1] = low() + row + draws.secondUniform();
  }

  @Override
  public boolean sharp() {
    return true;
  }

  @Override
  public PointDensity density(double noise) {
    return noise == 0 ? new Sharp() : new Blurred(noise);
  }

  private boolean dark(int column, int row) {
    return (column + row) % 2 == 0;
  }

  private PointDensity.Box box(double reach) {
    return new PointDensity.Box(low() - reach, -low() + reach, low() - reach, -low() + reach);
  }

  private final class Sharp extends PointDensity {
    @Override
    public double logDensity(double x, double y) {
      int column = (int) Math.floor(x - low());
      int row = (int) Math.floor(y - low());
      boolean within = column >= 0 && column < side && row >= 0 && row < side;
      return within && dark(column, row) ? -Math.log(dark()) : Double.NEGATIVE_INFINITY;
    }

    @Override
    public Box box() {
      return Squares.this.box(0);
    }

    @Override
    double noise() {
      return 0;
    }

    @Override
    public double entropy() {
      return Math.log(dark());
    }
  }

  /** A sum over the squares of a product of two integrals, over a column and over a row. */
  private final class Blurred extends PointDensity {
    private final double noise;

    Blurred(double noise) {
      this.noise = noise;
    }

    @Override
    public double logDensity(double x, double y) {
      double[] columns = logShares(x);
      double[] rows = logShares(y);
      double greatest = Double.NEGATIVE_INFINITY;
      for (int pass = 0; ; pass++) {
        double sum = 0;
        for (int column = 0; column < side; column++) {
          for (int row = column % 2; row < side; row += 2) {
            double log = columns[column] + rows[row];
            greatest = Math.max(greatest, log);
            sum += pass == 0 ? 0 : Math.exp(log - greatest);
          }
        }
        if (pass == 1) {
          return greatest + Math.log(sum / dark());
        }
      }
    }

    // Of each unit interval: log of the integral of the noise's density over it.
    private double[] logShares(double at) {
      double[] shares = new double[side];
      for (int i = 0; i < side; i++) {
        shares[i] = logShare(at - low() - i);
      }
      return shares;
    }

    // Over [0, 1], of which only what is within reach of its place nearest to `at` counts.
    private double logShare(double at) {
      double nearest = Math.min(Math.max(at, 0), 1);
      double from = Math.max(0, nearest - 10 * noise);
      double to = Math.min(1, nearest + 10 * noise);
      int pieces = (int) Math.ceil((to - from) / noise);
      double most = square(at - nearest);
      double sum = 0;
      for (int piece = 0; piece < pieces; piece++) {
        for (int i = 0; i < Legendre.PLACES; i++) {
          double t = from + (to - from) * (piece + Legendre.place(i)) / pieces;
          sum += Legendre.weight(i) * Math.exp(most - square(at - t));
        }
      }
      double length = (to - from) / pieces;
      return Math.log(sum * length / (noise * Math.sqrt(2 * Math.PI))) - most;
    }

    private double square(double distance) {
      return distance * distance / (2 * noise * noise);
    }

    @Override
    public Box box() {
      return Squares.this.box(REACH * noise);
    }

    @Override
    double noise() {
      return noise;
    }
  }
}
