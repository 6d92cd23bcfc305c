// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBarConsumer;

/**
 * Draws a progress bar over itself on the last line of a terminal. Given its width it needs no
 * terminal library; those take over the signals of the process, and Ctrl-C would no longer be a
 * normal way to stop.
 */
final class BarLine implements ProgressBarConsumer {
  private static final String CLEAR_REST = "\033[K";

  private final PrintStream out;
  private final int width;
  private boolean quiet;

  BarLine(PrintStream out, int width) {
    this.out = out;
    this.width = width;
  }

  @Override
  public int getMaxRenderedLength() {
    return width;
  }

  @Override
  public synchronized void accept(String rendered) {
    if (!quiet) {
      out.print('\r' + rendered + CLEAR_REST);
      out.flush();
    }
  }

  @Override
  public synchronized void close() {
    if (!quiet) {
      out.println();
    }
    quiet = true;
  }

  /** Leaves the bar as it stands and the cursor below it. */
  synchronized void quiet() {
    close();
  }
}
