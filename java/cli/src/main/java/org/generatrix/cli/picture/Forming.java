// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.generatrix.train.Trainer;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;

/**
 * The same few samples over the epochs of a run, a row for each of up to {@value #SHOWN} epochs:
 * the first to the last in equal ratios, so that the early ones, where most happens, are there. A
 * run that was resumed shows what came after.
 */
public final class Forming {
  private static final int SHOWN = 8;

  private final List<Integer> epochs = new ArrayList<>();
  private final List<float[]> rows = new ArrayList<>();

  /** Has a row drawn after each epoch that is shown; rows are pictures [count][units]. */
  public void addTo(Trainer trainer, Supplier<float[]> row) {
    trainer.listen(
        new TrainingListener() {
          @Override
          public void onEpoch(TrainingEvent event) {
            if (isShown(event.epoch(), event.epochs())) {
              epochs.add(event.epoch());
              rows.add(row.get());
            }
          }
        });
  }

  static boolean isShown(int epoch, int epochs) {
    for (int k = 0; k < SHOWN; k++) {
      if (epoch == Math.round(Math.pow(epochs, k / (SHOWN - 1.0)))) {
        return true;
      }
    }
    return false;
  }

  /** Whether there is a row. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** "after epochs 1, 2 and 5". */
  public String when() {
    StringBuilder when = new StringBuilder(epochs.size() == 1 ? "after epoch " : "after epochs ");
    for (int i = 0; i < epochs.size(); i++) {
      when.append(i == 0 ? "" : i == epochs.size() - 1 ? " and " : ", ").append(epochs.get(i));
    }
    return when.toString();
  }

  /** A PNG of the rows, one below the other. */
  public byte[] draw(TileShape tile) {
    return Tiles.rows(all(), rows.get(0).length / tile.units(), tile);
  }

  /** A PNG of rows that are a single picture each, one beside the other in two lines at most. */
  public byte[] drawAcross(TileShape tile, Palette palette) {
    int across = rows.size() <= SHOWN / 2 ? rows.size() : (rows.size() + 1) / 2;
    return Tiles.rows(all(), across, tile, palette);
  }

  private float[] all() {
    int length = rows.get(0).length;
    float[] all = new float[rows.size() * length];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * length, length);
    }
    return all;
  }
}
