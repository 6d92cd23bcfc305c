// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_device;

/**
 * Where kernels run: a backend with its thread count, its memory account and its workspace. Safe to
 * share between threads. Close the buffers, then the device.
 */
public final class Device implements AutoCloseable {
  /**
   * System property: the threads of a device that names none. Without it OMP_NUM_THREADS, else the
   * container's CPUs.
   */
  public static final String THREADS_PROPERTY = "generatrix.threads";

  /** System property: the memory limit of new devices in bytes, 0 = none. */
  public static final String MEMORY_LIMIT_PROPERTY = "generatrix.memory.limit";

  private final String name;
  private final boolean gpu;
  private final Handle handle;
  private final Cleaner.Cleanable cleanable;

  /** What outlives the device until its last buffer is free. */
  static final class Handle extends NativeHandle {
    final gx_device pointer;
    private final AtomicLong buffers = new AtomicLong();

    Handle(gx_device pointer) {
      this.pointer = pointer;
    }

    /** Frees a buffer of this device, which holds a use of it. */
    void free(NativeAddress buffer, boolean owned) {
      if (owned) {
        Abi.gx_free(pointer, buffer);
      }
      buffers.decrementAndGet();
      release();
    }

    @Override
    void free() {
      Abi.gx_device_destroy(pointer);
    }
  }

  private Device(String name, gx_device pointer) {
    this.name = name;
    handle = new Handle(pointer);
    cleanable = NativeHandle.CLEANER.register(this, handle);
    int[] backend = new int[1];
    Status.check(Abi.gx_device_get_backend(pointer, backend), pointer, 0);
    gpu = backend[0] == Abi.GX_BACKEND_CUDA;
  }

  /** The CPU with the default number of threads. */
  public static Device cpu() {
    return cpu(0);
  }

  /** The CPU with {@code threads} threads, 0 for the default. */
  public static Device cpu(int threads) {
    NativeLibrary.load();
    int count = threads == 0 ? (int) property(THREADS_PROPERTY) : threads;
    gx_device pointer = new gx_device();
    Status.check(Abi.gx_device_create_cpu(count, pointer), null, 0);
    return limited(new Device("cpu", pointer));
  }

  private static Device limited(Device device) {
    long limit = property(MEMORY_LIMIT_PROPERTY);
    if (limit != 0) {
      device.setMemoryLimit(limit);
    }
    return device;
  }

  /**
   * GPU {@code ordinal}, in its primary context, with a stream of its own.
   *
   * @throws UnsupportedOperationException that says why where there is no GPU to compute on; see
   *     {@link Cuda}
   */
  public static Device cuda(int ordinal) {
    return cuda(ordinal, 0);
  }

  /**
   * The same with the caller's stream, which outlives the device.
   *
   * @param stream a CUstream of the GPU's primary context, 0 for a stream of the device's own
   */
  public static Device cuda(int ordinal, long stream) {
    Cuda.load();
    gx_device pointer = new gx_device();
    Pointer given = stream == 0 ? null : new NativeAddress(stream);
    Status.check(Abi.gx_device_create_cuda(ordinal, given, pointer), null, 0);
    return limited(new Device("cuda:" + ordinal, pointer));
  }

  /** "cpu", "cuda" for the first GPU, or "cuda:1" and so on. */
  public static Device of(String name) {
    if (name.equals("cpu")) {
      return cpu();
    }
    if (name.matches("cuda(:[0-9]{1,4})?")) {
      return cuda(name.equals("cuda") ? 0 : Integer.parseInt(name.substring(5)));
    }
    throw new IllegalArgumentException("expected a device cpu, cuda or cuda:N, got " + name);
  }

