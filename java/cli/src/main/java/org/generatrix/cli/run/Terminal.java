// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.Console;

/** Whether a person watches. */
public final class Terminal {
  private Terminal() {}

  /**
   * True when output goes to a terminal that can redraw a line; false in pipes, files, CI and dumb
   * terminals.
   */
  public static boolean interactive() {
    String term = System.getenv("TERM");
    return isTerminal(System.console())
        && System.getenv("CI") == null
        && term != null
        && !term.equals("dumb");
  }

  /**
   * From Java 22 on a console exists without a terminal too, and says so itself; before, it meant a
   * terminal.
   */
  private static boolean isTerminal(Console console) {
    if (console == null) {
      return false;
    }
    try {
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
