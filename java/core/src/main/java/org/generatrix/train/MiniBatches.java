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
  private final Examples examples;
  private final Tensor data; // float or bits [n, units]
  private final Tensor resampled; // bits [batch, units], or null
  private final States full; // where rows are gathered, [batch, units]
  private final States tail; // the same memory, [n mod batch, units]
  private final States fullBits; // where they are resampled
  private final States tailBits;
  private final long[] fullIndex;
  private final long[] tailIndex;
  private final long seed;
  private Examples fullBatch; // what nextBatch fills, made when it is first called
  private Examples tailBatch;
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
    this(Examples.of(Objects.requireNonNull(data, "data")), batchSize, binarisation, seed);
  }

  /** The same with what stands beside each row, for {@link #nextBatch}. */
  public MiniBatches(Examples examples, int batchSize, Binarisation binarisation, long seed) {
    this.examples = Objects.requireNonNull(examples, "examples");
    Tensor data = examples.x();
    Objects.requireNonNull(binarisation, "binarisation");
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
    return states.firstRows(rows);
  }

  /**
   * Loads the next batch and moves the cursor.
   *
   * @param rng of the draws of RESAMPLED
   * @return [rows, units], valid until the next call
   */
  public States next(Rng rng) {
    long[] index = index();
    States states = load(index, rng);
    advance();
    return states;
  }

  /**
   * Loads the next batch with what stands beside its rows, x as floats in the data's shape, and
   * moves the cursor.
   *
   * @param rng of the draws of RESAMPLED
   * @return valid until the next call; not to be closed
   */
  public Examples nextBatch(Rng rng) {
    if (fullBatch == null) {
      fullBatch = room(fullIndex.length);
      tailBatch = tailIndex.length == 0 ? null : room(tailIndex.length);
    }
    long[] index = index();
    Examples to = index == tailIndex ? tailBatch : fullBatch;
    if (data.dtype() == DType.FLOAT32 && resampled == null) {
      StateOps.gather(device, data.states(), index, to.x().states());
    } else {
      StateOps.convert(device, load(index, rng), 0, to.x().states());
    }
    for (int i = 0; i < to.targets().size(); i++) {
      Tensor from = examples.targets().get(i);
      StateOps.gather(device, from.states(), index, to.targets().get(i).states());
    }
    for (int i = 0; to.labels() != null && i < index.length; i++) {
      to.labels()[i] = examples.labels()[(int) index[i]];
    }
    advance();
    return to;
  }

  private Examples room(int rows) {
    Examples room = Examples.of(floats(rows, examples.x()));
    for (Tensor target : examples.targets()) {
      room = room.with(floats(rows, target));
    }
    return examples.labels() == null ? room : room.labelled(new long[rows]);
  }

  private Tensor floats(int rows, Tensor like) {
    long[] shape = like.shape();
    shape[0] = rows;
    return scope.own(Tensor.zeros(device, shape));
  }

  /** The rows of the batch at the cursor. */
  private long[] index() {
    if (permutation == null) {
      permutation = Shuffle.permutation(Math.toIntExact(data.rows()), seed, epoch);
    }
    int start = (int) (batch * fullIndex.length);
    boolean last = start + fullIndex.length > permutation.length;
    long[] index = last ? tailIndex : fullIndex;
    System.arraycopy(permutation, start, index, 0, index.length);
    return index;
  }

  private States load(long[] index, Rng rng) {
    boolean last = index == tailIndex;
    States rows = last ? tail : full;
    StateOps.gather(device, data.states(), index, rows);
    if (resampled == null) {
      return rows;
    }
    States bits = last ? tailBits : fullBits;
    StateOps.bernoulli(device, rows.data(), rng, bits);
    return bits;
  }

  private void advance() {
    if (++batch == batches()) {
      seek(epoch + 1, 0);
    }
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
   * Tells data sets apart: their shape and a checksum of each unit's mean, of those of the targets
   * and of the labels, as "60000x784:1c291ca3".
   */
  public String fingerprint() {
    CRC32 crc = new CRC32();
    addMeans(crc, data);
    examples.targets().forEach(target -> addMeans(crc, target));
    for (int i = 0; examples.labels() != null && i < examples.labels().length; i++) {
      add(crc, (int) examples.labels()[i]);
    }
    return data.rows() + "x" + data.units() + ":" + Long.toHexString(crc.getValue());
  }

  private void addMeans(CRC32 crc, Tensor of) {
    try (Tensor mean = Tensor.zeros(device, of.units())) {
      StateOps.mean(device, of.states(), mean.buffer());
      for (float m : mean.toArray()) {
        add(crc, Float.floatToIntBits(m));
      }
    }
  }

  private static void add(CRC32 crc, int bits) {
    for (int shift = 0; shift < 32; shift += 8) {
      crc.update(bits >>> shift);
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
