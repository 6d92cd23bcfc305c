// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory on a device. A buffer belongs to whoever allocated it, who closes it; one that is dropped
 * open is freed by the garbage collector, late. Closing while another thread's call uses the buffer
 * is safe: the memory goes when that call ends.
 */
public final class DeviceBuffer implements AutoCloseable {
  private final Device device;
  private final long bytes;
  private final Handle handle;
  private final Cleaner.Cleanable cleanable;
  private final AtomicLong version = new AtomicLong();
  private volatile List<StackTraceElement> closedAt = List.of();

  /** What outlives the buffer until its memory is free. It must not refer to the buffer. */
  static final class Handle extends NativeHandle {
    final NativeAddress pointer;
    final long address;
    private final Device.Handle device;
    private final Allocations.Site site;
    private final boolean owned;
    private volatile boolean dropped = true;

    Handle(Device.Handle device, NativeAddress pointer, Allocations.Site site, boolean owned) {
      this.device = device;
      this.pointer = pointer;
      this.address = pointer.address();
      this.site = site;
      this.owned = owned;
    }

    @Override
    void free() {
      Allocations.freed(site, dropped);
      device.free(pointer, owned);
    }
  }

  DeviceBuffer(Device device, long bytes, NativeAddress pointer, boolean owned) {
    this.device = device;
    this.bytes = bytes;
    this.handle = new Handle(device.handle(), pointer, Allocations.opened(bytes), owned);
    this.cleanable = NativeHandle.CLEANER.register(this, handle);
  }

  Handle handle() {
    return handle;
  }

  public Device device() {
    return device;
  }

  public long bytes() {
    return bytes;
  }

  /** Where it begins, for other libraries that use the device's memory; valid while it is open. */
  public long address() {
    if (isClosed()) {
      throw closedException();
    }
    return handle.address;
  }

  public boolean isClosed() {
    return handle.isClosed();
  }

  /**
   * Grows with every write, so that what was made of the contents can be told to be out of date.
   * Kernels that write here do not count: who calls them says so by {@link #touch}.
   */
  public long version() {
    return version.get();
  }

  /** The contents have changed. */
  public void touch() {
    version.incrementAndGet();
  }

  /** Copies {@code from[start .. start + length)} to the floats at {@code offsetBytes}. */
  public void write(long offsetBytes, float[] from, int start, int length) {
    Objects.checkFromIndexSize(start, length, from.length);
    Transfer.write(
        this,
        offsetBytes,
        (long) length * Float.BYTES,
        (to, at, n) -> to.asFloatBuffer().put(from, start + (int) at, n));
  }

  /** Copies {@code from[start .. start + length)} to the ints at {@code offsetBytes}. */
  public void write(long offsetBytes, int[] from, int start, int length) {
    Objects.checkFromIndexSize(start, length, from.length);
    Transfer.write(
        this,
        offsetBytes,
        (long) length * Integer.BYTES,
        (to, at, n) -> to.asIntBuffer().put(from, start + (int) at, n));
  }

  /** Copies {@code from[start .. start + length)} to the doubles at {@code offsetBytes}. */
  public void write(long offsetBytes, double[] from, int start, int length) {
    Objects.checkFromIndexSize(start, length, from.length);
    Transfer.write(
        this,
        offsetBytes,
        (long) length * Double.BYTES,
        (to, at, n) -> to.asDoubleBuffer().put(from, start + (int) (at / 2), n / 2));
  }

  /** Copies what remains in {@code from}, whose position stays, to {@code offsetBytes}. */
  public void write(long offsetBytes, FloatBuffer from) {
    int start = from.position();
    Transfer.write(
        this,
        offsetBytes,
        (long) from.remaining() * Float.BYTES,
        (to, at, n) -> to.asFloatBuffer().put(0, from, start + (int) at, n));
  }

  /** Copies what remains in {@code from}, whose position stays, to {@code offsetBytes}. */
  public void write(long offsetBytes, ByteBuffer from) {
    int start = from.position();
    int length = from.remaining();
    Transfer.write(
        this,
        offsetBytes,
        length,
        (to, at, n) ->
            to.put(0, from, start + (int) at * 4, Math.min(n * 4, length - (int) at * 4)));
  }

  /** Copies the floats at {@code offsetBytes} to {@code to[start .. start + length)}. */
  public void read(long offsetBytes, float[] to, int start, int length) {
    Objects.checkFromIndexSize(start, length, to.length);
    Transfer.read(
        this,
        offsetBytes,
        (long) length * Float.BYTES,
        (from, at, n) -> from.asFloatBuffer().get(to, start + (int) at, n));
  }

  /** Copies the ints at {@code offsetBytes} to {@code to[start .. start + length)}. */
  public void read(long offsetBytes, int[] to, int start, int length) {
    Objects.checkFromIndexSize(start, length, to.length);
    Transfer.read(
        this,
        offsetBytes,
        (long) length * Integer.BYTES,
        (from, at, n) -> from.asIntBuffer().get(to, start + (int) at, n));
  }

  /** Copies the doubles at {@code offsetBytes} to {@code to[start .. start + length)}. */
  public void read(long offsetBytes, double[] to, int start, int length) {
    Objects.checkFromIndexSize(start, length, to.length);
    Transfer.read(
        this,
        offsetBytes,
        (long) length * Double.BYTES,
        (from, at, n) -> from.asDoubleBuffer().get(to, start + (int) (at / 2), n / 2));
  }

  /** Copies the floats at {@code offsetBytes} to what remains in {@code to}; its position stays. */
  public void read(long offsetBytes, FloatBuffer to) {
    int start = to.position();
    Transfer.read(
        this,
        offsetBytes,
        (long) to.remaining() * Float.BYTES,
        (from, at, n) -> to.put(start + (int) at, from.asFloatBuffer(), 0, n));
  }

  /**
   * Copies the bytes at {@code offsetBytes} to what remains in {@code to}, whose position stays.
   */
  public void read(long offsetBytes, ByteBuffer to) {
    int start = to.position();
    int length = to.remaining();
    Transfer.read(
        this,
        offsetBytes,
        length,
        (from, at, n) ->
            to.put(start + (int) at * 4, from, 0, Math.min(n * 4, length - (int) at * 4)));
  }

  /**
   * Copies {@code length} bytes of another buffer of the same device; the ranges may not overlap.
   */
  public void copyFrom(long offsetBytes, DeviceBuffer from, long fromOffsetBytes, long length) {
    Transfer.copy(this, offsetBytes, from, fromOffsetBytes, length);
  }

  /** The exception of a use after close. */
  IllegalStateException closedException() {
    String where =
        closedAt.isEmpty()
            ? " (-D" + Allocations.PROPERTY + "=true says where it was closed)"
            : " at " + Allocations.describe(closedAt);
    return new IllegalStateException(
        "expected an open buffer, got one of " + bytes + " bytes that was closed" + where);
  }

  /** Frees the memory; closing again does nothing. */
  @Override
  public void close() {
    if (handle.isClosed()) {
      return;
    }
    if (Allocations.isTracking()) {
      closedAt = Allocations.callers();
    }
    handle.dropped = false;
    cleanable.clean();
  }

  @Override
  public String toString() {
    return "DeviceBuffer[" + bytes + " bytes, " + device.name() + (isClosed() ? ", closed]" : "]");
  }
}
