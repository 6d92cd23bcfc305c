// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.util.Objects;
import java.util.zip.CRC32;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.binding.StateOps;
import org.generatrix.binding.States;
import org.generatrix.data.Binarisation;
import org.generatrix.data.Shuffle;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * A data set on a device, in shuffled minibatches: each epoch a new permutation, that depends on
 * the seed and the epoch alone, so that the cursor (epoch, batch) is all a checkpoint needs. The
 * last batch of an epoch may be smaller. A batch is one or two native calls into buffers that stay.
 */
public final class MiniBatches implements AutoCloseable {
  private final Scope scope = new Scope();
  private final Device device;
  private final Tensor data; // float or bits [n, units]
  private final Tensor resampled; // bits [batch, units], or null
  private final States full; // where rows are gathered, [batch, units]
  private final States tail; // the same memory, [n mod batch, units]
  private final States fullBits; // where they are resampled
  private final States tailBits;
  private final long[] fullIndex;
  private final long[] tailIndex;
  private final long seed;
  private long[] permutation;
  private int epoch;
  private long batch;

  /**
   * Takes the rows of a set in batches.
   *
   * @param data float or bits [n, units]; stays the caller's, and must stay open and unchanged,
   *     unless it is float and the binarisation THRESHOLD, which packs a copy once
   * @param batchSize at least 1; more than n rows is n rows
   * @param binarisation how float data become states; bits are taken as they are
   */
  public MiniBatches(Tensor data, int batchSize, Binarisation binarisation, long seed) {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(binarisation, "binarisation");
    if (data.shape().length != 2 || data.rows() < 1) {
      throw new IllegalArgumentException("data must be [n, units] with n at least 1, got " + data);
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, got " + batchSize);
    }
    this.seed = seed;
    int size = (int) Math.min(batchSize, data.rows());
    int rest = (int) (data.rows() % size);
    fullIndex = new long[size];
    tailIndex = new long[rest];
    device = data.device();
    try {
      boolean floats = data.dtype() == DType.FLOAT32;
      boolean threshold = floats && binarisation == Binarisation.THRESHOLD;
      this.data = threshold ? scope.own(data.toBits(0.5f)) : data;
      Tensor rows =
          scope.own(
              this.data.dtype() == DType.BITS
                  ? Tensor.bits(device, size, data.units())
                  : Tensor.zeros(device, size, data.units()));
      full = rows.states();
      tail = firstRows(full, rest);
      resampled =
          floats && binarisation == Binarisation.RESAMPLED
              ? scope.own(Tensor.bits(device, size, data.units()))
              : null;
      fullBits = resampled == null ? null : resampled.states();
      tailBits = resampled == null ? null : firstRows(fullBits, rest);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  /** The same memory with fewer rows. */
  public static States firstRows(States states, long rows) {
    return new States(states.data(), rows, states.units(), states.format());
  }

  /**
   * Loads the next batch and moves the cursor.
   *
   * @param rng of the draws of RESAMPLED
   * @return [rows, units], valid until the next call
   */
  public States next(Rng rng) {
    if (permutation == null) {
      permutation = Shuffle.permutation(Math.toIntExact(data.rows()), seed, epoch);
    }
    int start = (int) (batch * fullIndex.length);
    boolean last = start + fullIndex.length > permutation.length;
    long[] index = last ? tailIndex : fullIndex;
    States rows = last ? tail : full;
    System.arraycopy(permutation, start, index, 0, index.length);
    StateOps.gather(device, data.states(), index, rows);
    if (resampled != null) {
      States bits = last ? tailBits : fullBits;
      StateOps.bernoulli(device, rows.data(), rng, bits);
      rows = bits;
    }
    if (++batch == batches()) {
      seek(epoch + 1, 0);
    }
    return rows;
  }

  /** Batches of an epoch. */
  public long batches() {
    return data.rows() / fullIndex.length + (tailIndex.length > 0 ? 1 : 0);
  }

  /** Rows of a full batch. */
  public int batchSize() {
    return fullIndex.length;
  }

  public long rows() {
    return data.rows();
  }

  /** Epochs completed. */
  public int epoch() {
    return epoch;
  }

  /** Batches taken in the current epoch, in [0, batches). */
  public long batch() {
    return batch;
  }

  /** Goes to a place that {@link #epoch} and {@link #batch} named. */
  public void seek(int toEpoch, long toBatch) {
    if (toEpoch < 0 || toBatch < 0 || toBatch >= batches()) {
      throw new IllegalArgumentException(
          "the place must be an epoch from 0 and a batch in [0, %d), got epoch %d, batch %d"
              .formatted(batches(), toEpoch, toBatch));
    }
    epoch = toEpoch;
    batch = toBatch;
    permutation = null;
  }

  /**
   * Tells data sets apart: their shape and a checksum of each unit's mean, as "60000x784:1c291ca3".
   */
  public String fingerprint() {
    try (Tensor mean = Tensor.zeros(device, data.units())) {
      StateOps.mean(device, data.states(), mean.buffer());
      CRC32 crc = new CRC32();
      for (float m : mean.toArray()) {
        int bits = Float.floatToIntBits(m);
        for (int shift = 0; shift < 32; shift += 8) {
          crc.update(bits >>> shift);
        }
      }
      return data.rows() + "x" + data.units() + ":" + Long.toHexString(crc.getValue());
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
