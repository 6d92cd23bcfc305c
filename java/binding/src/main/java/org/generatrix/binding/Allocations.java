// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where device memory was allocated. Off by default, since every allocation then records a stack
 * trace; on with {@code -Dgeneratrix.leaks=true} or {@link #setTracking}.
 */
public final class Allocations {
  /** The system property that turns tracking on at the start. */
  public static final String PROPERTY = "generatrix.leaks";

  private static final int DROPPED_KEPT = 100;
  private static final System.Logger LOG = System.getLogger("org.generatrix");
  private static final Set<Site> LIVE = ConcurrentHashMap.newKeySet();
  private static final Deque<Site> DROPPED = new ArrayDeque<>();
  private static volatile boolean tracking = Boolean.getBoolean(PROPERTY);

  /**
   * One tracked buffer: its size in bytes and the stack of its allocation, innermost frame of the
   * caller first.
   */
  public static final class Site {
    private final long bytes;
    private final List<StackTraceElement> stack;

    private Site(long bytes, List<StackTraceElement> stack) {
      this.bytes = bytes;
      this.stack = stack;
    }

    public long bytes() {
      return bytes;
    }

    public List<StackTraceElement> stack() {
      return stack;
    }

    @Override
    public String toString() {
      return bytes + " bytes allocated at " + describe(stack);
    }
  }

  private Allocations() {}

  public static boolean isTracking() {
    return tracking;
  }

  /** Buffers allocated while off are never reported. */
  public static void setTracking(boolean on) {
    tracking = on;
  }

  /** Tracked buffers that are open now. */
  public static List<Site> live() {
    return List.copyOf(LIVE);
  }

  /**
   * Tracked buffers that were garbage collected without a close, the last {@value #DROPPED_KEPT} of
   * them.
   */
  public static List<Site> dropped() {
    synchronized (DROPPED) {
      return List.copyOf(DROPPED);
    }
  }

  /** Forgets {@link #dropped()}. */
  public static void clearDropped() {
    synchronized (DROPPED) {
      DROPPED.clear();
    }
  }

  /** Null while tracking is off. */
  static Site opened(long bytes) {
    if (!tracking) {
      return null;
    }
    Site site = new Site(bytes, callers());
    LIVE.add(site);
    return site;
  }

  static void freed(Site site, boolean dropped) {
    if (site == null) {
      return;
    }
    LIVE.remove(site);
    if (dropped) {
      synchronized (DROPPED) {
        if (DROPPED.size() == DROPPED_KEPT) {
          DROPPED.removeFirst();
        }
        DROPPED.addLast(site);
      }
      LOG.log(System.Logger.Level.WARNING, "a device buffer was dropped without a close: " + site);
    }
  }

  /** The stack above the binding. */
  static List<StackTraceElement> callers() {
    List<StackTraceElement> stack = new ArrayList<>();
    for (StackTraceElement frame : new Throwable().getStackTrace()) {
      if (!stack.isEmpty() || !isOurs(frame.getClassName())) {
        stack.add(frame);
      }
    }
    return List.copyOf(stack);
  }

  private static boolean isOurs(String name) {
    return name.equals(Allocations.class.getName())
        || name.equals(Device.class.getName())
        || name.equals(DeviceBuffer.class.getName());
  }

  /** The first frames of a stack, on one line. */
  static String describe(List<StackTraceElement> stack) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(stack.size(), 5); i++) {
      text.append(i == 0 ? "" : " <- ").append(stack.get(i));
    }
    return text.toString();
  }
}
