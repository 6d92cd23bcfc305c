// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C as a normal way to stop. A command that can stop in good order says so with {@link
 * #graceful}: from then on the signal is passed on to it, and the process ends when the command has
 * finished. Anywhere else the signal ends the process at once, after an optional last word. SIGTERM
 * and a closed terminal are treated the same.
 *
 * <p>It stands on a shutdown hook, the one portable way to see a signal: the JVM waits for the
 * hook, and the hook waits for the command.
 */
public final class Interrupt {
  private final CountDownLatch finished = new CountDownLatch(1);
  private boolean graceful;
  private boolean requested;
  private Runnable onSignal = () -> {};

  private Interrupt() {}

  /** An interrupt that nothing raises but {@link #request}. */
  static Interrupt manual() {
    return new Interrupt();
  }

  /** An interrupt that signals to this process raise. */
  static Interrupt onSignal() {
    Interrupt interrupt = new Interrupt();
    Runtime.getRuntime().addShutdownHook(new Thread(interrupt::shutdown, "interrupt"));
    return interrupt;
  }

  /**
   * From now on a signal calls {@code stop}, on another thread, and waits for the command; if there
   * was one already, at once.
   */
  public void graceful(Runnable stop) {
    boolean now;
    synchronized (this) {
      onSignal = stop;
      graceful = true;
      now = requested;
    }
    if (now) {
      stop.run();
    }
  }

  /**
   * From now on a signal calls {@code lastWord} and ends the process.
   *
   * @return false if there was a signal already; then nothing changes, and the command should end
   */
  public synchronized boolean immediate(Runnable lastWord) {
    if (requested) {
      return false;
    }
    onSignal = lastWord;
    graceful = false;
    return true;
  }

  /** What a signal does, short of ending the process. */
  void request() {
    Runnable call;
    synchronized (this) {
      requested = true;
      call = onSignal;
    }
    call.run();
  }

  /** The command has ended; nothing is left to wait for. */
  void finished() {
    finished.countDown();
  }

  private void shutdown() {
    if (finished.getCount() == 0) {
      return; // an ordinary exit
    }
    request();
    if (isGraceful()) {
      try {
        finished.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized boolean isGraceful() {
    return graceful;
  }
}
