// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.data.Images;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.tensor.Tensor;

/** What a flow of pictures looks like. */
final class FlowPictures {
  static final int RANKED = 1000; // test pictures, of which the extremes are shown

  private static final int WAYS = 8;
  private static final int STEPS = 10;
  private static final int EXTREMES = 20; // of either kind
  private static final int ACROSS = 10;

  private final FlowModel model;
  private final DataSet data;
  private Scores scores; // of the last extremes

  /** Bits per dimension of the most and the least likely pictures that were ranked. */
  record Scores(int ranked, double[] most, double[] least) {}

  FlowPictures(FlowModel model, DataSet data) {
    this.model = model;
    this.data = data;
  }

  /** From one test picture to another, along the arc between their latents. */
  byte[] interpolations() {
    Images some = DataSet.spread(data.test(), 2 * WAYS);
    int ways = Math.max(1, some.count() / 2);
    Images starts = some.slice(0, ways);
    Images ends = some.slice(some.count() - ways, some.count());
    try (Tensor from = DataSet.intensities(model.device(), starts);
        Tensor to = DataSet.intensities(model.device(), ends);
        Tensor between = model.interpolate(from, to, STEPS)) {
      return Tiles.ways(starts.intensities(), between.toArray(), ends.intensities(), data.tile());
    }
  }

  /** The most likely test pictures, and in rows apart from them the least likely ones. */
  byte[] extremes() {
    Images ranked = DataSet.spread(data.test(), RANKED);
    float[] pixels = ranked.intensities();
    double[] nats;
    try (Tensor x = DataSet.intensities(model.device(), ranked)) {
      nats = model.logLikelihood(x);
    }
    Integer[] order = new Integer[nats.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -nats[i]));
    int shown = Math.max(1, Math.min(EXTREMES, order.length / 2));
    int[] most = new int[shown];
    int[] least = new int[shown];
    for (int i = 0; i < shown; i++) {
      most[i] = order[i];
      least[i] = order[order.length - 1 - i];
    }
    scores = new Scores(order.length, bits(nats, most), bits(nats, least));
    return Tiles.groups(List.of(at(pixels, most), at(pixels, least)), ACROSS, data.tile());
  }

  private double[] bits(double[] nats, int[] rows) {
    return Arrays.stream(rows).mapToDouble(i -> model.bitsPerDimension(nats[i])).toArray();
  }

  private float[] at(float[] pixels, int[] rows) {
    int units = data.tile().units();
    float[] taken = new float[rows.length * units];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(pixels, rows[i] * units, taken, i * units, units);
    }
    return taken;
  }

  /** Of what {@link #extremes} drew last; null before. */
  Scores scores() {
    return scores;
  }
}
