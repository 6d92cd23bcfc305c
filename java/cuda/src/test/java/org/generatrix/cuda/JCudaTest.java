// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.generatrix.binding.Cuda;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** JCuda and the backend on one GPU. JCuda has no stand-in: without a GPU these are skipped. */
class JCudaTest {
  private static Device gpu() {
    String reason = Cuda.unavailable();
    Assumptions.assumeTrue(reason == null, reason);
    Assumptions.assumeTrue(!Cuda.gpus().get(0).emulated(), "the GPU is an emulated one");
    return Device.cuda(0);
  }

  @Test
  void aCpuHasNoStreamAndNoContext() {
    try (Device cpu = Device.cpu(1)) {
      assertThrows(IllegalArgumentException.class, () -> JCuda.stream(cpu));
      assertThrows(IllegalArgumentException.class, () -> JCuda.context(cpu));
    }
  }

  /**
   * The backend carries a CUDA runtime of its own, and JCuda another: memory of one is the other's,
   * since both are in the primary context.
   */
  @Test
  void bothRuntimesAreInThePrimaryContext() {
    try (Device device = gpu();
        Tensor x = Tensor.of(device, new float[] {1, 2, 3, 4}, 4)) {
      CUcontext context = JCuda.context(device);
      device.synchronize();
      float[] seen = new float[4];
      JCuda.check(
          JCudaDriver.cuMemcpyDtoH(jcuda.Pointer.to(seen), JCuda.pointer(x), 4 * Sizeof.FLOAT),
          "read ours by JCuda");
      assertArrayEquals(new float[] {1, 2, 3, 4}, seen);

      CUdeviceptr theirs = new CUdeviceptr();
      JCuda.check(JCudaDriver.cuMemAlloc(theirs, 4 * Sizeof.FLOAT), "allocate by JCuda");
      JCuda.check(
          JCudaDriver.cuMemcpyHtoD(
              theirs, jcuda.Pointer.to(new float[] {5, 6, 7, 8}), 4 * Sizeof.FLOAT),
          "write by JCuda");
      try (Tensor borrowed = JCuda.tensor(device, theirs, 2, 2)) {
        assertArrayEquals(new float[] {5, 6, 7, 8}, borrowed.toArray());
        borrowed.copyFrom(new float[] {1, 1, 2, 2});
        assertArrayEquals(new float[] {1, 1, 2, 2}, borrowed.toArray());
      }
      JCuda.check(JCudaDriver.cuMemFree(theirs), "free by JCuda"); // still the caller's
      CUcontext current = new CUcontext();
      JCuda.check(JCudaDriver.cuCtxGetCurrent(current), "tell the current context");
      assertEquals(context, current);
    }
  }

  @Test
  void aStreamOfTheCallersCarriesTheWork() {
    try (Device own = gpu()) {
      JCuda.context(own);
      CUstream mine = new CUstream();
      JCuda.check(
          JCudaDriver.cuStreamCreate(mine, CUstream_flags.CU_STREAM_NON_BLOCKING), "make a stream");
      try (Device device = JCuda.device(0, mine);
          Tensor x = Tensor.full(device, org.generatrix.tensor.DType.FLOAT32, 3, 5)) {
        assertEquals(mine, JCuda.stream(device));
        assertArrayEquals(new float[] {3, 3, 3, 3, 3}, x.toArray());
      }
      JCuda.check(JCudaDriver.cuStreamDestroy(mine), "free a stream"); // it was not ours to free
    }
  }

  @Test
  void pinnedMemoryAndEvents() {
    try (Device device = gpu();
        Tensor x = Tensor.zeros(device, 1 << 20);
        PinnedBuffer there = new PinnedBuffer(device, 4 << 20);
        PinnedBuffer back = new PinnedBuffer(device, 4 << 20);
        CudaEvent before = new CudaEvent(device);
        CudaEvent after = new CudaEvent(device)) {
      FloatBuffer floats = there.bytes().asFloatBuffer();
      for (int i = 0; i < 1 << 20; i++) {
        floats.put(i, i);
      }
      before.record();
      there.copyTo(x);
      back.copyFrom(x);
      after.record().synchronize();
      assertEquals(1 << 19, back.bytes().asFloatBuffer().get(1 << 19));
      assertTrue(after.millisecondsSince(before) > 0);
    }
  }
}
