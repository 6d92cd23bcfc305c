// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** The device's memory limit, or the machine's memory, is reached. */
public final class OutOfDeviceMemoryException extends GeneratrixException {
  private static final long serialVersionUID = 1L;

  /**
   * {@link #requested()} when it was a kernel's workspace that did not fit; the message says its
   * size.
   */
  public static final long WORKSPACE = -1;

  private final long requested;
  private final long live;
  private final long cached;
  private final long limit;

  OutOfDeviceMemoryException(String reason, long requested, Memory memory) {
    super(
        reason
            + "; close what is not needed, or raise the limit (Device.setMemoryLimit, -D"
            + Device.MEMORY_LIMIT_PROPERTY
            + ")");
    this.requested = requested;
    this.live = memory.live();
    this.cached = memory.cached();
    this.limit = memory.limit();
  }

  /** Bytes asked for, or {@link #WORKSPACE}. */
  public long requested() {
    return requested;
  }

  /** Bytes of live buffers when the request failed. */
  public long live() {
    return live;
  }

  /**
   * Bytes still kept of closed buffers; what could be given back was, before the request failed.
   */
  public long cached() {
    return cached;
  }

  /** The device's cap on live buffers, workspace and cached blocks together in bytes, 0 = none. */
  public long limit() {
    return limit;
  }
}
