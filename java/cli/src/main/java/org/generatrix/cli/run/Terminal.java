// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;

/** Whether a person watches, and how much of a line they see. */
public final class Terminal {
  private static final int DEFAULT_WIDTH = 80;

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
   * Whether a character survives on its way to standard error; without a locale, as in many
   * containers, few do.
   */
  static boolean shows(char c) {
    String encoding = System.getProperty("stderr.encoding", System.getProperty("native.encoding"));
    try {
      return encoding != null && Charset.forName(encoding).newEncoder().canEncode(c);
    } catch (IllegalArgumentException e) {
      return false; // a charset that Java does not know
    }
  }

  /** Columns of the terminal, 80 where they cannot be had. */
  static int width() {
    try {
      Process stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
      String[] size = new String(stty.getInputStream().readAllBytes(), US_ASCII).trim().split(" ");
      int columns = size.length == 2 ? Integer.parseInt(size[1]) : 0;
      return columns >= 20 ? columns : DEFAULT_WIDTH;
    } catch (IOException | NumberFormatException e) {
      return DEFAULT_WIDTH;
    }
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
