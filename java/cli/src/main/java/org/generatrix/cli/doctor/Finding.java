// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.doctor;

/**
 * One line of the doctor's answer.
 *
 * @param level how it bears on computing here
 * @param subject what was looked at, one or two words
 * @param text what was found
 * @param hint what would mend it, or null when nothing needs mending
 */
public record Finding(Level level, String subject, String text, String hint) {
  public enum Level {
    /** As it should be. */
    OK,
    /** Works, but slower or smaller than it could. */
    WARN,
    /** Not there, and not needed. */
    NONE,
    /** Nothing can be computed until this is mended. */
    FAIL
  }

  static Finding ok(String subject, String text) {
    return new Finding(Level.OK, subject, text, null);
  }
}
