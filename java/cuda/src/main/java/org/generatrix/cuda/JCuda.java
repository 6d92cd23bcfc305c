// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cuda;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import jcuda.NativePointerObject;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.generatrix.binding.Device;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.GeneratrixException;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * JCuda's objects for ours and ours for JCuda's.
 *
 * <pre>{@code
 * CUstream mine = new CUstream();
 * cuStreamCreate(mine, CU_STREAM_NON_BLOCKING);
 * try (Device device = JCuda.device(0, mine);
 *     Tensor x = JCuda.tensor(device, pointer, 64, 784)) {
 *   .. // kernels of both on one stream, on the same memory
 * }
 * }</pre>
 *
 * <p>Work of a stream is done in order; work of another stream that meets it needs an event.
 */
public final class JCuda {
  private static final VarHandle ADDRESS;
  private static final MethodHandle STREAM;

  static {
    try {
      MethodHandles.Lookup objects =
          MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup());
      ADDRESS = objects.findVarHandle(NativePointerObject.class, "nativePointer", long.class);
      STREAM =
          MethodHandles.privateLookupIn(CUstream.class, MethodHandles.lookup())
              .findConstructor(CUstream.class, MethodType.methodType(void.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private JCuda() {}

  /** A GPU's device whose work goes to the caller's stream, which outlives it. */
  public static Device device(int ordinal, CUstream stream) {
    return Device.cuda(ordinal, (long) ADDRESS.get(stream));
  }

  /** The stream of a GPU's device, which stays the device's. */
  public static CUstream stream(Device device) {
    requireGpu(device);
    try {
      return (CUstream) STREAM.invokeExact(device.stream());
    } catch (Throwable e) {
      throw new GeneratrixException("JCuda's CUstream cannot be made of an address", e);
    }
  }

  /** The primary context of a device's GPU, made the calling thread's current one. */
  public static CUcontext context(Device device) {
    requireGpu(device);
    check(JCudaDriver.cuInit(0), "start the driver");
    CUdevice gpu = new CUdevice();
    check(JCudaDriver.cuDeviceGet(gpu, device.ordinal()), "find the GPU");
    CUcontext context = new CUcontext();
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, gpu), "take the primary context");
    check(JCudaDriver.cuCtxSetCurrent(context), "enter the primary context");
    return context;
  }

  /** Where a tensor's elements begin; valid as long as the tensor is open. */
  public static CUdeviceptr pointer(Tensor tensor) {
    requireGpu(tensor.device());
    CUdeviceptr pointer = new CUdeviceptr();
    ADDRESS.set(
        pointer, tensor.buffer().address() + tensor.view().offset() * bytes(tensor.dtype()));
    return pointer;
  }

  /**
   * A float32 tensor in the caller's memory, which stays the caller's: to be kept until the tensor
   * is closed and its work is done.
   *
   * @param pointer of the primary context of the device's GPU
   */
  public static Tensor tensor(Device device, CUdeviceptr pointer, long... shape) {
    return tensor(device, pointer, DType.FLOAT32, shape);
  }

  public static Tensor tensor(Device device, CUdeviceptr pointer, DType dtype, long... shape) {
    requireGpu(device);
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    DeviceBuffer memory =
        device.borrow((long) ADDRESS.get(pointer), Math.multiplyExact(elements, bytes(dtype)));
    return Tensor.over(memory, dtype, shape);
  }

  private static long bytes(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> 4;
      case FLOAT64 -> 8;
      case BITS -> throw new IllegalArgumentException("expected FLOAT32 or FLOAT64, got BITS");
    };
  }

  static void requireGpu(Device device) {
    if (!device.isGpu()) {
      throw new IllegalArgumentException("expected a GPU's device, got " + device);
    }
  }

  static void check(int result, String what) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw new GeneratrixException(
          "CUDA could not " + what + ": " + CUresult.stringFor(result) + " (" + result + ")");
    }
  }
}
