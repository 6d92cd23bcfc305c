// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them; the same on every locale. */
public final class Text {
  private Text() {}

  /** "0.4 s", "21 s", "3 min 05 s", "2 h 10 min". */
  public static String duration(double seconds) {
    if (!(seconds >= 0)) {
      return "?";
    }
    if (seconds < 9.95) {
      return format("%.1f s", seconds);
    }
    Duration time = Duration.ofSeconds(Math.round(seconds));
    if (time.toHours() > 0) {
      return format("%d h %02d min", time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? format("%d min %02d s", time.toMinutes(), time.toSecondsPart())
        : format("%d s", time.toSeconds());
  }

  /** "1,234,567". */
  public static String count(long n) {
    return format("%,d", n);
  }

  /** "12.3 kB", "4.0 MB": powers of 1000. */
  public static String bytes(long bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double size = bytes;
    int unit = 0;
    while (size >= 1000 && unit < units.length - 1) {
      size /= 1000;
      unit++;
    }
    return unit == 0 ? bytes + " B" : format("%.1f %s", size, units[unit]);
  }

  /** A rate, a cost or a size of weights: at most four significant digits, no trailing zeros. */
  public static String number(double x) {
    if (x == Math.rint(x) && Math.abs(x) < 1e6) {
      return Long.toString((long) x);
    }
    String text = Math.abs(x) >= 1e-5 && Math.abs(x) < 1e6 ? significant(x) : format("%.3e", x);
    return text;
  }

  /** Nats with two decimals; infinities by name. */
  public static String nats(double x) {
    if (Double.isNaN(x)) {
      return "not measured";
    }
    return Double.isInfinite(x) ? (x > 0 ? "infinity" : "-infinity") : format("%.2f", x);
  }

  public static String format(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }

  private static String significant(double x) {
    int decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(Math.abs(x))));
    String text = format("%." + decimals + "f", x);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }
}