  private static long property(String name) {
    String value = System.getProperty(name, "0");
    try {
      return Long.parseLong(value.trim());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected a whole number in -D" + name + ", got \"" + value + "\"");
    }
  }

  Handle handle() {
    return handle;
  }

  /** "cpu" or "cuda:0". */
  public String name() {
    return name;
  }

  public boolean isGpu() {
    return gpu;
  }

  /** Which GPU it is; 0 on a CPU. */
  public int ordinal() {
    return isGpu() ? Integer.parseInt(name.substring("cuda:".length())) : 0;
  }

  /** The CUstream that a GPU's work goes to; 0 on a CPU. */
  public long stream() {
    CallFrame frame = CallFrame.enter(this);
    try (PointerPointer<Pointer> stream = new PointerPointer<>(1)) {
      frame.check(Abi.gx_device_get_stream(frame.device(), stream));
      Pointer given = stream.get(0);
      return given == null ? 0 : given.address();
    } finally {
      frame.exit();
    }
  }

  /**
   * Waits for the work of a GPU's stream; a failure of it is thrown here or by another later call.
   * Reading a buffer waits by itself. On a CPU nothing is to be waited for.
   */
  public void synchronize() {
    CallFrame frame = CallFrame.enter(this);
    try {
      frame.check(Abi.gx_device_synchronize(frame.device()));
    } finally {
      frame.exit();
    }
  }

  /** How a GPU multiplies float32 matrices. */
  public enum Precision {
    /** True float32. */
    FP32,
    /** By tensor cores, factors rounded to 11 bits, sums in float32. */
    TF32,
    /** By tensor cores, factors rounded to 8 bits, sums in float32. */
    BF16
  }

  /** Of dense layers and convolutions from now on; a CPU knows FP32 alone. Returns this device. */
  public Device setPrecision(Precision precision) {
    CallFrame frame = CallFrame.enter(this);
    try {
      frame.check(Abi.gx_device_set_precision(frame.device(), precision.ordinal()));
      return this;
    } finally {
      frame.exit();
    }
  }

  public Precision precision() {
    CallFrame frame = CallFrame.enter(this);
    try {
      int[] precision = new int[1];
      frame.check(Abi.gx_device_get_precision(frame.device(), precision));
      return Precision.values()[precision[0]];
    } finally {
      frame.exit();
    }
  }

  public int threads() {
    CallFrame frame = CallFrame.enter(this);
    try {
      int[] threads = new int[1];
      frame.check(Abi.gx_device_get_threads(frame.device(), threads));
      return threads[0];
    } finally {
      frame.exit();
    }
  }

  /** Results never depend on the thread count. Returns this device. */
  public Device setThreads(int threads) {
    CallFrame frame = CallFrame.enter(this);
    try {
      frame.check(Abi.gx_device_set_threads(frame.device(), threads));
      return this;
    } finally {
      frame.exit();
    }
  }

  public Memory memory() {
    CallFrame frame = CallFrame.enter(this);
    try {
      return Status.memory(handle.pointer);
    } finally {
      frame.exit();
    }
  }

  /** Caps live buffers, workspace and cached blocks together; 0 = no cap. */
  public void setMemoryLimit(long bytes) {
    CallFrame frame = CallFrame.enter(this);
    try {
      frame.check(Abi.gx_device_set_memory_limit(frame.device(), bytes));
    } finally {
      frame.exit();
    }
  }

  /** Gives idle workspace and cached blocks back to the system. */
  public void trim() {
    CallFrame frame = CallFrame.enter(this);
    try {
      frame.check(Abi.gx_device_trim(frame.device()));
    } finally {
      frame.exit();
    }
  }

  /**
   * Zeroed memory, which the caller closes. Throws OutOfDeviceMemoryException when it does not fit.
   */
  public DeviceBuffer allocate(long bytes) {
    return allocate(bytes, true);
  }

  /**
   * As {@link #allocate}, but with whatever was there: for results that are written whole before
   * they are read.
   */
  public DeviceBuffer allocateUninitialized(long bytes) {
    return allocate(bytes, false);
  }

  private DeviceBuffer allocate(long bytes, boolean zeroed) {
    if (!handle.tryAcquire()) { // held until the buffer is free
      throw closedException();
    }
    NativeAddress pointer = new NativeAddress();
    try {
      int status =
          zeroed
              ? Abi.gx_alloc(handle.pointer, bytes, pointer)
              : Abi.gx_alloc_uninitialized(handle.pointer, bytes, pointer);
      Status.check(status, handle.pointer, bytes);
    } catch (RuntimeException | Error e) {
      handle.release();
      throw e;
    }
    handle.buffers.incrementAndGet();
    return new DeviceBuffer(this, bytes, pointer, true);
  }

  /**
   * Memory of the caller's on this device, which is not freed with the buffer and must outlive it.
   */
  public DeviceBuffer borrow(long address, long bytes) {
    if (address == 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "expected memory of 0 bytes or more, got %d at address %d".formatted(bytes, address));
    }
    if (!handle.tryAcquire()) {
      throw closedException();
    }
    handle.buffers.incrementAndGet();
    return new DeviceBuffer(this, bytes, new NativeAddress(address), false);
  }

  public boolean isClosed() {
    return handle.isClosed();
  }

  static IllegalStateException closedException() {
    return new IllegalStateException("expected an open device, got one that was closed");
  }

  /**
   * Frees the device; closing again does nothing. Throws IllegalStateException while buffers are
   * open.
   */
  @Override
  public void close() {
    long open = handle.buffers.get();
    if (open > 0 && !handle.isClosed()) {
      throw new IllegalStateException(
          "expected no open buffers when the device closes, got " + open);
    }
    cleanable.clean();
  }

  @Override
  public String toString() {
    return "Device[" + name() + (isClosed() ? ", closed]" : ", " + threads() + " threads]");
  }
}
