// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** A failure of the library that the caller's arguments did not cause. */
public class GeneratrixException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GeneratrixException(String message) {
    super(message);
  }

  public GeneratrixException(String message, Throwable cause) {
    super(message, cause);
  }
}
