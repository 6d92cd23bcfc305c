// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Objects;

/**
 * Closes what it owns, last first. A scope is an ordinary object of one thread; nothing joins it
 * unasked.
 *
 * <pre>{@code
 * try (Scope scope = new Scope()) {
 *   Tensor p = scope.own(rbm.hiddenProbabilities(v));
 *   Tensor result = scope.own(p.toBits(0.5f));
 *   return scope.release(result);
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private boolean closed;

  /**
   * Takes over {@code resource} and returns it. A closed scope closes it at once and throws
   * IllegalStateException.
   */
  public <T extends AutoCloseable> T own(T resource) {
    Objects.requireNonNull(resource, "resource");
    if (closed) {
      IllegalStateException e =
          new IllegalStateException("expected an open scope, got a closed one");
      closeInto(resource, e);
      throw e;
    }
    owned.push(resource);
    return resource;
  }

  /**
   * Gives {@code resource} back to the caller, who closes it. Throws IllegalArgumentException if it
   * is not owned here.
   */
  public <T extends AutoCloseable> T release(T resource) {
    for (Iterator<AutoCloseable> i = owned.iterator(); i.hasNext(); ) {
      if (i.next() == resource) {
        i.remove();
        return resource;
      }
    }
    throw new IllegalArgumentException("expected a resource of this scope, got " + resource);
  }

  /**
   * Closes everything, whatever fails; the first failure is thrown with the others suppressed in
   * it.
   */
  @Override
  public void close() {
    closed = true;
    RuntimeException failure = null;
    while (!owned.isEmpty()) {
      failure = closeInto(owned.pop(), failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException closeInto(AutoCloseable resource, RuntimeException failure) {
    try {
      resource.close();
      return failure;
    } catch (Exception e) {
      RuntimeException mine =
          e instanceof RuntimeException ? (RuntimeException) e : new IllegalStateException(e);
      if (failure == null) {
        return mine;
      }
      failure.addSuppressed(mine);
      return failure;
    }
  }
}
