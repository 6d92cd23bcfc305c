// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import org.generatrix.binding.Device;

/** A point in the work of a GPU's stream: to time what lies between two, or to wait for. */
public final class CudaEvent implements AutoCloseable {
  private final CUevent event = new CUevent();
  private final Device device;

  /** A point that is not set yet. */
  public CudaEvent(Device device) {
    this.device = device;
    JCuda.context(device);
    JCuda.check(cuEventCreate(event, 0), "make an event");
  }

  /** Here: behind all the work that the device was given so far. */
  public CudaEvent record() {
    JCuda.context(device);
    JCuda.check(cuEventRecord(event, JCuda.stream(device)), "record an event");
    return this;
  }

  /** Waits on the host until the stream has come here. */
  public void synchronize() {
    JCuda.context(device);
    JCuda.check(cuEventSynchronize(event), "wait for an event");
  }

  /** Makes work that a stream is given from now on wait until this point is reached. */
  public void holdBack(CUstream stream) {
    JCuda.context(device);
    JCuda.check(cuStreamWaitEvent(stream, event, 0), "let a stream wait for an event");
  }

  /** Milliseconds from another point to this one, both reached. */
  public double millisecondsSince(CudaEvent earlier) {
    JCuda.context(device);
    float[] milliseconds = new float[1];
    JCuda.check(cuEventElapsedTime(milliseconds, earlier.event, event), "time two events");
    return milliseconds[0];
  }

  @Override
  public void close() {
    JCuda.check(cuEventDestroy(event), "free an event");
  }
}
