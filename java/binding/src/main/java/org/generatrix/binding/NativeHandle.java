// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;

/**
 * A native object with the number of calls that use it. Closing refuses new uses at once and frees
 * the object when the last running use ends, so that a close on one thread never pulls memory from
 * under a kernel on another.
 */
abstract class NativeHandle implements Runnable {
  /** Frees what was dropped without a close. */
  static final Cleaner CLEANER = Cleaner.create();

  private static final int CLOSED = Integer.MIN_VALUE;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(NativeHandle.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Uses that have not ended, plus the sign bit once closed. */
  private volatile int state;

  /** Begins a use; false if closed. */
  final boolean tryAcquire() {
    while (true) {
      int now = state;
      if (now < 0) {
        return false;
      }
      if (STATE.compareAndSet(this, now, now + 1)) {
        return true;
      }
    }
  }

  /** Ends a use. */
  final void release() {
    if ((int) STATE.getAndAdd(this, -1) == CLOSED + 1) {
      free();
    }
  }

  final boolean isClosed() {
    return state < 0;
  }

  /** Closes; the first call frees, now or when the last use ends. */
  final void close() {
    int before = (int) STATE.getAndBitwiseOr(this, CLOSED);
    if (before == 0) {
      free();
    }
  }

  /** The cleaner's action. */
  @Override
  public void run() {
    close();
  }

  /** Called once, when closed and unused. */
  abstract void free();
}
