// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cuda;

import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;

/**
 * Host memory that a GPU reads and writes by itself, at full speed and while the host goes on.
 * Whoever copies says when the copy is done: {@link Device#synchronize} or an event.
 */
public final class PinnedBuffer implements AutoCloseable {
  private final Device device;
  private final Pointer pointer = new Pointer();
  private final ByteBuffer bytes;
  private boolean closed;

  public PinnedBuffer(Device device, long size) {
    this.device = device;
    JCuda.context(device);
    JCuda.check(cuMemHostAlloc(pointer, size, 0), "allocate " + size + " bytes of pinned memory");
    bytes = pointer.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
  }

  /** The memory; not to be used once this is closed. */
  public ByteBuffer bytes() {
    requireOpen();
    return bytes;
  }

  /** Begins to copy from the buffer's start to all of a tensor. */
  public void copyTo(Tensor tensor) {
    long size = requireFits(tensor);
    JCuda.check(
        cuMemcpyHtoDAsync(JCuda.pointer(tensor), pointer, size, JCuda.stream(device)),
        "copy to the GPU");
    tensor.touch();
  }

  /** Begins to copy all of a tensor to the buffer's start. */
  public void copyFrom(Tensor tensor) {
    long size = requireFits(tensor);
    JCuda.check(
        cuMemcpyDtoHAsync(pointer, JCuda.pointer(tensor), size, JCuda.stream(device)),
        "copy from the GPU");
  }

  private long requireFits(Tensor tensor) {
    requireOpen();
    if (tensor.device() != device) {
      throw new IllegalArgumentException("expected a tensor of " + device + ", got " + tensor);
    }
    JCuda.context(device);
    long size = tensor.size() * tensor.dtype().format().elementBytes();
    if (size > bytes.capacity()) {
      throw new IllegalArgumentException(
          "expected a tensor of at most %d bytes, got %d".formatted(bytes.capacity(), size));
    }
    return size;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("expected open pinned memory, got some that was closed");
    }
  }

  /** Frees the memory once the device's work is done. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.synchronize();
      JCuda.check(cuMemFreeHost(pointer), "free pinned memory");
    }
  }
}
