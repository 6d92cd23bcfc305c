// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

/** What the process answers its caller. */
public final class ExitCode {
  /** Done. */
  public static final int OK = 0;

  /**
   * The command was understood but failed: a file is missing or malformed, the disk is full, memory
   * ran out.
   */
  public static final int FAILURE = 1;

  /** The command line is wrong: an unknown option, a value out of range. Nothing was started. */
  public static final int USAGE = 2;

  /** Stopped by Ctrl-C, with everything saved: 128 + SIGINT, as shells have it. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
